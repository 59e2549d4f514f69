package org.depesche.intake;

import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Supplier;
import org.depesche.directory.Account;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Envelope;
import org.depesche.mail.Reply;
import org.depesche.policy.ReceivePolicy;
import org.depesche.smtp.server.Client;
import org.depesche.smtp.server.Incoming;
import org.depesche.smtp.server.ReceiveException;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolWriter;
import org.depesche.telemetry.EventSink;

/// The one door into the spool: checks a message as a whole, puts the trace header on, commits.
public final class Intake {

  private final String hostname;
  private final Supplier<ZoneId> zone;
  private final ReceivePolicy policy;
  private final Spool spool;
  private final EventSink events;
  private final InstantSource clock;
  private volatile int receivedLines;
  private volatile SubmissionRules submissions = SubmissionRules.NONE;

  /// @param hostname our name in the trace header
  /// @param zone in which the trace header gives the time; asked for each, as to know it takes long
  ///   the first time
  /// @param receivedLines how many Received fields a message may have (RFC 5321 §6.3)
  public Intake(
      String hostname,
      Supplier<ZoneId> zone,
      int receivedLines,
      ReceivePolicy policy,
      Spool spool,
      EventSink events,
      InstantSource clock) {
    this.hostname = hostname;
    this.zone = zone;
    this.receivedLines = receivedLines;
    this.policy = policy;
    this.spool = spool;
    this.events = events;
    this.clock = clock;
  }

  /// Changes the limit for messages that begin from now on.
  public void receivedLines(int changed) {
    receivedLines = changed;
  }

  /// Begins a message.
  ///
  /// @throws SpoolException when none can be taken now
  /// @throws ReceiveException when it cannot be said now who the client is
  public Incoming begin(Client client, Envelope envelope) throws ReceiveException {
    Optional<Account> loggedIn;
    try {
      loggedIn = policy.account(client);
    } catch (UnavailableException e) {
      throw new ReceiveException(ReceivePolicy.ACCOUNT_UNAVAILABLE, String.valueOf(e.getMessage()));
    }
    SpoolWriter writer = spool.begin();
    Incoming message = new IncomingMessage(this, client, envelope, writer);
    return loggedIn
        .<Incoming>map(
            account ->
                new SubmittedMessage(
                    message,
                    new SubmittedHeader(
                        account,
                        sender -> policy.maySendAs(account, sender),
                        submissions.completing(),
                        writer.id().toString(),
                        hostname,
                        clock.instant().atZone(zone.get()))))
        .orElse(message);
  }

  /// Changes what is done to mail of those who have logged in.
  public void submissions(SubmissionRules changed) {
    submissions = changed;
  }

  boolean hidesClient() {
    return submissions.hidesClient();
  }

  ReceiveException refusal(SpoolException e) {
    Reply reply =
        switch (e.kind()) {
          case FULL -> Reply.of(452, "4.3.1", "Not enough storage, try again later");
          case SLOW, BROKEN ->
              Reply.of(451, "4.3.0", "The message could not be stored, try again later");
          case CLOSED -> Reply.of(421, "4.3.2", "Shutting down, try again later");
        };
    return new ReceiveException(reply, "spool " + e.kind() + ": " + e.getMessage());
  }

  String hostname() {
    return hostname;
  }

  ZoneId zone() {
    return zone.get();
  }

  int receivedLines() {
    return receivedLines;
  }

  ReceivePolicy policy() {
    return policy;
  }

  EventSink events() {
    return events;
  }

  InstantSource clock() {
    return clock;
  }
}
