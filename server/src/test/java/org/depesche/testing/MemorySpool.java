package org.depesche.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.StoredMessage;

/// A spool in memory that knows what would survive a power cut. A commit is durable when it
/// returns; a settlement becomes durable with the next commit or settlement, so that a crash right
/// behind it forgets it.
public final class MemorySpool implements Spool {

  private record Entry(StoredEnvelope envelope, String prefix, byte[] content) {}

  private final InstantSource clock;
  private final Runnable step;
  private TreeMap<Long, Entry> visible = new TreeMap<>();
  private TreeMap<Long, Entry> durable = new TreeMap<>();
  private List<Consumer<StoredEnvelope>> listeners = new ArrayList<>();
  private long lastId;
  private boolean closed;

  /// @param step is run before each step of writing; what it throws is a crash at that step
  public MemorySpool(InstantSource clock, Runnable step) {
    this.clock = clock;
    this.step = step;
  }

  public MemorySpool(InstantSource clock) {
    this(clock, () -> {});
  }

  /// The power fails: what was not durable is gone, and so is whoever listened.
  public synchronized void crash() {
    visible = new TreeMap<>(durable);
    listeners = new ArrayList<>();
  }

  @Override
  public synchronized SpoolWriter begin() {
    refuseClosed();
    EnvelopeId id = EnvelopeId.next(lastId, clock.millis());
    lastId = id.value();
    return new Writer(id);
  }

  @Override
  public synchronized Optional<StoredMessage> open(EnvelopeId id) {
    refuseClosed();
    return Optional.ofNullable(visible.get(id.value()))
        .map(e -> new StoredMessage(e.envelope(), e.prefix(), BytesContent.of(e.content())));
  }

  @Override
  public synchronized CompletableFuture<Void> settle(Settlement settlement) {
    settlement.notifications().forEach(n -> ((Writer) n).refuseUnlessComplete());
    if (closed) {
      return CompletableFuture.failedFuture(
          new SpoolException(SpoolException.Kind.CLOSED, "closed"));
    }
    // What was settled before is written by now, whatever happens to this one.
    durable = new TreeMap<>(visible);
    Entry entry = visible.get(settlement.id().value());
    if (entry != null) {
      if (settlement.states().stream().allMatch(RecipientState::isFinal)) {
        visible.remove(settlement.id().value());
      } else {
        StoredEnvelope old = entry.envelope();
        visible.put(
            settlement.id().value(),
            new Entry(
                new StoredEnvelope(
                    old.id(), old.receivedAt(), old.size(), old.envelope(), settlement.states()),
                entry.prefix(),
                entry.content()));
      }
    }
    step.run();
    for (SpoolWriter notification : settlement.notifications()) {
      ((Writer) notification).store();
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized void scan(Consumer<StoredEnvelope> each) {
    refuseClosed();
    List.copyOf(visible.values()).forEach(entry -> each.accept(entry.envelope()));
  }

  @Override
  public synchronized void onCommit(Consumer<StoredEnvelope> listener) {
    listeners.add(listener);
  }

  @Override
  public synchronized Usage usage() {
    long bytes = visible.values().stream().mapToLong(e -> e.content().length).sum();
    return new Usage(visible.size(), bytes, Long.MAX_VALUE);
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  private void refuseClosed() {
    if (closed) {
      throw new SpoolException(SpoolException.Kind.CLOSED, "closed");
    }
  }

  private final class Writer implements SpoolWriter {

    private final EnvelopeId id;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private Optional<StoredEnvelope> envelope = Optional.empty();
    private String prefix = "";
    private long size;
    private boolean ended;

    Writer(EnvelopeId id) {
      this.id = id;
    }

    @Override
    public EnvelopeId id() {
      return id;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      content.write(bytes, offset, length);
      size += length;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public void describe(Envelope of, String header, Instant receivedAt) {
      prefix = header;
      RecipientState fresh = new RecipientState.Waiting(0, receivedAt, false, "");
      envelope =
          Optional.of(
              new StoredEnvelope(
                  id,
                  receivedAt,
                  size + header.getBytes(UTF_8).length,
                  of,
                  Collections.nCopies(of.recipients().size(), fresh)));
    }

    @Override
    public void commit() {
      synchronized (MemorySpool.this) {
        refuseUnlessComplete();
        refuseClosed();
        step.run();
        store();
        step.run();
      }
    }

    void refuseUnlessComplete() {
      if (ended || envelope.isEmpty()) {
        throw new IllegalStateException("described, and not ended");
      }
    }

    void store() {
      ended = true;
      StoredEnvelope stored = envelope.orElseThrow();
      visible.put(id.value(), new Entry(stored, prefix, content.toByteArray()));
      durable = new TreeMap<>(visible);
      listeners.forEach(listener -> listener.accept(stored));
    }

    @Override
    public void abort() {
      ended = true;
      content.reset();
    }
  }
}
