package org.depesche.delivery.smtp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.depesche.delivery.Cause;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Outcome.Handover;
import org.depesche.delivery.Scope;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.ReversePath;
import org.depesche.mail.TlsWish;
import org.depesche.routing.Leg;
import org.depesche.routing.RelayTarget;
import org.depesche.routing.Route;
import org.depesche.smtp.client.Answer;
import org.depesche.smtp.client.Capabilities;
import org.depesche.smtp.client.Capability;
import org.depesche.smtp.client.SendResult;
import org.depesche.spool.StoredMessage;
import org.jspecify.annotations.Nullable;

/// One attempt to deliver one message: which recipients have their outcome, and what the others
/// wait for. Used by one thread.
final class Delivery {

  /// RFC 8689 §4.2.1: REQUIRETLS support required.
  private static final EnhancedStatus NO_REQUIRETLS = EnhancedStatus.parse("5.7.30");

  private final DeliveryJob job;
  private final int recipientsPerMessage;
  private final ForwardedSender forwarding;
  private final @Nullable Outcome[] outcomes;
  private @Nullable Cause lastTrouble;
  private boolean allForGood = true;

  /// @param forwarding says who forwarded mail is from
  Delivery(DeliveryJob job, int recipientsPerMessage, ForwardedSender forwarding) {
    this.job = job;
    this.forwarding = forwarding;
    this.recipientsPerMessage = recipientsPerMessage;
    this.outcomes = new Outcome[job.legs().size()];
  }

  /// Whether the message goes to servers only that have shown who they are, and take it on with
  /// that wish. RFC 8689 §5: notifications are not held to it.
  boolean requiresTls() {
    Envelope accepted = job.message().envelope().envelope();
    return accepted.tls() == TlsWish.REQUIRED && !(accepted.sender() instanceof NullPath);
  }

  Route route() {
    return job.route();
  }

  /// Sends the message over a session to all who have no outcome yet, in as many transactions as it
  /// takes.
  ///
  /// @return true when all have their outcome; else another host should be asked
  boolean over(OpenSession session, Sessions sessions) {
    OpenSession used = session;
    while (used.client().isOpen()) {
      Map<Mailbox, List<Integer>> next = next(used.client().capabilities());
      if (next.isEmpty()) {
        sessions.done(route(), used);
        return true;
      }
      if (!transaction(used, next)) {
        used.client().close();
        return isComplete();
      }
      used = used.used(0);
    }
    used.client().close();
    return isComplete();
  }

