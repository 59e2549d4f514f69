package org.depesche.mailbox.maildir;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mailbox.MailboxException;
import org.depesche.mailbox.MailboxStore;
import org.depesche.mailbox.UnreadableMessageException;
import org.depesche.message.Content;
import org.depesche.time.Ticker;

/// Mailboxes as Maildir folders, as Dovecot, Courier and mutt read them. Bytes are stored as they
/// came, lines ending in CRLF.
///
/// **Once.** A copy's name is made from the message's id. A repeated delivery finds the copy in
/// `new`; when the message is older than this process, also the copy a reader has moved to `cur`.
/// Two deliveries of one message to one mailbox at the same time are one.
///
/// **Threads.** The calling thread writes the file into the page cache itself; it is a virtual one
/// as a rule and parks while the GroupSync of the file system makes it durable.
public final class MaildirStore implements MailboxStore, AutoCloseable {

  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int MAX_IDLE_BUFFERS = 32;

  private record CopyKey(Path folder, EnvelopeId id) {}

  private final MailboxPath paths;
  private final Disk disk;
  private final Folders folders;
  private final CopyName names;
  private final EarlierCopies earlier;
  private final InstantSource clock;
  private final Ticker ticker;
  private final ConcurrentMap<CopyKey, CompletableFuture<Void>> running = new ConcurrentHashMap<>();
  private final BlockingQueue<ByteBuffer> idleBuffers = new ArrayBlockingQueue<>(MAX_IDLE_BUFFERS);

  /// @param pathTemplate where the Maildir of an account lies, with `{local}` and mostly `{domain}`
  ///   for the parts of its address: `/var/mail/{domain}/{local}/Maildir`
  /// @param hostname this machine's, for the names of files; another one later only means that
  ///   copies made under the old are not recognised
  /// @param clock the wall clock
  /// @param ticker tells how long files take to make
  /// @throws IllegalArgumentException when the template is none; the message says why
  public MaildirStore(String pathTemplate, String hostname, InstantSource clock, Ticker ticker) {
    this(pathTemplate, hostname, clock, ticker, new HostDisk());
  }

  MaildirStore(
      String pathTemplate, String hostname, InstantSource clock, Ticker ticker, Disk disk) {
    this.paths = MailboxPath.parse(pathTemplate);
    this.disk = disk;
    this.clock = clock;
    this.ticker = ticker;
    this.folders = new Folders(disk, clock, paths.root());
    this.names = new CopyName(hostname);
    this.earlier = new EarlierCopies(names, clock.millis());
  }

  /// The Maildir of an account.
  public Path folderOf(Mailbox mailbox) {
    return paths.resolve(mailbox);
  }

  @Override
  public void append(Mailbox mailbox, EnvelopeId id, String prefix, Content content)
      throws MailboxException, UnreadableMessageException {
    Path path = paths.resolve(mailbox);
    CopyKey key = new CopyKey(path, id);
    CompletableFuture<Void> mine = new CompletableFuture<>();
    CompletableFuture<Void> other = running.putIfAbsent(key, mine);
    try {
      if (other != null) {
        await(other);
      } else {
        deliver(path, id, prefix.getBytes(StandardCharsets.UTF_8), content, mine);
      }
    } catch (UnreadableMessageException e) {
      throw e;
    } catch (IOException e) {
      throw new MailboxException("mailbox " + mailbox + ": " + reason(e), e);
    } finally {
      if (other == null) {
        running.remove(key);
        mine.completeExceptionally(new IOException("the delivery it waited for was given up"));
      }
    }
  }

  @Override
  public long used(Mailbox mailbox, long quota) throws MailboxException {
    try {
      return new MaildirSize(paths.resolve(mailbox)).used(quota, clock);
    } catch (IOException e) {
      throw new MailboxException("mailbox " + mailbox + ": " + reason(e), e);
    }
  }

  /// Finishes what waits; what comes later is refused.
  @Override
  public void close() {
    folders.close();
  }

  private void deliver(
      Path path, EnvelopeId id, byte[] prefix, Content content, CompletableFuture<Void> outcome)
      throws IOException {
    Folder folder = folders.open(path);
    try {
      deliver(folder, id, prefix, content, outcome);
    } catch (NoSuchFileException e) {
      // Somebody has removed the folder since it was last used.
      folders.forget(folder);
      if (outcome.isDone()) {
        throw e;
      }
      deliver(folders.open(path), id, prefix, content, outcome);
    }
  }

  private void deliver(
      Folder folder, EnvelopeId id, byte[] prefix, Content content, CompletableFuture<Void> outcome)
      throws IOException {
    String name = names.of(id, prefix.length + content.size());
    Path target = folder.fresh().resolve(name);
    if (Files.exists(target) || earlier.contains(folder, id)) {
      folder.group().submit(new Delivery.Found(folder, outcome));
      await(outcome);
      return;
    }
    Path tmp = folder.unfinished(name);
    long begun = ticker.nanos();
    try (Disk.OpenFile file = create(tmp)) {
      long took = ticker.nanos() - begun;
      folder.staging().ifPresent(staging -> staging.took(took));
      try {
        write(file, prefix, content);
      } catch (IOException e) {
        disk.delete(tmp);
        throw e;
      }
      folder.group().submit(new Delivery.Fresh(folder, tmp, target, file, outcome));
      await(outcome);
      new MaildirSize(folder.path()).added(prefix.length + content.size());
    }
  }

  private Disk.OpenFile create(Path tmp) throws IOException {
    try {
      return disk.create(tmp);
    } catch (FileAlreadyExistsException _) {
      // Left by a process that died; nobody else gives files this name.
      disk.delete(tmp);
      return disk.create(tmp);
    }
  }

  private void write(Disk.OpenFile file, byte[] prefix, Content content) throws IOException {
    ByteBuffer buffer =
        Optional.ofNullable(idleBuffers.poll())
            .orElseGet(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));
    try {
      writeWith(buffer.clear(), file, prefix, content);
    } finally {
      boolean _ = idleBuffers.offer(buffer);
    }
  }

  private static void writeWith(
      ByteBuffer buffer, Disk.OpenFile file, byte[] prefix, Content content) throws IOException {
    for (int at = 0; at < prefix.length; ) {
      int length = Math.min(prefix.length - at, buffer.remaining());
      buffer.put(prefix, at, length);
      at += length;
      flushWhenFull(buffer, file);
    }
    for (long at = 0; at < content.size(); ) {
      at += read(content, at, buffer);
      flushWhenFull(buffer, file);
    }
    file.write(buffer.flip());
  }

  private static int read(Content content, long at, ByteBuffer buffer)
      throws UnreadableMessageException {
    try {
      int read = content.read(at, buffer);
      if (read <= 0) {
        throw new EOFException("content ends after " + at + " of " + content.size() + " bytes");
      }
      return read;
    } catch (IOException e) {
      throw new UnreadableMessageException(reason(e), e);
    }
  }

  private static void flushWhenFull(ByteBuffer buffer, Disk.OpenFile file) throws IOException {
    if (!buffer.hasRemaining()) {
      file.write(buffer.flip());
      buffer.clear();
    }
  }

  private static void await(CompletableFuture<Void> outcome) throws IOException {
    try {
      outcome.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "permission denied: " + denied.getFile();
      case NoSuchFileException missing -> "no such file or folder: " + missing.getFile();
      default -> Optional.ofNullable(e.getMessage()).orElse(e.getClass().getSimpleName());
    };
  }
}
