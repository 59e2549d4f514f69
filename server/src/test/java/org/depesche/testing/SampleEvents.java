package org.depesche.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Reply;
import org.depesche.telemetry.MailEvent;

/// One event of each kind, every field filled.
public final class SampleEvents {

  public static final Instant AT = Instant.parse("2026-11-23T09:05:07.042Z");
  public static final EnvelopeId EID = EnvelopeId.firstAt(AT.toEpochMilli());

  private static final Duration DELAY = Duration.ofMillis(1500);
  private static final Duration TOOK = Duration.ofMillis(12);

  private SampleEvents() {}

  public static List<MailEvent> all() {
    return List.of(
        new MailEvent.Accepted(
            AT,
            EID,
            "2s",
            "192.0.2.1",
            "client.example",
            "ESMTP",
            "a@example.org",
            List.of("b@example.net", "c@example.net"),
            10_240,
            TOOK),
        new MailEvent.Refused(
            AT,
            "2t",
            "192.0.2.1",
            "client.example",
            "RCPT",
            "a@example.org",
            "x@example.net",
            Reply.of(550, "5.1.1", "no such mailbox"),
            "unknown in domain example.net"),
        new MailEvent.Routed(AT, EID, "b@example.net", "local bob@example.net"),
        new MailEvent.Delivered(
            AT, EID, "b@example.net", "bob@example.net", 2, DELAY, TOOK, "stored"),
        new MailEvent.Waiting(
            AT, EID, "c@example.net", "retry", "disk full", 1, AT.plusSeconds(60)),
        new MailEvent.Failed(AT, EID, "c@example.net", 9, Duration.ofDays(5), "too old"),
        new MailEvent.Settled(AT, EID, Duration.ofDays(5)),
        new MailEvent.InDoubt(AT, EID, "mx.example.net"),
        new MailEvent.LoggedIn(
            AT,
            "2s",
            "192.0.2.1",
            "alice@example.org",
            "printer",
            "PLAIN",
            "TLSv1.3 TLS_AES_128_GCM_SHA256"),
        new MailEvent.SessionEnded(AT, "2s", "192.0.2.1", "quit", 1, DELAY),
        new MailEvent.Operated(AT, "root", "release", EID.toString()),
        new MailEvent.Noted(AT, "reloaded", "depesche.toml"));
  }
}
