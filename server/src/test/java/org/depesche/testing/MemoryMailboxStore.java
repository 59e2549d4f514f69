package org.depesche.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mailbox.MailboxException;
import org.depesche.mailbox.MailboxStore;
import org.depesche.mailbox.UnreadableMessageException;
import org.depesche.message.Content;

/// Mailboxes in memory that know what would survive a power cut.
///
/// The steps of an append are those of a Maildir: write, sync the bytes, make the copy visible,
/// sync its name, report. A copy that is visible and not synced survives a crash or not; here it
/// does not, which is the harder case for whoever promised to deliver it.
public final class MemoryMailboxStore implements MailboxStore {

  private final Runnable step;
  private final Map<Mailbox, NavigableMap<EnvelopeId, byte[]>> visible = new HashMap<>();
  private final Map<Mailbox, NavigableMap<EnvelopeId, byte[]>> durable = new HashMap<>();

  /// @param step is run before each step. An UncheckedIOException of it is a fault of the disk and
  ///   ends the append as such; anything else is a crash at that step
  public MemoryMailboxStore(Runnable step) {
    this.step = step;
  }

  public MemoryMailboxStore() {
    this(() -> {});
  }

  /// The power fails: what was not durable is gone.
  public synchronized void crash() {
    visible.clear();
    durable.forEach((mailbox, copies) -> visible.put(mailbox, new TreeMap<>(copies)));
  }

  @Override
  public synchronized void append(Mailbox mailbox, EnvelopeId id, String prefix, Content content)
      throws MailboxException, UnreadableMessageException {
    NavigableMap<EnvelopeId, byte[]> shown = visible.computeIfAbsent(mailbox, _ -> new TreeMap<>());
    boolean repeated = shown.containsKey(id);
    try {
      step.run();
      byte[] bytes = bytes(prefix, content);
      step.run();
      step.run();
      shown.putIfAbsent(id, bytes);
      step.run();
      durable.computeIfAbsent(mailbox, _ -> new TreeMap<>()).put(id, bytes);
      step.run();
    } catch (UncheckedIOException e) {
      takeBack(mailbox, id, repeated);
      throw new MailboxException("mailbox " + mailbox + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UnreadableMessageException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public synchronized long used(Mailbox mailbox, long quota) {
    return visible.getOrDefault(mailbox, new TreeMap<>()).values().stream()
        .mapToLong(bytes -> bytes.length)
        .sum();
  }

  private void takeBack(Mailbox mailbox, EnvelopeId id, boolean repeated) {
    if (!repeated) {
      visible.getOrDefault(mailbox, new TreeMap<>()).remove(id);
      durable.getOrDefault(mailbox, new TreeMap<>()).remove(id);
    }
  }

  private static byte[] bytes(String prefix, Content content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(prefix.getBytes(UTF_8));
    ByteBuffer piece = ByteBuffer.allocate(8192);
    for (long at = 0; at < content.size(); at += piece.position()) {
      if (content.read(at, piece.clear()) <= 0) {
        throw new EOFException("content ends after " + at + " of " + content.size() + " bytes");
      }
      out.write(piece.array(), 0, piece.position());
    }
    return out.toByteArray();
  }

  /// What is in a mailbox, oldest first; the bytes as Latin-1.
  public synchronized List<String> messages(Mailbox mailbox) {
    return visible.getOrDefault(mailbox, new TreeMap<>()).values().stream()
        .map(bytes -> new String(bytes, ISO_8859_1))
        .toList();
  }
}
