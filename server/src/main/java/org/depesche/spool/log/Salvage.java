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
    Path damaged = DamagedFolder.in(folder);
    if (!Files.isDirectory(damaged)) {
      return List.of();
    }
    List<Path> copies;
    try (Stream<Path> files = Files.list(damaged)) {
      // Chunks are for the messages that list them.
      copies = files.filter(f -> !DamagedFolder.isChunk(f)).sorted().toList();
    }
    Salvage salvage = new Salvage(folder, into);
    List<Piece> pieces = new ArrayList<>();
    for (Path copy : copies) {
      salvage.look(copy, pieces);
    }
    return pieces;
  }

  private void look(Path copy, List<Piece> pieces) throws IOException {
    int sequence = Segment.sequence(copy.getFileName().toString());
    if (sequence > 0) {
      segment(sequence, copy, pieces);
    } else if (DamagedFolder.isDamaged(copy)) {
      look(copy, Files.readAllBytes(copy), pieces);
    } else {
      pieces.add(new Piece.Other(copy, "not a record"));
    }
  }

  /// A whole segment was set aside because not even its header could be read, or because there was
  /// no room for copies of what is damaged in it.
  private void segment(int sequence, Path path, List<Piece> pieces) throws IOException {
    try (FileLayer.LogFile file = new DiskFiles().read(path)) {
      Segment segment = new Segment(sequence, path, file);
      int before = pieces.size();
      if (!(segment.readHeader() instanceof SegmentHeader.Read.Damaged(var salt, var _))
          || salt != null) {
        new SegmentScan(segment, new InSegment(segment, pieces)).run();
      }
      if (pieces.size() == before) {
        pieces.add(new Piece.Other(path, "a whole segment"));
      }
    }
  }

  /// Looks through what is damaged in a segment and has not been copied.
  private final class InSegment implements SegmentScan.Visitor {

    private final Segment segment;
    private final List<Piece> pieces;

    InSegment(Segment segment, List<Piece> pieces) {
      this.segment = segment;
      this.pieces = pieces;
    }

    @Override
    public void record(LogRecord.Header header, int offset, byte[] payload, int payloadOffset) {
      // It was good, and has been done with.
    }

    @Override
    public void damage(int offset, int length, String what) throws IOException {
      if (!Files.exists(DamagedFolder.damaged(folder, segment.sequence, offset))) {
        look(segment.path, bytes(segment.path, offset, length), pieces);
      }
    }
  }

  private void look(Path copy, byte[] bytes, List<Piece> pieces) throws IOException {
    List<DamagedBytes.Found> records = DamagedBytes.records(bytes);
    for (DamagedBytes.Found record : records) {
      pieces.add(piece(copy, record, bytes));
    }
    if (records.isEmpty()) {
      pieces.add(new Piece.Other(copy, "its header cannot be read"));
    }
  }

  private Piece piece(Path copy, DamagedBytes.Found record, byte[] bytes) throws IOException {
    String id = new EnvelopeId(record.id()).toString();
    return switch (record.type()) {
      case MESSAGE -> message(copy, record, bytes);
      case CHUNK -> new Piece.Other(copy, "a part of the content of " + id);
      case STATES -> new Piece.Other(copy, "how far " + id + " was; it is tried again");
      case REMOVAL -> new Piece.Other(copy, "that " + id + " was done with; it may go out again");
      case SEAL -> new Piece.Other(copy, "the end of a segment, nothing is lost");
    };
  }

  private Piece message(Path copy, DamagedBytes.Found record, byte[] bytes) throws IOException {
    EnvelopeId id = new EnvelopeId(record.id());
    MessagePayload message;
    EnvelopeCodec.Head head;
    try {
      message = MessagePayload.decode(bytes, record.payload(), record.length());
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
        bytes,
        record.payload() + message.contentOffset(),
        record.length() - message.contentOffset());
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
    Path copy = DamagedFolder.chunk(folder, chunk);
    if (Files.exists(copy)) {
      return bytes(copy, LogRecord.HEADER, length);
    }
    String name = Segment.name(chunk.segment());
    Path segment = folder.resolve(name);
    if (!Files.exists(segment)) {
      segment = DamagedFolder.in(folder).resolve(name);
    }
    // Its place is among what may be damaged.
    int from = Math.min(chunk.offset(), Integer.MAX_VALUE - LogRecord.HEADER) + LogRecord.HEADER;
    return bytes(segment, from, length);
  }

  private static byte[] bytes(Path path, int from, int length) throws IOException {
    try (FileLayer.LogFile file = new DiskFiles().read(path)) {
      ByteBuffer bytes = ByteBuffer.allocate(length);
      int read = new PatientReader(new Segment(0, path, file)).read(bytes, from);
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
