package org.depesche.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Reply;

/// Something that happened to mail. The closed list of events; mail log, history and metrics are
/// made from these and nothing else.
public sealed interface MailEvent {

  Instant at();

  /// The event's name in logs, metrics and answers of the API.
  default String name() {
    return switch (this) {
      case Refused _ -> "refused";
      case Accepted _ -> "accepted";
      case Routed _ -> "routed";
      case Delivered _ -> "delivered";
      case Waiting _ -> "waiting";
      case Failed _ -> "failed";
      case Settled _ -> "settled";
      case InDoubt _ -> "in-doubt";
      case SessionEnded _ -> "session-ended";
      case LoggedIn _ -> "logged-in";
      case Operated _ -> "operated";
      case Noted _ -> "noted";
    };
  }

  /// Something was refused to a client.
  ///
  /// @param sid the session
  /// @param client the peer's address
  /// @param command what was refused: CONNECT, EHLO, MAIL, RCPT, DATA, ... or the verb as received
  /// @param from the reverse path, empty before MAIL
  /// @param to the recipient it is about, empty where it is about none
  /// @param reply what the peer was told
  /// @param reason why, for the operator
  record Refused(
      Instant at,
      String sid,
      String client,
      String helo,
      String command,
      String from,
      String to,
      Reply reply,
      String reason)
      implements MailEvent {}

  /// A message was acknowledged.
  ///
  /// @param protocol the `with` clause of its Received field
  /// @param from the reverse path, empty for the null path
  /// @param took from the first byte of content to durable
  record Accepted(
      Instant at,
      EnvelopeId eid,
      String sid,
      String client,
      String helo,
      String protocol,
      String from,
      List<String> to,
      long sizeBytes,
      Duration took)
      implements MailEvent {}

  /// It was decided where a recipient goes, for the first time or anew.
  ///
  /// @param rcpt the recipient as accepted
  /// @param route where it goes: `local alice@example.org`
  record Routed(Instant at, EnvelopeId eid, String rcpt, String route) implements MailEvent {}

  /// A recipient reached its goal.
  ///
  /// @param to where: the mailbox or the remote host
  /// @param attempt number of the attempt, from 1
  /// @param delay since the message was accepted
  /// @param took the attempt itself
  record Delivered(
      Instant at,
      EnvelopeId eid,
      String rcpt,
      String to,
      int attempt,
      Duration delay,
      Duration took,
      String reply)
      implements MailEvent {}

  /// A recipient has to wait.
  ///
  /// @param binds what it waits for: `retry`, `hold`, `shutdown`, ...
  /// @param reason what happened
  /// @param attempt number of the attempt that failed; 0 when none was made
  /// @param until when it goes on; `Instant.MAX` when only somebody's order can end the wait
  record Waiting(
      Instant at,
      EnvelopeId eid,
      String rcpt,
      String binds,
      String reason,
      int attempt,
      Instant until)
      implements MailEvent {

    /// True when no moment is set at which it goes on.
    public boolean isOpenEnded() {
      return until.equals(Instant.MAX);
    }
  }

  /// A recipient was given up.
  record Failed(Instant at, EnvelopeId eid, String rcpt, int attempt, Duration delay, String reason)
      implements MailEvent {}

  /// All recipients are final, the message has left the spool.
  record Settled(Instant at, EnvelopeId eid, Duration delay) implements MailEvent {}

  /// The server was ended while the message was on its way to a host and the answer was not on
  /// record. It is handed on again, so there may be two of it (RFC 1047).
  ///
  /// @param to the host
  record InDoubt(Instant at, EnvelopeId eid, String to) implements MailEvent {}

  /// A client has logged in.
  ///
  /// @param account as whom
  /// @param credential name of an application password; empty for the account's own
  /// @param mechanism such as `SCRAM-SHA-256`
  /// @param tls version and cipher; empty for none
  record LoggedIn(
      Instant at,
      String sid,
      String client,
      String account,
      String credential,
      String mechanism,
      String tls)
      implements MailEvent {}

  /// A session ended.
  record SessionEnded(
      Instant at, String sid, String client, String reason, int messages, Duration lasted)
      implements MailEvent {}

  /// Somebody did something by command or API.
  record Operated(Instant at, String who, String action, String subject) implements MailEvent {}

  /// The server itself: `started`, `reloaded`, `reload-refused`, `stopping`, `stopped`, `disk-low`,
  /// `damaged`, ...
  record Noted(Instant at, String what, String detail) implements MailEvent {}
}
