package org.depesche.intake;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.depesche.limits.Allowances;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.TlsWish;
import org.depesche.mail.Verdict;
import org.depesche.message.HeaderScanner;
import org.depesche.message.Hop;
import org.depesche.message.TraceHeaders;
import org.depesche.smtp.server.Client;
import org.depesche.smtp.server.Incoming;
import org.depesche.smtp.server.Receipt;
import org.depesche.smtp.server.ReceiveException;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolWriter;
import org.depesche.telemetry.MailEvent;

/// One message between DATA and its reply.
final class IncomingMessage implements Incoming {

  private final Intake intake;
  private final Client client;
  private final Envelope envelope;
  private final SpoolWriter writer;
  private final HeaderScanner header = new HeaderScanner();
  private final Instant begun;

  IncomingMessage(Intake intake, Client client, Envelope envelope, SpoolWriter writer) {
    this.intake = intake;
    this.client = client;
    this.envelope = envelope;
    this.writer = writer;
    this.begun = intake.clock().instant();
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws ReceiveException {
    header.write(bytes, offset, length);
    try {
      writer.write(bytes, offset, length);
    } catch (SpoolException e) {
      throw intake.refusal(e);
    }
  }

  @Override
  public Receipt finish() throws ReceiveException {
    header.end();
    // RFC 5321 §6.3: a large count of Received fields means a loop.
    if (header.received() > intake.receivedLines()) {
      return loop(header.received() + " Received fields, limits.received-lines allows fewer");
    }
    if (intake.policy().isLoop(envelope, header.deliveredTo())) {
      return loop("a Delivered-To field names a mailbox it is for");
    }
    if (intake.policy().fitsNowhere(envelope, writer.size())) {
      // RFC 1870 §6.1: 552; RFC 3463 §3.3: 5.2.2, mailbox full
      return refuse(
          Reply.of(552, "5.2.2", "The message is larger than the mailbox may be"),
          "larger than the quota of its recipient");
    }
    if (intake.policy().charge(client, Allowances.Kind.OCTETS, writer.size())
        instanceof Verdict.Refuse(var reply, var reason)) {
      return refuse(reply, reason);
    }
    Instant now = intake.clock().instant();
    String received = TraceHeaders.received(hop(now));
    try {
      writer.describe(tagged(), received, now);
      writer.commit();
    } catch (SpoolException e) {
      throw intake.refusal(e);
    }
    tellAccepted();
    return new Receipt.Accepted(Reply.of(250, "2.0.0", "Queued as " + writer.id()));
  }

  @Override
  public void abort() {
    writer.abort();
  }

  /// RFC 8689 §4.1: the header field counts where the parameter was not given.
  private Envelope tagged() {
    return envelope.tls() == TlsWish.UNSET && header.tlsNotRequired()
        ? envelope.withTls(TlsWish.NOT_REQUIRED)
        : envelope;
  }

  private Hop hop(Instant now) {
    List<Recipient> recipients = envelope.recipients();
    return new Hop(
        client.helo(),
        // A trace that names the sender's home is for those only who are not its users.
        client.login().isEmpty() || !intake.hidesClient()
            ? Optional.of(client.remote().getAddress())
            : Optional.empty(),
        intake.hostname(),
        client.protocol(),
        client.tlsWords(),
        writer.id().toString(),
        recipients.size() == 1 ? Optional.of(recipients.getFirst().address()) : Optional.empty(),
        now.atZone(intake.zone()));
  }

  private Receipt loop(String reason) {
    return refuse(Reply.of(554, "5.4.6", "This message is going in circles"), reason);
  }

  private Receipt refuse(Reply reply, String reason) {
    writer.abort();
    List<Recipient> recipients = envelope.recipients();
    intake
        .events()
        .emit(
            new MailEvent.Refused(
                intake.clock().instant(),
                client.sessionId(),
                client.remote().getAddress().getHostAddress(),
                client.helo(),
                "DATA",
                envelope.sender().wire(),
                recipients.size() == 1 ? recipients.getFirst().address().wire() : "",
                reply,
                reason));
    return new Receipt.Refused(reply, reason);
  }

  private void tellAccepted() {
    Instant now = intake.clock().instant();
    intake
        .events()
        .emit(
            new MailEvent.Accepted(
                now,
                writer.id(),
                client.sessionId(),
                client.remote().getAddress().getHostAddress(),
                client.helo(),
                client.protocol(),
                envelope.sender().wire(),
                envelope.recipients().stream().map(r -> r.address().wire()).toList(),
                writer.size(),
                Duration.between(begun, now)));
  }
}
