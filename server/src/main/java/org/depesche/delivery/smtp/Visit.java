package org.depesche.delivery.smtp;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.depesche.delivery.Cause;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Outcome.Handover;
import org.depesche.delivery.Scope;
import org.depesche.smtp.client.Answer;
import org.depesche.smtp.client.Capability;
import org.depesche.smtp.client.SendResult;
import org.depesche.spool.StoredMessage;

/// One message over one session, in as many transactions as it takes. For one thread.
final class Visit {

  private final DeliveryJob job;
  private final Delivery delivery;
  private final Addressing addressing;
  private final Sessions sessions;
  private final Set<Integer> notHere = new HashSet<>(); // whom this host cannot take it for
  private OpenSession session;

  Visit(
      DeliveryJob job,
      Delivery delivery,
      Addressing addressing,
      Sessions sessions,
      OpenSession session) {
    this.job = job;
    this.delivery = delivery;
    this.addressing = addressing;
    this.sessions = sessions;
    this.session = session;
  }

  /// What is to be asked next for those who have no outcome yet.
  enum Next {
    /// There is nobody left.
    NOTHING,
    /// The same host, in another session.
    SAME_HOST,
    OTHER_HOST
  }

  /// Sends to all who have no outcome yet and for whom the host can take it.
  Next run() {
    while (session.client().isOpen()) {
      List<Integer> toSend = toSend();
      if (toSend.isEmpty()) {
        break;
      }
      if (sessions.isSpent(session)) {
        sessions.done(job.route(), session);
        return Next.SAME_HOST;
      }
      if (!transaction(addressing.first(toSend, session.client().capabilities()))) {
        session.client().close();
      }
    }
    sessions.done(job.route(), session);
    return delivery.open().isEmpty() ? Next.NOTHING : Next.OTHER_HOST;
  }

  private List<Integer> toSend() {
    return delivery.open().stream().filter(leg -> !notHere.contains(leg)).toList();
  }

  /// @return false when nothing more can be sent over the session
  private boolean transaction(Addressing.Batch batch) {
    String host = session.host();
    StoredMessage message = job.message();
    Runnable doubt = () -> job.doubt().begins(host);
    SendResult result =
        session.client().send(batch.envelope(), message.prefix(), message.content(), doubt);
    if (!(result instanceof SendResult.Unsendable)) {
      session = session.used();
    }
    return switch (result) {
      case SendResult.Answered(var answers, var change) ->
          answered(answers, batch, session.notes(change));
      case SendResult.Broken broken -> {
        broken(broken, batch);
        yield false;
      }
      case SendResult.Unsendable(var status, var reason) -> {
        Cause cause = new Cause(status, host + ": " + reason, Optional.of(host), Optional.empty());
        if (status.classDigit() == 4) {
          // Ours to mend.
          delivery.settle(batch.all(), new Outcome.Deferred(Scope.MESSAGE, cause));
        } else {
          // RFC 5321 §5.1, RFC 8689 §4.2.1: another host may have what this one lacks.
          delivery.hostCannotTake(batch.all(), cause);
          notHere.addAll(batch.all());
        }
        yield session.client().isOpen();
      }
    };
  }

  /// @return false when the host has had enough
  private boolean answered(List<Answer> answers, Addressing.Batch batch, String change) {
    Handover handover =
        session.client().capabilities().offers(Capability.DSN)
            ? Handover.WISH_PASSED_ON
            : Handover.WISH_LOST;
    Verdicts.Host host = new Verdicts.Host(session.host(), handover, change);
    boolean goOn = true;
    boolean some = answers.stream().anyMatch(Answer::accepted);
    for (Answer answer : answers) {
      if (some && Verdicts.isTooManyRecipients(answer)) {
        // RFC 5321 §4.5.3.1.10: those go into another transaction at once.
        continue;
      }
      if (Verdicts.isAboutHost(answer)) {
        delivery.hostFailed(
            toSend(), Verdicts.cause(answer.reply(), host.name(), answer.stage()), false);
        goOn = false;
      } else {
        delivery.settle(batch.of(answer.recipient()), Verdicts.of(answer, host));
      }
    }
    return goOn;
  }

  private void broken(SendResult.Broken broken, Addressing.Batch batch) {
    boolean _ = answered(broken.answers(), batch, "");
    String host = session.host();
    // RFC 3463 §3.5: X.4.2, bad connection.
    Cause cause =
        Verdicts.broken(
            "4.4.2", host, host + ", " + Sessions.words(broken.stage()) + ": " + broken.reason());
    if (broken.inDoubt()) {
      // RFC 1047: the host may have it. To ask another one now would make a duplicate likely, so
      // this one is asked again later.
      delivery.settle(batch.all(), new Outcome.Deferred(Scope.MESSAGE, cause));
    } else {
      delivery.hostFailed(toSend(), cause, false);
    }
  }
}
