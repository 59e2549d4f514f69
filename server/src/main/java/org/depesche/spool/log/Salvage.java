package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.depesche.mail.EnvelopeId;

/// Makes what can be made of the damaged records that a start has set aside: messages with their
/// envelopes, for a person to look at. Reads only, so that the server may run; sends nothing.
public final class Salvage {

  /// What was found in the damaged bytes.
  public sealed interface Piece {

    /// A message, more or less as it was: one of its bytes at least is not what it should be.
    ///
    /// @param file where it has been written to
    /// @param missing octets of its content that are nowhere to be had
    record Message(
        EnvelopeId id,
        Instant receivedAt,
        String sender,
        List<String> recipients,
        Path file,
        long missing)
        implements Piece {}

    /// Something else, or too damaged to be known.
    ///
    /// @param from the copy of the damaged bytes
    record Other(Path from, String what) implements Piece {}
  }

  private final Path folder;
  private final Path into;

  private Salvage(Path folder, Path into) {
    this.folder = folder;
    this.into = into;
  }

  /// Looks through what a spool has set aside.
  ///
  /// @param folder the spool
  /// @param into where messages are written to, made if need be
  /// @throws IOException when it cannot be read or written
  public static List<Piece> run(Path folder, Path into) throws IOException {
    Path damaged = folder.resolve("damaged");
    if (!Files.isDirectory(damaged)) {
      return List.of();
    }
    List<Path> copies;
    try (Stream<Path> files = Files.list(damaged)) {
      copies = files.sorted().toList();
    }
    Salvage salvage = new Salvage(folder, into);
    List<Piece> pieces = new ArrayList<>();
    for (Path copy : copies) {
      salvage.look(copy, pieces);
    }
    return pieces;
  }

  /// What is damaged begins with a record, behind which others may follow that count no more.
  private void look(Path copy, List<Piece> pieces) throws IOException {
    if (!copy.getFileName().toString().endsWith(".bin")) {
      pieces.add(new Piece.Other(copy, "not a record"));
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(copy));
    boolean known = false;
    while (bytes.remaining() >= LogRecord.HEADER) {
      int start = bytes.position();
      LogRecord.Header header = LogRecord.parseOfAnySegment(bytes.slice(), bytes.remaining());
      if (header == null) {
        break;
      }
      known = true;
      pieces.add(piece(copy, header, bytes.array(), start + LogRecord.HEADER));
      bytes.position(Math.min(bytes.limit(), start + header.size()));
    }
    if (!known) {
      pieces.add(new Piece.Other(copy, "its header cannot be read"));
    }
  }

  private Piece piece(Path copy, LogRecord.Header header, byte[] bytes, int payload)
      throws IOException {
    String id = new EnvelopeId(header.id()).toString();
    return switch (header.type()) {
      case MESSAGE -> message(copy, header, bytes, payload);
      case CHUNK -> new Piece.Other(copy, "a part of the content of " + id);
      case STATES -> new Piece.Other(copy, "how far " + id + " was; it is tried again");
      case REMOVAL -> new Piece.Other(copy, "that " + id + " was done with; it may go out again");
      case SEAL -> new Piece.Other(copy, "the end of a segment, nothing is lost");
    };
  }

  private Piece message(Path copy, LogRecord.Header header, byte[] bytes, int payload)
      throws IOException {
    EnvelopeId id = new EnvelopeId(header.id());
    MessagePayload message;
    EnvelopeCodec.Head head;
    try {
      message = MessagePayload.decode(bytes, payload, header.length());
      head = EnvelopeCodec.decode(message.head());
    } catch (IOException e) {
      return new Piece.Other(copy, "the message " + id + ", but its envelope cannot be read");
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(head.prefix().getBytes(UTF_8));
    long missing = 0;
    for (MessagePayload.Chunk chunk : message.chunks()) {
      // No chunk is longer. Where it is said to be is among what may be damaged, and a length
      // that is none must not take the memory all other messages are read with.
      int length = Math.min(chunk.length(), LogWriter.CHUNK);
      byte[] part = chunk(chunk, length);
      content.writeBytes(part);
      missing += length - part.length;
    }
    content.write(
        bytes, payload + message.contentOffset(), header.length() - message.contentOffset());
    return new Piece.Message(
        id,
        head.receivedAt(),
        head.envelope().sender().wire(),
        head.envelope().recipients().stream().map(r -> r.address().wire()).toList(),
        write(id, content.toByteArray()),
        missing);
  }

  /// The bytes of a chunk as far as they are there, good or not.
  private byte[] chunk(MessagePayload.Chunk chunk, int length) throws IOException {
    Path segment = folder.resolve(Segment.name(chunk.segment()));
    try (FileLayer.LogFile file = new DiskFiles().read(segment)) {
      ByteBuffer bytes = ByteBuffer.allocate(length);
      int read = file.read(bytes, (long) chunk.offset() + LogRecord.HEADER);
      return Arrays.copyOf(bytes.array(), read);
    } catch (NoSuchFileException _) {
      return new byte[0];
    }
  }

  private Path write(EnvelopeId id, byte[] content) throws IOException {
    Files.createDirectories(
        into, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path file = into.resolve(id + ".eml");
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.write(file, content);
  }
}
