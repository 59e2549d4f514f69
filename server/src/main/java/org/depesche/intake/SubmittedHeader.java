package org.depesche.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.depesche.directory.Account;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Reply;

/// What a submission server does to the header of a message, and nothing else (RFC 6409 §8): Date,
/// Message-ID and From are added where they are missing, Sender where RFC 5322 §3.6.2 wants one,
/// Bcc is taken out, and addresses without a domain get one where that is wanted. Looks whether the
/// author is somebody the account may send as.
final class SubmittedHeader {

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH);

  /// Fields with addresses (RFC 5322 §3.6.2, §3.6.3, §3.6.6).
  private static final Set<String> WITH_ADDRESSES =
      Set.of(
          "from",
          "sender",
          "reply-to",
          "to",
          "cc",
          "resent-from",
          "resent-sender",
          "resent-to",
          "resent-cc");

  private static final int LONGEST_REASON = 1000;

  /// One field as it stands, with its folds and line ends; bytes as Latin-1.
  private record Field(String name, String text) {

    /// Unfolded.
    String value() {
      String unfolded = text.substring(text.indexOf(':') + 1).replaceAll("\r\n(?=[ \t])", "");
      return new String(unfolded.getBytes(ISO_8859_1), UTF_8).strip();
    }
  }

  /// How it came out.
  sealed interface Outcome {}

  /// @param bytes the fields, and what came behind them
  record Edited(byte[] bytes) implements Outcome {}

  /// @param reason for the log
  record Refused(Reply reply, String reason) implements Outcome {}

  /// Whom an account may send as.
  interface SenderRule {

    /// Whether it may send as this address.
    ///
    /// @throws UnavailableException when it cannot be said now
    boolean allows(Mailbox sender) throws UnavailableException;
  }

  private final Account account;
  private final SenderRule mayBeFrom;
  private final Optional<Domain> completing;
  private final String id;
  private final String hostname;
  private final ZonedDateTime now;

  /// @param mayBeFrom whom the account may send as
  /// @param completing domain of addresses that have none; empty to leave them so
  /// @param id names the message here
  SubmittedHeader(
      Account account,
      SenderRule mayBeFrom,
      Optional<Domain> completing,
      String id,
      String hostname,
      ZonedDateTime now) {
    this.account = account;
    this.mayBeFrom = mayBeFrom;
    this.completing = completing;
    this.id = id;
    this.hostname = hostname;
    this.now = now;
  }

  /// @param start of the message: its header, and perhaps more
  Outcome edit(byte[] start) {
    String text = new String(start, ISO_8859_1);
    List<Field> fields = new ArrayList<>();
    int end = split(text, fields);
    if (standsAlone(text, end)) {
      return new Refused(
          Reply.of(550, "5.6.0", "A line of the header does not end in CRLF"),
          "CR, LF or NUL alone in the header");
    }
    String rest = text.substring(end);
    completing.ifPresent(domain -> fields.replaceAll(field -> completed(field, domain)));
    Optional<Refused> refusal = authors(fields);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    StringBuilder edited = new StringBuilder(text.length() + 256);
    fields.stream()
        .filter(field -> !field.name().equals("bcc") && !field.name().equals("resent-bcc"))
        .forEach(field -> edited.append(field.text()));
    added(fields).forEach(line -> edited.append(line).append("\r\n"));
    // A message that begins with its body, or has no body at all.
    String gap = rest.isEmpty() || rest.startsWith("\r\n") ? "" : "\r\n";
    return new Edited((edited + gap + rest).getBytes(ISO_8859_1));
  }

  /// RFC 5322 §2.2: CR and LF stand together in a header, and only there. BODY=BINARYMIME lets any
  /// octet come (RFC 3030 §3), but a program that takes LF alone for the end of a line would find
  /// another author where no field has been looked at.
  private static boolean standsAlone(String text, int end) {
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (c == '\0'
          || c == '\n' && (i == 0 || text.charAt(i - 1) != '\r')
          || c == '\r' && !text.startsWith("\n", i + 1)) {
        return true;
      }
    }
    return false;
  }

  /// RFC 6409 §4.2: all domains in address header fields are fully qualified.
  private static Field completed(Field field, Domain domain) {
    if (!WITH_ADDRESSES.contains(field.name())) {
      return field;
    }
    int colon = field.text().indexOf(':') + 1;
    return new Field(
        field.name(),
        field.text().substring(0, colon)
            + AddressList.completed(field.text().substring(colon), domain));
  }

  /// Takes the header apart; answers where it ends.
  private static int split(String text, List<Field> fields) {
    int at = 0;
    while (at < text.length() && !text.startsWith("\r\n", at)) {
      int end = lineEnd(text, at);
      while (end < text.length() && (text.charAt(end) == ' ' || text.charAt(end) == '\t')) {
        end = lineEnd(text, end);
      }
      String field = text.substring(at, end);
      int colon = field.indexOf(':');
      String name = colon < 0 ? "" : field.substring(0, colon).strip().toLowerCase(Locale.ROOT);
      if (!name.matches("[!-9;-~]+")) {
        // Not a field: the body has begun without an empty line before it.
        return at;
      }
      fields.add(new Field(name, field.endsWith("\r\n") ? field : field + "\r\n"));
      at = end;
    }
    return at;
  }

  private static int lineEnd(String text, int from) {
    int end = text.indexOf("\r\n", from);
    return end < 0 ? text.length() : end + 2;
  }

  private Optional<Refused> authors(List<Field> fields) {
    List<Field> from = fields.stream().filter(field -> field.name().equals("from")).toList();
    if (from.size() > 1) {
      return refused("5.6.0", "More than one From field", from.size() + " From fields");
    }
    for (Field field : from) {
      Optional<List<Mailbox>> authors = AddressList.parse(field.value());
      if (authors.isEmpty() || authors.get().isEmpty()) {
        // What is wrong may be as long as a header; it waits with other events to be written.
        String value = field.value();
        return refused(
            "5.6.0",
            "Cannot read the From field",
            "From: " + value.substring(0, Math.min(LONGEST_REASON, value.length())));
      }
      // Each is asked about once, however often it is named: the answer may come from elsewhere.
      for (Mailbox author : new LinkedHashSet<>(authors.get())) {
        Optional<Refused> refusal = author(author);
        if (refusal.isPresent()) {
          return refusal;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Refused> author(Mailbox author) {
    try {
      return mayBeFrom.allows(author)
          ? Optional.empty()
          : refused(
              "5.7.1",
              "You may not send as " + author.wire(),
              account.address() + " may not send as " + author + ", which is in From");
    } catch (UnavailableException e) {
      return Optional.of(
          new Refused(
              Reply.of(451, "4.3.0", "Cannot check your addresses now, try again later"),
              String.valueOf(e.getMessage())));
    }
  }

  private static Optional<Refused> refused(String status, String text, String reason) {
    return Optional.of(new Refused(Reply.of(550, status, text), reason));
  }

  private List<String> added(List<Field> fields) {
    List<String> lines = new ArrayList<>();
    if (lacks(fields, "from")) {
      lines.add("From: <" + utf8(account.address().wire()) + ">");
    }
    boolean several =
        fields.stream()
            .filter(field -> field.name().equals("from"))
            .anyMatch(field -> AddressList.parse(field.value()).orElse(List.of()).size() > 1);
    // RFC 6409 §8.1, RFC 5322 §3.6.2
    if (several && lacks(fields, "sender")) {
      lines.add("Sender: <" + utf8(account.address().wire()) + ">");
    }
    // RFC 6409 §8.2
    if (lacks(fields, "date")) {
      lines.add("Date: " + DATE.format(now));
    }
    // RFC 6409 §8.3
    if (lacks(fields, "message-id")) {
      lines.add("Message-ID: <" + id + "@" + hostname + ">");
    }
    return lines;
  }

  private static boolean lacks(List<Field> fields, String name) {
    return fields.stream().noneMatch(field -> field.name().equals(name));
  }

  private static String utf8(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }
}
