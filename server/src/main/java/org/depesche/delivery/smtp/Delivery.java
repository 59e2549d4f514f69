package org.depesche.delivery.smtp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.depesche.delivery.Cause;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.mail.Envelope;
import org.depesche.mail.NullPath;
import org.depesche.mail.TlsWish;
import org.depesche.routing.Route;
import org.jspecify.annotations.Nullable;

/// One attempt to deliver one message: which recipients have their outcome, and what the others
/// wait for. Used by one thread.
final class Delivery {

  private final DeliveryJob job;
  private final Addressing addressing;
  private final @Nullable Outcome[] outcomes;
  private final @Nullable Trouble[] troubles;

  Delivery(DeliveryJob job, Addressing addressing) {
    this.job = job;
    this.addressing = addressing;
    this.outcomes = new Outcome[job.legs().size()];
    this.troubles = new Trouble[outcomes.length];
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

  /// Sends the message over a session to all who have no outcome yet.
  Visit.Next over(OpenSession session, Sessions sessions) {
    return new Visit(job, this, addressing, sessions, session).run();
  }

  /// The legs that have no outcome yet.
  List<Integer> open() {
    return IntStream.range(0, outcomes.length).filter(i -> outcomes[i] == null).boxed().toList();
  }

  /// The outcome of those among some legs that have none yet.
  void settle(List<Integer> legs, Outcome outcome) {
    for (int leg : legs) {
      if (outcomes[leg] == null) {
        outcomes[leg] = outcome;
      }
    }
  }

  /// A host could not be spoken to.
  ///
  /// @param forGood it said that it never takes mail
  void hostFailed(Cause cause, boolean forGood) {
    hostFailed(open(), cause, forGood);
  }

  /// A host could not be spoken to any more, or not as is required, when some were still to be sent
  /// to.
  void hostFailed(List<Integer> legs, Cause cause, boolean forGood) {
    Cause told = forGood ? Cause.of(statusForGood(cause), cause.text()) : cause;
    trouble(legs, new Trouble(told, forGood, Scope.DESTINATION));
  }

  /// RFC 8689 §4.2.1: 5.7.10 says why; otherwise RFC 3463 §3.4: X.3.2, system not accepting
  /// messages.
  private String statusForGood(Cause cause) {
    return requiresTls() && cause.status().toString().endsWith(".7.10") ? "5.7.10" : "5.3.2";
  }

  /// A host cannot take the message for some. Others may (RFC 5321 §5.1).
  void hostCannotTake(List<Integer> legs, Cause cause) {
    trouble(legs, new Trouble(cause, true, Scope.MESSAGE));
  }

  private void trouble(List<Integer> legs, Trouble trouble) {
    for (int leg : legs) {
      Trouble before = troubles[leg];
      troubles[leg] = before == null ? trouble : before.and(trouble);
    }
  }

  /// All hosts are about to be asked; what was heard over a kept session will be heard again.
  void forgetTroubles() {
    Arrays.fill(troubles, null);
  }

  /// No host is left to be asked. Only what each of them has refused for good has failed.
  void noHostLeft() {
    for (int leg : open()) {
      Trouble trouble =
          troubles[leg] == null
              ? new Trouble(
                  Cause.of("4.4.1", "no host of the destination could be asked"),
                  false,
                  Scope.DESTINATION)
              : troubles[leg];
      outcomes[leg] =
          trouble.forGood()
              ? new Outcome.Failed(trouble.cause())
              : new Outcome.Deferred(trouble.scope(), trouble.cause());
    }
  }

  void fail(String status, String reason) {
    settle(open(), new Outcome.Failed(Cause.of(status, reason)));
  }

  void defer(Scope scope, Cause cause) {
    settle(open(), new Outcome.Deferred(scope, cause));
  }

  /// One for each leg, once all have theirs.
  List<Outcome> outcomes() {
    List<Outcome> all = new ArrayList<>(outcomes.length);
    for (Outcome outcome : outcomes) {
      all.add(Objects.requireNonNull(outcome, "a leg without an outcome"));
    }
    return all;
  }

  /// Why the hosts that were asked so far have not taken the message for somebody.
  ///
  /// @param forGood none of them ever will
  /// @param scope what else has to wait when this has
  private record Trouble(Cause cause, boolean forGood, Scope scope) {

    /// With what another host says. Where that one may take it later, its words are those that
    /// matter.
    Trouble and(Trouble next) {
      return new Trouble(
          next.forGood && !forGood ? cause : next.cause,
          forGood && next.forGood,
          scope == Scope.MESSAGE ? scope : next.scope);
    }
  }
}
