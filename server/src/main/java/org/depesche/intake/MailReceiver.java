package org.depesche.intake;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.depesche.limits.Allowances;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.depesche.policy.ReceivePolicy;
import org.depesche.smtp.server.Client;
import org.depesche.smtp.server.Incoming;
import org.depesche.smtp.server.ReceiveException;
import org.depesche.smtp.server.Receiver;
import org.depesche.spool.SpoolException;
import org.depesche.telemetry.MailEvent;

/// What stands behind an SMTP session of this server: asks the policy, hands content to the intake,
/// tells the event stream of every refusal.
public final class MailReceiver implements Receiver {

  private final ReceivePolicy policy;
  private final Intake intake;

  /// Sessions the policy has admitted and that have to be signed off.
  private final Set<String> admitted = ConcurrentHashMap.newKeySet();

  public MailReceiver(ReceivePolicy policy, Intake intake) {
    this.policy = policy;
    this.intake = intake;
  }

  @Override
  public Verdict connected(Client client) {
    Verdict verdict = told(policy.connected(client), client, "CONNECT", "", "");
    if (verdict instanceof Verdict.Accept) {
      admitted.add(client.sessionId());
    }
    return verdict;
  }

  @Override
  public Verdict replaced(Client before, Client now) {
    if (admitted.remove(before.sessionId())) {
      policy.left(before);
    }
    Verdict verdict = connected(now);
    if (verdict instanceof Verdict.Accept && !now.login().isEmpty()) {
      policy.loggedIn(now);
    }
    return verdict;
  }

  @Override
  public Verdict sender(Client client, Envelope envelope, long declaredSize) {
    Verdict verdict = policy.sender(client, envelope, declaredSize);
    if (verdict instanceof Verdict.Accept) {
      verdict = policy.charge(client, Allowances.Kind.MESSAGES, 1);
    }
    return told(verdict, client, "MAIL", envelope.sender().wire(), "");
  }

  @Override
  public void authenticated(Client client, String mechanism) {
    policy.loggedIn(client);
    intake
        .events()
        .emit(
            new MailEvent.LoggedIn(
                intake.clock().instant(),
                client.sessionId(),
                client.remote().getAddress().getHostAddress(),
                client.login(),
                client.credential(),
                mechanism,
                client.tlsWords().orElse("")));
  }

  @Override
  public void handshakeFailed(Client client, String reason) {
    note(
        "tls-failed",
        "session "
            + client.sessionId()
            + " from "
            + client.remote().getAddress().getHostAddress()
            + ": "
            + reason);
  }

  @Override
  public void proxyHeaderFailed(Client client, String reason) {
    note(
        "proxy-header-failed",
        "session "
            + client.sessionId()
            + " from "
            + client.remote().getAddress().getHostAddress()
            + ": "
            + reason);
  }

  @Override
  public Verdict recipient(Client client, Envelope envelope, Recipient recipient) {
    Verdict verdict =
        policy.recipient(
            client.remote().getAddress(), policy.hasShownItself(client), envelope, recipient);
    if (verdict instanceof Verdict.Accept) {
      verdict = policy.charge(client, Allowances.Kind.RECIPIENTS, 1);
    }
    return told(verdict, client, "RCPT", envelope.sender().wire(), recipient.address().wire());
  }

  @Override
  public Incoming begin(Client client, Envelope envelope) throws ReceiveException {
    try {
      return intake.begin(client, envelope);
    } catch (SpoolException e) {
      throw intake.refusal(e);
    }
  }

  @Override
  public void refused(Client client, String command, Reply reply, String reason) {
    tell(client, command, "", "", reply, reason);
  }

  @Override
  public void troubled(Client client, String call, RuntimeException cause) {
    note("broken", "session " + client.sessionId() + ", " + call + ": " + cause);
  }

  @Override
  public void acceptFailed(IOException cause) {
    note("accept-failed", String.valueOf(cause.getMessage()));
  }

  private void note(String what, String detail) {
    intake.events().emit(new MailEvent.Noted(intake.clock().instant(), what, detail));
  }

  @Override
  public void ended(Client client, String reason, int messages) {
    if (admitted.remove(client.sessionId())) {
      policy.left(client);
    }
    Instant now = intake.clock().instant();
    intake
        .events()
        .emit(
            new MailEvent.SessionEnded(
                now,
                client.sessionId(),
                client.remote().getAddress().getHostAddress(),
                reason,
                messages,
                Duration.between(client.connectedAt(), now)));
  }

  private Verdict told(Verdict verdict, Client client, String command, String from, String to) {
    if (verdict instanceof Verdict.Refuse(var reply, var reason)) {
      tell(client, command, from, to, reply, reason);
    }
    return verdict;
  }

  private void tell(
      Client client, String command, String from, String to, Reply reply, String reason) {
    intake
        .events()
        .emit(
            new MailEvent.Refused(
                intake.clock().instant(),
                client.sessionId(),
                client.remote().getAddress().getHostAddress(),
                client.helo(),
                command,
                from,
                to,
                reply,
                reason));
  }
}