  /// The next recipients by the address the server is told, each with the legs it stands for.
  private Map<Mailbox, List<Integer>> next(Capabilities server) {
    int most = Math.min(recipientsPerMessage, server.maxRecipients().orElse(Integer.MAX_VALUE));
    Map<Mailbox, List<Integer>> next = new LinkedHashMap<>();
    Optional<ReversePath> sender = Optional.empty();
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        Mailbox address = AsciiForm.of(job.legs().get(i).address(), server);
        ReversePath its = sender(job.legs().get(i));
        boolean fits = next.size() < most || next.containsKey(address);
        // One transaction has one sender.
        if (fits && sender.orElse(its).equals(its)) {
          sender = Optional.of(its);
          next.computeIfAbsent(address, _ -> new ArrayList<>(1)).add(i);
        }
      }
    }
    return next;
  }

  /// Who the message is from on this way.
  private ReversePath sender(Leg leg) {
    Envelope accepted = job.message().envelope().envelope();
    Mailbox recipient = accepted.recipients().get(leg.recipient()).address();
    return leg.address().equals(recipient)
        ? accepted.sender()
        : forwarding.sender(accepted.sender(), recipient, leg.address());
  }

  /// @return false when nothing more can be sent over the session
  private boolean transaction(OpenSession session, Map<Mailbox, List<Integer>> to) {
    StoredMessage message = job.message();
    Envelope accepted = message.envelope().envelope();
    Capabilities server = session.client().capabilities();
    ReversePath sender = sender(job.legs().get(to.values().iterator().next().getFirst()));
    List<Recipient> recipients = new ArrayList<>(to.size());
    to.forEach(
        (address, legs) -> {
          Leg leg = job.legs().get(legs.getFirst());
          Recipient recipient =
              AsciiForm.of(accepted.recipients().get(leg.recipient()), address, server);
          recipients.add(leg.oneOfSeveral() ? recipient.withoutSuccess() : recipient);
        });
    Envelope addressed =
        accepted.withRecipients(recipients).withSender(AsciiForm.of(sender, server));
    // What stays on this machine needs no TLS.
    boolean local = route() instanceof Route.Relay(RelayTarget.UnixSocket _);
    Envelope envelope = local ? addressed.withTls(TlsWish.UNSET) : addressed;
    Handover handover =
        server.offers(Capability.DSN) ? Handover.WISH_PASSED_ON : Handover.WISH_LOST;
    Runnable doubt = () -> job.doubt().begins(session.host());
    return switch (session.client().send(envelope, message.prefix(), message.content(), doubt)) {
      case SendResult.Answered(var answers, var change) ->
          answered(answers, to, new Verdicts.Host(session.host(), handover, session.notes(change)));
      case SendResult.Broken(var stage, var reason, var answers, var inDoubt) -> {
        boolean _ = answered(answers, to, new Verdicts.Host(session.host(), handover, ""));
        // RFC 3463 §3.5: X.4.2, bad connection.
        Cause cause =
            Verdicts.broken(
                "4.4.2",
                session.host(),
                session.host() + ", " + Sessions.words(stage) + ": " + reason);
        if (inDoubt) {
          // RFC 1047: the host may have it. To ask another one now would make a duplicate likely,
          // so this one is asked again later.
          rest(to, new Outcome.Deferred(Scope.MESSAGE, cause));
        } else {
          lastTrouble = cause;
          allForGood = false;
        }
        yield false;
      }
      case SendResult.Unsendable(var status, var reason) when status.equals(NO_REQUIRETLS) -> {
        // RFC 8689 §4.2.1: another host may.
        hostFailed(unsendable(status, reason, session.host()), true);
        session.client().quit();
        yield false;
      }
      case SendResult.Unsendable(var status, var reason) -> {
        Cause cause = unsendable(status, reason, session.host());
        rest(
            to,
            status.classDigit() == 4
                ? new Outcome.Deferred(Scope.MESSAGE, cause)
                : new Outcome.Failed(cause));
        yield session.client().isOpen();
      }
    };
  }

  private static Cause unsendable(EnhancedStatus status, String reason, String host) {
    return new Cause(status, host + ": " + reason, Optional.of(host), Optional.empty());
  }

  /// @return false when the host has had enough
  private boolean answered(
      List<Answer> answers, Map<Mailbox, List<Integer>> to, Verdicts.Host host) {
    boolean goOn = true;
    boolean some = answers.stream().anyMatch(Answer::accepted);
    for (Answer answer : answers) {
      if (some && Verdicts.isTooManyRecipients(answer)) {
        // RFC 5321 §4.5.3.1.10: those go into another transaction at once.
        continue;
      }
      if (Verdicts.isAboutHost(answer)) {
        lastTrouble = Verdicts.cause(answer.reply(), host.name(), answer.stage());
        allForGood = false;
        goOn = false;
      } else {
        Outcome outcome = Verdicts.of(answer, host);
        to.getOrDefault(answer.recipient().address(), List.of())
            .forEach(leg -> outcomes[leg] = outcome);
      }
    }
    return goOn;
  }

  private void rest(Map<Mailbox, List<Integer>> to, Outcome outcome) {
    to.values().forEach(legs -> legs.forEach(leg -> setIfOpen(leg, outcome)));
  }

  private void setIfOpen(int leg, Outcome outcome) {
    if (outcomes[leg] == null) {
      outcomes[leg] = outcome;
    }
  }

  /// A host could not be spoken to.
  ///
  /// @param forGood it said that it never takes mail
  void hostFailed(Cause cause, boolean forGood) {
    lastTrouble = cause;
    allForGood &= forGood;
  }

  /// No host is left to be asked.
  void noHostLeft() {
    Cause cause =
        Optional.ofNullable(lastTrouble)
            .orElseGet(() -> Cause.of("4.4.1", "no host of the destination could be asked"));
    if (allForGood && lastTrouble != null) {
      // RFC 8689 §4.2.1: 5.7.10 and 5.7.30 say why; otherwise RFC 3463 §3.4: X.3.2, system not
      // accepting messages.
      fail(forGood(cause), cause.text());
    } else {
      defer(Scope.DESTINATION, cause);
    }
  }

  private String forGood(Cause cause) {
    String status = cause.status().toString();
    return requiresTls() && (status.endsWith(".7.10") || status.endsWith(".7.30"))
        ? "5" + status.substring(1)
        : "5.3.2";
  }

  void fail(String status, String reason) {
    for (int i = 0; i < outcomes.length; i++) {
      setIfOpen(i, new Outcome.Failed(Cause.of(status, reason)));
    }
  }

  void defer(Scope scope, Cause cause) {
    for (int i = 0; i < outcomes.length; i++) {
      setIfOpen(i, new Outcome.Deferred(scope, cause));
    }
  }

  private boolean isComplete() {
    return Arrays.stream(outcomes).allMatch(Objects::nonNull);
  }

  /// One for each leg, once all have theirs.
  List<Outcome> outcomes() {
    List<Outcome> all = new ArrayList<>(outcomes.length);
    for (Outcome outcome : outcomes) {
      all.add(Objects.requireNonNull(outcome, "a leg without an outcome"));
    }
    return all;
  }
}
