package org.depesche.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.depesche.mail.EnvelopeId;

/// A row of a message's timeline: every event about a message but its acceptance, in one shape.
///
/// @param place where to, or by whom; depends on the kind, as does `detail`
/// @param until `Instant.MAX` for never, and where it has no meaning
record HistoryEntry(
    Kind kind,
    Instant at,
    EnvelopeId eid,
    String rcpt,
    String place,
    String detail,
    int attempt,
    Instant until,
    Duration delay,
    Duration took) {

  /// What an entry is about. The codes are on disk for good.
  enum Kind {
    ROUTED(1),
    DELIVERED(2),
    WAITING(3),
    FAILED(4),
    SETTLED(5),
    OPERATED(6);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }

    /// @throws IllegalArgumentException when no kind has this code
    static Kind of(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalArgumentException("unknown kind of entry: " + code);
    }
  }

  private static final Duration NONE = Duration.ZERO;

  /// The event as an entry; empty when it is no part of a timeline, or is its head.
  static Optional<HistoryEntry> of(MailEvent event) {
    return switch (event) {
      case MailEvent.Routed e ->
          Optional.of(
              new HistoryEntry(
                  Kind.ROUTED,
                  e.at(),
                  e.eid(),
                  e.rcpt(),
                  e.route(),
                  "",
                  0,
                  Instant.MAX,
                  NONE,
                  NONE));
      case MailEvent.Delivered e ->
          Optional.of(
              new HistoryEntry(
                  Kind.DELIVERED,
                  e.at(),
                  e.eid(),
                  e.rcpt(),
                  e.to(),
                  e.reply(),
                  e.attempt(),
                  Instant.MAX,
                  e.delay(),
                  e.took()));
      case MailEvent.Waiting e ->
          Optional.of(
              new HistoryEntry(
                  Kind.WAITING,
                  e.at(),
                  e.eid(),
                  e.rcpt(),
                  e.binds(),
                  e.reason(),
                  e.attempt(),
                  e.until(),
                  NONE,
                  NONE));
      case MailEvent.Failed e ->
          Optional.of(
              new HistoryEntry(
                  Kind.FAILED,
                  e.at(),
                  e.eid(),
                  e.rcpt(),
                  "",
                  e.reason(),
                  e.attempt(),
                  Instant.MAX,
                  e.delay(),
                  NONE));
      case MailEvent.Settled e ->
          Optional.of(
              new HistoryEntry(
                  Kind.SETTLED, e.at(), e.eid(), "", "", "", 0, Instant.MAX, e.delay(), NONE));
      case MailEvent.Operated e ->
          subject(e)
              .map(
                  eid ->
                      new HistoryEntry(
                          Kind.OPERATED,
                          e.at(),
                          eid,
                          "",
                          e.who(),
                          e.action(),
                          0,
                          Instant.MAX,
                          NONE,
                          NONE));
      case MailEvent.Accepted _, MailEvent.Refused _, MailEvent.SessionEnded _, MailEvent.Noted _ ->
          Optional.empty();
    };
  }

  /// The event this was made of.
  MailEvent event() {
    return switch (kind) {
      case ROUTED -> new MailEvent.Routed(at, eid, rcpt, place);
      case DELIVERED -> new MailEvent.Delivered(at, eid, rcpt, place, attempt, delay, took, detail);
      case WAITING -> new MailEvent.Waiting(at, eid, rcpt, place, detail, attempt, until);
      case FAILED -> new MailEvent.Failed(at, eid, rcpt, attempt, delay, detail);
      case SETTLED -> new MailEvent.Settled(at, eid, delay);
      case OPERATED -> new MailEvent.Operated(at, place, detail, eid.toString());
    };
  }

  /// The message an operator's action was about, if it was about one.
  private static Optional<EnvelopeId> subject(MailEvent.Operated event) {
    try {
      return Optional.of(EnvelopeId.parse(event.subject()));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
