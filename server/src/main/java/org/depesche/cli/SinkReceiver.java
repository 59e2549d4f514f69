package org.depesche.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.depesche.smtp.server.Client;
import org.depesche.smtp.server.Incoming;
import org.depesche.smtp.server.Receipt;
import org.depesche.smtp.server.ReceiveException;
import org.depesche.smtp.server.Receiver;

/// Accepts every message, counts it, and keeps it where it is told to.
final class SinkReceiver implements Receiver {

  /// How much of a message is kept for showing.
  static final int SHOWN_BYTES = 64 * 1024;

  private static final Reply TAKEN = Reply.of(250, "2.0.0", "taken and forgotten");
  private static final Reply KEPT = Reply.of(250, "2.0.0", "kept");
  private static final Reply NO_ROOM = Reply.of(451, "4.3.0", "cannot keep it");

  /// A message that was taken.
  ///
  /// @param file where it was saved; empty when it was not
  /// @param start its first bytes; empty unless wanted
  record Taken(
      String client,
      String helo,
      String from,
      List<String> to,
      long bytes,
      Optional<Path> file,
      byte[] start) {}

  private final SinkTally tally;
  private final Optional<Path> folder;
  private final int shownBytes;
  private final Consumer<Taken> taken;
  private final AtomicLong numbers = new AtomicLong();

  /// @param folder where messages are saved, one a file; empty to save none
  /// @param shownBytes how much of a message `taken` wants to see
  /// @param taken hears of every message, on the thread of its session
  SinkReceiver(SinkTally tally, Optional<Path> folder, int shownBytes, Consumer<Taken> taken) {
    this.tally = tally;
    this.folder = folder;
    this.shownBytes = shownBytes;
    this.taken = taken;
  }

  @Override
  public Verdict connected(Client client) {
    tally.session();
    return Verdict.accept();
  }

  @Override
  public Verdict recipient(Client client, Envelope envelope, Recipient recipient) {
    return Verdict.accept();
  }

  @Override
  public Incoming begin(Client client, Envelope envelope) throws ReceiveException {
    try {
      return new Message(client, envelope, folder.map(this::unused));
    } catch (IOException e) {
      throw new ReceiveException(NO_ROOM, String.valueOf(e.getMessage()));
    }
  }

  private Path unused(Path in) {
    Path file;
    do {
      file = in.resolve("%06d.eml".formatted(numbers.incrementAndGet()));
    } while (Files.exists(file));
    return file;
  }

  private final class Message implements Incoming {

    private final Client client;
    private final Envelope envelope;
    private final Optional<Path> file;
    private final OutputStream out;
    private final ByteArrayOutputStream start = new ByteArrayOutputStream(0);
    private long size;

    Message(Client client, Envelope envelope, Optional<Path> file) throws IOException {
      this.client = client;
      this.envelope = envelope;
      this.file = file;
      this.out =
          file.isPresent()
              ? Files.newOutputStream(partial(file.get()))
              : OutputStream.nullOutputStream();
    }

    private static Path partial(Path file) {
      return file.resolveSibling(file.getFileName() + ".part");
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws ReceiveException {
      size += length;
      start.write(bytes, offset, Math.min(length, shownBytes - start.size()));
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw new ReceiveException(NO_ROOM, String.valueOf(e.getMessage()));
      }
    }

    @Override
    public Receipt finish() throws ReceiveException {
      try {
        out.close();
        if (file.isPresent()) {
          Files.move(partial(file.get()), file.get(), StandardCopyOption.ATOMIC_MOVE);
        }
      } catch (IOException e) {
        throw new ReceiveException(NO_ROOM, String.valueOf(e.getMessage()));
      }
      tally.message(envelope.recipients().size(), size);
      taken.accept(
          new Taken(
              client.remote().getAddress().getHostAddress(),
              client.helo(),
              envelope.sender().wire(),
              envelope.recipients().stream().map(to -> to.address().wire()).toList(),
              size,
              file,
              start.toByteArray()));
      return new Receipt.Accepted(file.isPresent() ? KEPT : TAKEN);
    }

    @Override
    public void abort() {
      try {
        out.close();
        if (file.isPresent()) {
          Files.deleteIfExists(partial(file.get()));
        }
      } catch (IOException _) {
        // A leftover .part file in a folder of test mail harms nobody.
      }
    }
  }
}
