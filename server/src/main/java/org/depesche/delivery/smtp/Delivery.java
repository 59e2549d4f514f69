package org.depesche.delivery.smtp;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
  private @Nullable Cause lastTrouble;
  private boolean allForGood = true;

  Delivery(DeliveryJob job, Addressing addressing) {
    this.job = job;
    this.addressing = addressing;
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

  /// Sends the message over a session to all who have no outcome yet.
  ///
  /// @return true when all have their outcome; else another host should be asked
  boolean over(OpenSession session, Sessions sessions) {
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
}
