package org.depesche.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.depesche.delivery.Cause;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Recipient;
import org.depesche.routing.Leg;
import org.depesche.routing.Route;
import org.depesche.spool.RecipientState;
import org.depesche.spool.RecipientState.Discarded;
import org.depesche.spool.RecipientState.Failed;
import org.depesche.spool.RecipientState.Held;
import org.depesche.spool.RecipientState.Removed;
import org.depesche.spool.RecipientState.Waiting;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolException;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.StoredMessage;

/// Changes the durable states of messages that were taken out of the queue, on a thread that may
/// wait.
final class Alteration {

  private final Spool spool;
  private final Settler settler;

  Alteration(Spool spool, Settler settler) {
    this.spool = spool;
    this.settler = settler;
  }

  /// @param done every message that was given, changed or not
  record Result(List<Done> done, Altered altered) {}

  /// A message as it is now.
  ///
  /// @param message empty when it has left the spool or cannot be read
  record Done(long id, int heldBefore, Optional<StoredEnvelope> message) {}

  Result run(List<Long> ids, Verb verb, Selection selection, Instant now) {
    List<Done> done = new ArrayList<>(ids.size());
    Altered sum = Altered.NOTHING;
    for (long id : ids) {
      try (StoredMessage message = spool.open(new EnvelopeId(id)).orElse(null)) {
        if (message == null) {
          done.add(new Done(id, 0, Optional.empty()));
        } else {
          sum = sum.plus(change(message.envelope(), verb, selection, now, done));
        }
      } catch (SpoolException e) {
        done.add(new Done(id, 0, Optional.empty()));
        sum = sum.plus(new Altered(0, 0, 0, 1));
      }
    }
    return new Result(done, sum);
  }

  private Altered change(
      StoredEnvelope message, Verb verb, Selection selection, Instant now, List<Done> done) {
    RecipientState[] states = message.states().toArray(RecipientState[]::new);
    int held = (int) message.states().stream().filter(Held.class::isInstance).count();
    int changed = 0;
    List<Notice> notices = new ArrayList<>();
    for (int index : selection.recipients(message, now)) {
      RecipientState before = states[index];
      RecipientState after = apply(verb, before, now);
      if (!after.equals(before)) {
        states[index] = after;
        changed++;
        if (verb instanceof Verb.Bounce(var reason)) {
          notices.add(bounced(message, index, reason, waiting(before)));
        }
      }
    }
    if (changed == 0) {
      done.add(new Done(message.id().value(), held, Optional.of(message)));
      return Altered.NOTHING;
    }
    if (!settler.settle(message.id(), states, List.of(), notices)) {
      done.add(new Done(message.id().value(), held, Optional.of(message)));
      return new Altered(0, 0, 0, 1);
    }
    StoredEnvelope now2 =
        new StoredEnvelope(
            message.id(),
            message.receivedAt(),
            message.size(),
            message.envelope(),
            List.of(states));
    boolean over = now2.states().stream().allMatch(RecipientState::isFinal);
    done.add(new Done(message.id().value(), held, over ? Optional.empty() : Optional.of(now2)));
    return new Altered(1, changed, 0, 0);
  }

  /// The state after an order; the same when the order means nothing to it.
  static RecipientState apply(Verb verb, RecipientState state, Instant now) {
    return switch (verb) {
      case Verb.Retry _ -> state instanceof Waiting w ? w.dueAt(now) : state;
      case Verb.Hold _ -> state instanceof Waiting w ? new Held(w) : state;
      case Verb.Release _ -> state instanceof Held(var w) ? w.dueAt(now) : state;
      case Verb.Bounce(var reason) ->
          state instanceof Waiting || state instanceof Held ? new Failed(reason) : state;
      case Verb.Remove _ ->
          switch (state) {
            case Waiting w -> new Discarded(w, false, now.plus(Verb.TAKE_BACK));
            case Held(var w) -> new Discarded(w, true, now.plus(Verb.TAKE_BACK));
            default -> state;
          };
      case Verb.Restore _ ->
          state instanceof Discarded(var w, var held, _)
              ? held ? new Held(w) : w.dueAt(now)
              : state;
      case Verb.Reroute(var to) ->
          state instanceof Waiting w ? w.via(to.toString()).dueAt(now) : state;
      case Verb.Unroute _ -> state instanceof Waiting w ? w.via("").dueAt(now) : state;
      case Verb.Purge _ ->
          state instanceof Discarded(_, _, var until) && !until.isAfter(now)
              ? new Removed()
              : state;
    };
  }

  private static Waiting waiting(RecipientState bounced) {
    return switch (bounced) {
      case Waiting w -> w;
      case Held(var w) -> w;
      default -> throw new IllegalArgumentException("not to be given up: " + bounced);
    };
  }

  private static Notice bounced(StoredEnvelope message, int index, String reason, Waiting before) {
    Recipient recipient = message.envelope().recipients().get(index);
    Leg leg = new Leg(index, recipient.address());
    Item none =
        Item.of(
            new QueuedMessage(message.id().value(), message.receivedAt().toEpochMilli(), 0),
            new Route.Nowhere("4.0.0", reason),
            List.of(leg),
            Map.of(index, recipient),
            0,
            0);
    // RFC 3463 §3.8: 5.7.1 delivery not authorized would blame somebody; the operator's word is
    // all there is.
    return new Notice(
        index,
        recipient.address(),
        Notice.What.FAILED,
        Optional.of(Cause.of("5.0.0", reason)),
        "",
        Optional.empty(),
        before,
        none,
        0);
  }
}
