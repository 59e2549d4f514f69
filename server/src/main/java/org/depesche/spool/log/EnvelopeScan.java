package org.depesche.spool.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolException.Kind;
import org.depesche.spool.StoredEnvelope;
import org.jspecify.annotations.Nullable;

/// Goes through the envelopes of all messages in the log, without reading content.
final class EnvelopeScan {

  private final LogState state;
  private final SegmentStore store;
  private final List<Damage> damages;
  private final Consumer<StoredEnvelope> each;

  /// @param damages where what makes no sense is noted
  EnvelopeScan(
      LogState state, SegmentStore store, List<Damage> damages, Consumer<StoredEnvelope> each) {
    this.state = state;
    this.store = store;
    this.damages = damages;
    this.each = each;
  }

  void run() {
    for (Segment segment : state.segments()) {
      try {
        if (segment.live > 0) {
          Hints.forEach(entries(segment), new Stored(segment));
        }
      } catch (IOException e) {
        throw new SpoolException(
            Kind.BROKEN, "cannot read " + segment.path + ": " + e.getMessage(), e);
      }
    }
  }

  /// What a scan needs of a segment: kept in memory, or in its hint file, or in itself.
  private byte[] entries(Segment segment) throws IOException {
    ByteArrayOutputStream gathered = segment.hints;
    if (gathered != null) {
      synchronized (gathered) {
        return gathered.toByteArray();
      }
    }
    try {
      Hints.Read read = store.readHints(segment);
      if (read.salt() == segment.key.salt()) {
        return read.entries();
      }
    } catch (IOException e) {
      // They can be made again.
    }
    HintScan scan = new HintScan(segment, (_, _, _) -> {});
    scan.run();
    return scan.hints().toByteArray();
  }

  /// Hands on the messages that are where hints say.
  private final class Stored implements Hints.Visitor {

    private final Segment segment;

    Stored(Segment segment) {
      this.segment = segment;
    }

    @Override
    public void message(long id, int offset, int length, byte[] head) {
      LogState.Place place = state.place(id);
      if (place == null || place.segment() != segment.sequence || place.offset() != offset) {
        return;
      }
      StoredEnvelope stored;
      try {
        stored = stored(id, place, head);
      } catch (IOException e) {
        String what = new EnvelopeId(id) + ": " + e.getMessage();
        damages.add(new Damage(segment.path, offset, length, what));
        return;
      }
      each.accept(stored);
    }

    @Override
    public void states(long id, byte[] states) {
      // The index has the newest.
    }

    @Override
    public void removal(long id) {
      // The index does not have it.
    }
  }

  private static StoredEnvelope stored(long id, LogState.Place place, byte[] bytes)
      throws IOException {
    MessagePayload payload = MessagePayload.decode(bytes, 0, bytes.length);
    EnvelopeCodec.Head head = EnvelopeCodec.decode(payload.head());
    long content = (long) place.length() - bytes.length;
    for (MessagePayload.Chunk chunk : payload.chunks()) {
      content += chunk.length();
    }
    return new StoredEnvelope(
        new EnvelopeId(id),
        head.receivedAt(),
        content + LogSpool.prefixSize(head),
        head.envelope(),
        states(place.states(), head));
  }

  /// The states of a message as the index has them.
  static List<RecipientState> states(byte @Nullable [] encoded, EnvelopeCodec.Head head)
      throws IOException {
    int recipients = head.envelope().recipients().size();
    if (encoded == null) {
      return Collections.nCopies(recipients, LogSpool.fresh(head.receivedAt()));
    }
    List<RecipientState> states = EnvelopeCodec.decodeStates(encoded);
    if (states.size() != recipients) {
      throw new IOException("states for another number of recipients");
    }
    return states;
  }
}
