package org.depesche.spool.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolException.Kind;
import org.jspecify.annotations.Nullable;

/// A settlement as a group of records: the message's states or its removal, and the notifications.
/// The index has changed when this is made; the records follow.
///
/// # When it cannot be written
///
/// Without notifications nothing speaks against writing it later: until then a crash repeats an
/// attempt. With them it is all or nothing, and as they cannot be tried for ever, nothing.
final class SettleAppend extends Append {

  private final LogSpool spool;
  private final long id;
  private final LogState.@Nullable Detached detached;
  private final byte @Nullable [] states;
  private final byte @Nullable [] formerStates;
  private final List<LogWriter> notifications;
  private final List<byte[]> heads;

  SettleAppend(LogSpool spool, Settlement settlement) {
    this.spool = spool;
    this.id = settlement.id().value();
    this.notifications = LogSpool.writers(settlement);
    this.heads = notifications.stream().map(LogWriter::head).toList();
    if (!notifications.isEmpty()) {
      spool.state().unsettled(id);
    }
    LogState.Place before = spool.state().place(id);
    this.formerStates = before == null ? null : before.states();
    if (settlement.states().stream().allMatch(RecipientState::isFinal)) {
      this.detached = spool.state().detach(id, done);
      this.states = null;
    } else {
      byte[] encoded = EnvelopeCodec.encodeStates(settlement.states());
      this.detached = null;
      this.states = spool.state().update(id, encoded, done) ? encoded : null;
    }
  }

  /// The removal of a message.
  static Optional<SettleAppend> removal(LogSpool spool, long id) {
    SettleAppend removal =
        new SettleAppend(spool, new Settlement(new EnvelopeId(id), List.of(), List.of()));
    return removal.isEmpty() ? Optional.empty() : Optional.of(removal);
  }

  /// Once more what could not be written.
  private SettleAppend(SettleAppend failed) {
    this.spool = failed.spool;
    this.id = failed.id;
    this.detached = failed.detached;
    this.states = failed.states;
    this.formerStates = null;
    this.notifications = List.of();
    this.heads = List.of();
    spool.state().settlesAgain(id, states, done);
  }

  /// True when there is no such message and nothing to say about it.
  boolean isEmpty() {
    return detached == null && states == null && notifications.isEmpty();
  }

  @Override
  List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    if (detached != null) {
      parts.add(Part.of(LogRecord.Type.REMOVAL, id, Part.NOTHING));
    } else if (states != null && (!heads.isEmpty() || spool.state().isNewest(id, states))) {
      // One that is written late must not come behind a newer one.
      parts.add(Part.of(LogRecord.Type.STATES, id, states));
    }
    for (int i = 0; i < heads.size(); i++) {
      if (!notifications.get(i).chunksAreThere()) {
        return List.of();
      }
      parts.add(notifications.get(i).part(heads.get(i)));
    }
    return parts;
  }

  /// A newer one has made it void, and it is durable when that one is.
  @Override
  void endEmpty() {
    CompletableFuture<Void> newest = spool.state().settling(id);
    if (!notifications.isEmpty()) {
      super.endEmpty();
    } else if (newest == null) {
      endMoot();
    } else {
      var _ =
          newest.whenComplete(
              (_, trouble) -> {
                if (trouble == null) {
                  endMoot();
                } else {
                  fail(new SpoolException(Kind.BROKEN, String.valueOf(trouble), trouble));
                }
              });
    }
  }

  /// A state that is forgotten is an attempt that is made again, and a removal a message that is
  /// delivered again, so neither is worth a sync of its own. A notification is a message.
  @Override
  Sync sync() {
    return notifications.isEmpty() ? Sync.SOON : Sync.NOW;
  }

  @Override
  void published(Segment segment, int[] offsets) {
    spool.state().settled(id, done);
    int notification = offsets.length - heads.size();
    LogState.Detached gone = detached;
    byte[] changed = states;
    if (gone != null) {
      spool.state().removal(gone, segment.sequence);
      LogSpool.hints(segment, out -> Hints.removal(out, id));
    } else if (changed != null) {
      spool.state().states(id, segment.sequence, null);
      LogSpool.hints(segment, out -> Hints.states(out, id, changed));
    }
    for (int i = 0; i < heads.size(); i++) {
      notifications.get(i).publish(segment, offsets[notification + i], heads.get(i));
      spool.tell(notifications.get(i).stored());
    }
  }

  @Override
  void failed(SpoolException why) {
    if (notifications.isEmpty()) {
      spool.committer().again(new SettleAppend(this));
      return;
    }
    if (detached != null) {
      spool.state().takeBack(detached);
    } else if (states != null) {
      spool.state().takeBack(id, states, formerStates);
    }
    spool.state().settled(id, done);
    notifications.forEach(LogWriter::release);
  }
}
