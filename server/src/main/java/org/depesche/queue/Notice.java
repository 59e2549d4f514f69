package org.depesche.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.delivery.Cause;
import org.depesche.delivery.Outcome;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.routing.Leg;
import org.depesche.spool.RecipientState;

/// Something about a recipient that its sender may have to be told (RFC 3461 §5.2, §6).
///
/// @param recipient index in the envelope
/// @param address the address it was tried at; differs from the recipient's behind an alias
/// @param what what happened
/// @param cause why; empty for what went well
/// @param to who took it; empty where nobody did
/// @param retryUntil until when it will be tried; empty when it will not
/// @param before what the recipient was before that
/// @param item the work it came from, so that it can be done again when the sender cannot be told
/// @param leg the position in that work
record Notice(
    int recipient,
    Mailbox address,
    What what,
    Optional<Cause> cause,
    String to,
    Optional<Instant> retryUntil,
    RecipientState.Waiting before,
    Item item,
    int leg) {

  /// The notices of a message with what the sender may want to hear of an attempt. What nobody
  /// asked for is left out here, because telling takes another thread.
  ///
  /// @param leg the position in the work
  /// @param before what the recipient was before the attempt
  static List<Notice> with(
      List<Notice> notices,
      Item item,
      int leg,
      Attempt.Tried tried,
      Ledger.Decision decision,
      RecipientState.Waiting before,
      RetrySchedule schedule) {
    Leg way = tried.legs().get(leg);
    Recipient recipient = tried.envelope().get(way.recipient());
    Optional<What> what = decision.what().filter(each -> isAskedFor(each, recipient));
    if (what.isEmpty()) {
      return notices;
    }
    Instant end = schedule.end(Instant.ofEpochMilli(item.message.receivedMillis()));
    List<Notice> all = new ArrayList<>(notices);
    all.add(
        new Notice(
            way.recipient(),
            what.get() == What.EXPANDED ? recipient.address() : way.address(),
            what.get(),
            decision.cause(),
            tried.outcomes().get(leg) instanceof Outcome.Delivered(var by, _, _) ? by : "",
            what.get() == What.DELAYED ? Optional.of(end) : Optional.empty(),
            before,
            item,
            leg));
    return all;
  }

  private static boolean isAskedFor(What what, Recipient recipient) {
    return switch (what) {
      // Whom a failure is told is for the notifier to say: perhaps the postmaster.
      case FAILED -> true;
      case DELAYED -> recipient.wanted().delay();
      case DELIVERED, RELAYED, EXPANDED -> recipient.wanted().success();
    };
  }

  /// Whether another one is about the failure of the same recipient.
  boolean isBeside(Notice other) {
    return other.recipient == recipient && other.what == What.FAILED;
  }

  /// What can be told (RFC 3464 §2.3.3).
  enum What {
    /// Given up.
    FAILED,
    /// Not delivered yet.
    DELAYED,
    /// In its mailbox.
    DELIVERED,
    /// At a server that tells nothing of success.
    RELAYED,
    /// With all the addresses that an alias stands for (RFC 3461 §5.2.7.3).
    EXPANDED
  }
}
