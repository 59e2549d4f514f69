package org.depesche.smtp.server;

import java.time.Duration;
import java.util.Optional;
import org.depesche.mail.Domain;
import org.depesche.smtp.AddressParser;

/// How sessions of one listener behave.
///
/// @param hostname our name in the greeting, and the domain of `<postmaster>`
/// @param listener names the listener, such as `mx`
/// @param maxMessageOctets largest message, announced by SIZE (RFC 1870)
/// @param maxRecipients per message; at least 100 (RFC 5321 §4.5.3.1.8)
/// @param maxMessages MAIL commands per session
/// @param maxErrors permanent refusals per session; an accepted message starts the count anew
/// @param maxIdleCommands commands per session that bring no message closer: NOOP, RSET, MAIL again
///   and again, and what is refused for now; an accepted message starts the count anew
/// @param maxSessions at the same time
/// @param commandTimeout how long to wait for a command; at least 5 minutes (RFC 5321 §4.5.3.2.7)
/// @param dataTimeout how long to wait for more of a message; at least 3 minutes (§4.5.3.2.5)
/// @param security TLS and logins
/// @param lmtp it speaks LMTP and not SMTP: LHLO, and an answer to the message for each recipient
///   (RFC 2033)
/// @param doorway what clients meet before their mail
/// @param completing domain of addresses in MAIL and RCPT that have none; empty to refuse such (RFC
///   6409 §4.2)
public record SessionSettings(
    Domain hostname,
    String listener,
    long maxMessageOctets,
    int maxRecipients,
    int maxMessages,
    int maxErrors,
    int maxIdleCommands,
    int maxSessions,
    Duration commandTimeout,
    Duration dataTimeout,
    Security security,
    boolean lmtp,
    Doorway doorway,
    Optional<Domain> completing) {

  /// 1 TiB: sums of sizes stay far from overflow.
  private static final long MAX_MESSAGE_OCTETS = 1L << 40;

  public SessionSettings {
    if (AddressParser.parseDomain(hostname.name(), false).isEmpty()) {
      throw new IllegalArgumentException("not a host name: " + hostname);
    }
    positive(maxMessageOctets, "maxMessageOctets");
    if (maxMessageOctets > MAX_MESSAGE_OCTETS) {
      throw new IllegalArgumentException("maxMessageOctets is beyond " + MAX_MESSAGE_OCTETS);
    }
    positive(maxRecipients, "maxRecipients");
    positive(maxMessages, "maxMessages");
    positive(maxErrors, "maxErrors");
    positive(maxIdleCommands, "maxIdleCommands");
    positive(maxSessions, "maxSessions");
    positive(commandTimeout.toMillis(), "commandTimeout");
    positive(dataTimeout.toMillis(), "dataTimeout");
  }

  private static void positive(long value, String name) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " is not positive: " + value);
    }
  }

  /// What a server on the Internet may use as it is.
  public static SessionSettings defaults(String hostname) {
    return new SessionSettings(
        new Domain(hostname),
        "mx",
        50L << 20,
        1000,
        1000,
        100,
        1000,
        10_000,
        Duration.ofMinutes(5),
        Duration.ofMinutes(3),
        Security.NONE,
        false,
        Doorway.OPEN,
        Optional.empty());
  }

  public SessionSettings withListener(String name) {
    return new SessionSettings(
        hostname,
        name,
        maxMessageOctets,
        maxRecipients,
        maxMessages,
        maxErrors,
        maxIdleCommands,
        maxSessions,
        commandTimeout,
        dataTimeout,
        security,
        lmtp,
        doorway,
        completing);
  }

  /// The same with other limits; see the components of the same names.
  public SessionSettings withLimits(
      long messageOctets, int recipients, int messages, int errors, int sessions) {
    return new SessionSettings(
        hostname,
        listener,
        messageOctets,
        recipients,
        messages,
        errors,
        maxIdleCommands,
        sessions,
        commandTimeout,
        dataTimeout,
        security,
        lmtp,
        doorway,
        completing);
  }

  /// The same with another bound for commands that bring no message closer.
  public SessionSettings withIdleCommands(int most) {
    return new SessionSettings(
        hostname,
        listener,
        maxMessageOctets,
        maxRecipients,
        maxMessages,
        maxErrors,
        most,
        maxSessions,
        commandTimeout,
        dataTimeout,
        security,
        lmtp,
        doorway,
        completing);
  }

  public SessionSettings withTimeouts(Duration command, Duration data) {
    return new SessionSettings(
        hostname,
        listener,
        maxMessageOctets,
        maxRecipients,
        maxMessages,
        maxErrors,
        maxIdleCommands,
        maxSessions,
        command,
        data,
        security,
        lmtp,
        doorway,
        completing);
  }

  public SessionSettings withSecurity(Security other) {
    return new SessionSettings(
        hostname,
        listener,
        maxMessageOctets,
        maxRecipients,
        maxMessages,
        maxErrors,
        maxIdleCommands,
        maxSessions,
        commandTimeout,
        dataTimeout,
        other,
        lmtp,
        doorway,
        completing);
  }

  /// The same for LMTP.
  public SessionSettings speakingLmtp() {
    return new SessionSettings(
        hostname,
        listener,
        maxMessageOctets,
        maxRecipients,
        maxMessages,
        maxErrors,
        maxIdleCommands,
        maxSessions,
        commandTimeout,
        dataTimeout,
        security,
        true,
        doorway,
        completing);
  }

  /// The same with another doorway.
  public SessionSettings withDoorway(Doorway other) {
    return new SessionSettings(
        hostname,
        listener,
        maxMessageOctets,
        maxRecipients,
        maxMessages,
        maxErrors,
        maxIdleCommands,
        maxSessions,
        commandTimeout,
        dataTimeout,
        security,
        lmtp,
        other,
        completing);
  }

  /// The same with addresses completed.
  public SessionSettings withCompleting(Optional<Domain> domain) {
    return new SessionSettings(
        hostname,
        listener,
        maxMessageOctets,
        maxRecipients,
        maxMessages,
        maxErrors,
        maxIdleCommands,
        maxSessions,
        commandTimeout,
        dataTimeout,
        security,
        lmtp,
        doorway,
        domain);
  }
}
