package org.depesche.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.depesche.app.Parts;
import org.depesche.config.DataSize;
import org.depesche.config.RateLimit;
import org.depesche.directory.SendingLimits;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How much may be sent, as options say it. What is not said stays as it is.
final class LimitOptions {

  /// Back to what all may.
  private static final String USUAL = "usual";

  @Option(
      names = "--messages",
      paramLabel = "AMOUNT/TIME",
      description = "How many messages it may send, such as 500/1h; usual for what all may.")
  private @Nullable String messages;

  @Option(
      names = "--recipients",
      paramLabel = "AMOUNT/TIME",
      description = "How many recipients it may send to, such as 2000/1d; usual for what all may.")
  private @Nullable String recipients;

  @Option(
      names = "--content",
      paramLabel = "SIZE/TIME",
      description = "How much content it may send, such as 1GiB/1d; usual for what all may.")
  private @Nullable String content;

  @Option(
      names = "--sessions",
      paramLabel = "NUMBER",
      description = "How many sessions it may have at once; usual for what all may.")
  private @Nullable String sessions;

  @Option(
      names = "--message-size",
      paramLabel = "SIZE",
      description = "How big a message may be, such as 10MiB; usual for what all may.")
  private @Nullable String messageSize;

  /// The limits with what the options change.
  SendingLimits changed(SendingLimits before) throws IOException {
    SendingLimits limits = before;
    if (messages != null) {
      limits = limits.withMessages(amount(messages));
    }
    if (recipients != null) {
      limits = limits.withRecipients(amount(recipients));
    }
    if (content != null) {
      limits = limits.withOctets(amount(content));
    }
    if (sessions != null) {
      limits = limits.withSessions(number(sessions));
    }
    if (messageSize != null) {
      limits = limits.withMessageSize(size(messageSize, USUAL));
    }
    return limits;
  }

  private static Optional<SendingLimits.Amount> amount(String text) throws IOException {
    if (text.equals(USUAL)) {
      return Optional.empty();
    }
    return Optional.of(
        RateLimit.parse(text)
            .map(Parts::amount)
            .orElseThrow(() -> new IOException("'" + text + "' is no amount such as 500/1h")));
  }

  private static OptionalInt number(String text) throws IOException {
    if (text.equals(USUAL)) {
      return OptionalInt.empty();
    }
    if (!text.matches("[1-9]\\d{0,6}")) {
      throw new IOException("'" + text + "' is no number of sessions");
    }
    return OptionalInt.of(Integer.parseInt(text));
  }

  /// A size; none for the word that says so.
  static OptionalLong size(String text, String none) throws IOException {
    if (text.equals(none)) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        DataSize.parse(text)
            .map(DataSize::bytes)
            .filter(octets -> octets > 0)
            .orElseThrow(() -> new IOException("'" + text + "' is no size such as 5GiB")));
  }

  /// The limits there are, for people and scripts.
  static Map<String, Object> row(SendingLimits limits) {
    Map<String, Object> row = new LinkedHashMap<>();
    limits.messages().ifPresent(amount -> row.put("messages", words(amount)));
    limits.recipients().ifPresent(amount -> row.put("recipients", words(amount)));
    limits.octets().ifPresent(amount -> row.put("content", words(amount)));
    limits.sessions().ifPresent(most -> row.put("sessions", most));
    limits.messageSize().ifPresent(octets -> row.put("message-size", Plain.size(octets)));
    return row;
  }

  /// As it is given to the option.
  private static String words(SendingLimits.Amount amount) {
    return new RateLimit(amount.most(), amount.per()).toString();
  }
}
