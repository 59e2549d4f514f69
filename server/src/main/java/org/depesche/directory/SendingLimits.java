package org.depesche.directory;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What somebody may send, where that is said for him alone. What is empty is as for all others.
///
/// @param messages how many messages in a time
/// @param recipients how many recipients in a time
/// @param octets how much content in a time
/// @param sessions how many sessions at once
/// @param messageSize octets of one message
public record SendingLimits(
    Optional<Amount> messages,
    Optional<Amount> recipients,
    Optional<Amount> octets,
    OptionalInt sessions,
    OptionalLong messageSize) {

  /// As for all others.
  public static final SendingLimits NONE =
      new SendingLimits(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalLong.empty());

  /// So many in a time.
  public record Amount(long most, Duration per) {

    /// What the configuration can say; sums of milliseconds stay far from overflow.
    public static final Duration LONGEST = Duration.ofDays(999_999_999);

    public Amount {
      if (most <= 0 || per.toSeconds() <= 0 || per.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            "an amount is above zero, in a time of 1 to " + LONGEST.toSeconds() + " seconds");
      }
    }
  }

  /// The same with another limit of messages.
  public SendingLimits withMessages(Optional<Amount> changed) {
    return new SendingLimits(changed, recipients, octets, sessions, messageSize);
  }

  /// The same with another limit of recipients.
  public SendingLimits withRecipients(Optional<Amount> changed) {
    return new SendingLimits(messages, changed, octets, sessions, messageSize);
  }

  /// The same with another limit of content.
  public SendingLimits withOctets(Optional<Amount> changed) {
    return new SendingLimits(messages, recipients, changed, sessions, messageSize);
  }

  /// The same with another limit of sessions.
  public SendingLimits withSessions(OptionalInt changed) {
    return new SendingLimits(messages, recipients, octets, changed, messageSize);
  }

  /// The same with another limit of a message, in octets.
  public SendingLimits withMessageSize(OptionalLong changed) {
    return new SendingLimits(messages, recipients, octets, sessions, changed);
  }
}
