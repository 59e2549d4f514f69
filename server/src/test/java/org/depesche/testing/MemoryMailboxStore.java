package org.depesche.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mailbox.MailboxStore;
import org.depesche.message.Content;

/// Mailboxes in memory that know what would survive a power cut.
public final class MemoryMailboxStore implements MailboxStore {

  private final Runnable step;
  private Map<Mailbox, TreeMap<EnvelopeId, String>> visible = new HashMap<>();
  private Map<Mailbox, TreeMap<EnvelopeId, String>> durable = new HashMap<>();

  /// @param step is run before each step of writing; what it throws is a crash at that step
  public MemoryMailboxStore(Runnable step) {
    this.step = step;
  }

  public MemoryMailboxStore() {
    this(() -> {});
  }

  /// The power fails: what was not durable is gone.
  public synchronized void crash() {
    visible = copy(durable);
  }

  private static Map<Mailbox, TreeMap<EnvelopeId, String>> copy(
      Map<Mailbox, TreeMap<EnvelopeId, String>> of) {
    Map<Mailbox, TreeMap<EnvelopeId, String>> copy = new HashMap<>();
    of.forEach((mailbox, messages) -> copy.put(mailbox, new TreeMap<>(messages)));
    return copy;
  }

  @Override
  public synchronized void append(Mailbox mailbox, EnvelopeId id, String prefix, Content content) {
    step.run();
    String text = prefix + text(content);
    visible.computeIfAbsent(mailbox, _ -> new TreeMap<>()).put(id, text);
    step.run();
    durable = copy(visible);
    step.run();
  }

  private static String text(Content content) {
    ByteBuffer buffer = ByteBuffer.allocate((int) content.size());
    try {
      while (buffer.hasRemaining() && content.read(buffer.position(), buffer) >= 0) {
        // Read on.
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new String(buffer.array(), 0, buffer.position(), UTF_8);
  }

  /// What is in a mailbox, oldest first.
  public synchronized List<String> messages(Mailbox mailbox) {
    return List.copyOf(visible.getOrDefault(mailbox, new TreeMap<>()).values());
  }
}
