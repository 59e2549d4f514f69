package org.depesche.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.SpoolException;
import org.depesche.spool.StoredMessage;
import org.depesche.spool.log.Damage;
import org.depesche.spool.log.LogSpool;

/// Reads every message that was in the spool at the start, once, in the background. A start itself
/// reads an index only; so damage to a message's content is told soon, and not when it is the
/// message's turn.
final class ContentCheck implements Runnable {

  private static final int BUFFER_BYTES = 256 * 1024;

  private final LogSpool spool;
  private final List<Damage> known;
  private final Consumer<Damage> found;
  private final List<EnvelopeId> ids = new ArrayList<>();
  private volatile boolean stopped;

  /// @param found hears of each damage that was not known when this was made
  ContentCheck(LogSpool spool, Consumer<Damage> found) {
    this.spool = spool;
    this.known = spool.damages();
    this.found = found;
    spool.scan(message -> ids.add(message.id()));
  }

  /// Ends it soon. Not by an interrupt, which would close the file under its other readers.
  void stop() {
    stopped = true;
  }

  @Override
  public void run() {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    for (EnvelopeId id : ids) {
      if (stopped) {
        return;
      }
      read(id, buffer);
    }
    if (stopped) {
      return;
    }
    for (Damage damage : spool.damages()) {
      if (!known.contains(damage)) {
        found.accept(damage);
      }
    }
  }

  /// What cannot be read the spool remembers by itself.
  private void read(EnvelopeId id, ByteBuffer buffer) {
    try (StoredMessage message = spool.open(id).orElse(null)) {
      if (message == null) {
        return;
      }
      for (long at = 0; at < message.content().size() && !stopped; at += buffer.position()) {
        if (message.content().read(at, buffer.clear()) <= 0) {
          return;
        }
      }
    } catch (IOException | SpoolException _) {
      return;
    }
  }
}
