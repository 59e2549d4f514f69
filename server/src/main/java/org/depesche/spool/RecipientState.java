package org.depesche.spool;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.depesche.mail.Mailbox;

/// The durable truth about one recipient of a stored message. That an attempt is running is known
/// in memory only.
public sealed interface RecipientState {

  /// To be tried, for the first time or again.
  ///
  /// @param attempts how many attempts were made
  /// @param next when the next one is due; for a fresh message the moment of acceptance
  /// @param warned a delay notification was sent
  /// @param cause why the last attempt failed; empty before the first
  /// @param via the next hop an operator has chosen instead of the usual route; empty for none
  /// @param done of the addresses it leads to, those that are over: they have it, or their failure
  ///   was told; none twice
  record Waiting(
      int attempts, Instant next, boolean warned, String cause, String via, List<Mailbox> done)
      implements RecipientState {

    public Waiting {
      done = List.copyOf(done);
    }

    /// On the usual route, with all of its addresses to go to.
    public Waiting(int attempts, Instant next, boolean warned, String cause) {
      this(attempts, next, warned, cause, "", List.of());
    }

    /// The same, due at another moment.
    public Waiting dueAt(Instant moment) {
      return new Waiting(attempts, moment, warned, cause, via, done);
    }

    /// The same by another next hop.
    public Waiting via(String hop) {
      return new Waiting(attempts, next, warned, cause, hop, done);
    }

    /// The same with one more address that is over.
    public Waiting done(Mailbox address) {
      if (done.contains(address)) {
        return this;
      }
      List<Mailbox> more = new ArrayList<>(done);
      more.add(address);
      return done(more);
    }

    /// The same with these addresses over.
    public Waiting done(List<Mailbox> addresses) {
      return new Waiting(attempts, next, warned, cause, via, addresses);
    }
  }

  /// Not to be tried until an operator says so; `previous` is what it goes back to.
  record Held(Waiting previous) implements RecipientState {}

  /// Taken out by an operator, who may still change his mind.
  ///
  /// @param previous what it goes back to then
  /// @param held whether it was held, and is again then
  /// @param until when it is removed for good
  record Discarded(Waiting previous, boolean held, Instant until) implements RecipientState {}

  /// The next hop or the mailbox has it.
  record Delivered() implements RecipientState {}

  /// Given up; whoever wanted to know has been told, or will be by a notification settled with this
  /// state.
  record Failed(String cause) implements RecipientState {}

  /// Taken out by an operator for good.
  record Removed() implements RecipientState {}

  /// True when nothing more happens for this recipient.
  default boolean isFinal() {
    return switch (this) {
      case Waiting _, Held _, Discarded _ -> false;
      case Delivered _, Failed _, Removed _ -> true;
    };
  }
}
