package org.depesche.spool.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.StoredEnvelope;

/// Reads a whole spool, offline, and says what it holds and what is wrong with it. Reads every byte
/// of every record, believes no hints, changes nothing.
public final class SpoolVerifier {

  /// What was found.
  ///
  /// @param segments files
  /// @param records good records in them
  /// @param messages messages that are stored, oldest first
  /// @param removed messages that were stored and are gone
  /// @param bytes bytes of all segments
  /// @param liveBytes bytes of the records of messages that are stored
  /// @param tornBytes bytes behind the last good record of a segment that was not ended in order:
  ///   cut by the next start
  /// @param damages what is not readable and was
  public record Report(
      int segments,
      long records,
      List<StoredEnvelope> messages,
      long removed,
      long bytes,
      long liveBytes,
      long tornBytes,
      List<Damage> damages) {

    /// Recipients that wait to be tried.
    public long waiting() {
      return count(RecipientState.Waiting.class);
    }

    /// Recipients that wait for an operator.
    public long held() {
      return count(RecipientState.Held.class);
    }

    private long count(Class<? extends RecipientState> kind) {
      return messages.stream().flatMap(m -> m.states().stream()).filter(kind::isInstance).count();
    }
  }

  private record Found(StoredEnvelope envelope, long bytes) {}

  private final Map<Long, Found> messages = new TreeMap<>();
  private final List<Damage> damages = new ArrayList<>();
  private long records;
  private long removed;
  private long bytes;
  private long torn;

  private SpoolVerifier() {}

  /// Verifies the spool in a folder.
  ///
  /// @throws IOException when there is none, it is in use, or it cannot be read
  public static Report verify(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("there is no spool in " + folder);
    }
    try (FileChannel _ = LogSpool.lock(folder)) {
      return new SpoolVerifier().run(folder);
    } catch (IOException e) {
      throw new IOException("cannot verify " + folder + ": " + e.getMessage(), e);
    }
  }

  private Report run(Path folder) throws IOException {
    DiskFiles files = new DiskFiles();
    int segments = 0;
    for (Path path : files.list(folder)) {
      String name = path.getFileName().toString();
      if (name.matches("[0-9a-f]{16}\\.log")) {
        segments++;
        int sequence = (int) Long.parseLong(name.substring(0, 16), 16);
        try (FileLayer.LogFile file = files.open(path)) {
          segment(new Segment(sequence, path, file));
        }
      }
    }
    long live = messages.values().stream().mapToLong(Found::bytes).sum();
    return new Report(
        segments,
        records,
        messages.values().stream().map(Found::envelope).toList(),
        removed,
        bytes,
        live,
        torn,
        List.copyOf(damages));
  }

  private void segment(Segment segment) throws IOException {
    long size = segment.file.size();
    bytes += size;
    if (size < Segment.HEADER) {
      torn += size;
      return;
    }
    try {
      Segment.check(segment.file, segment.sequence, segment.path);
    } catch (IOException e) {
      damages.add(new Damage(segment.path, 0, Segment.HEADER, String.valueOf(e.getMessage())));
    }
    SegmentScan scan = new SegmentScan(segment, new Visit(segment));
    scan.run();
    if (!scan.isSealed()) {
      torn += size - scan.goodEnd();
    }
  }

  private final class Visit implements SegmentScan.Visitor {

    private final Segment segment;

    Visit(Segment segment) {
      this.segment = segment;
    }

    @Override
    public void record(LogRecord.Header header, int offset, byte[] payload, int payloadOffset)
        throws IOException {
      records++;
      switch (header.type()) {
        case MESSAGE -> message(header, payload, payloadOffset);
        case STATES -> {
          Found known = messages.get(header.id());
          if (known != null) {
            byte[] encoded =
                Arrays.copyOfRange(payload, payloadOffset, payloadOffset + header.length());
            messages.put(header.id(), with(known, EnvelopeCodec.decodeStates(encoded)));
          }
        }
        case REMOVAL -> removed += messages.remove(header.id()) == null ? 0 : 1;
        case CHUNK, SEAL -> {}
      }
    }

    @Override
    public void damage(int offset, int length, String what) {
      damages.add(new Damage(segment.path, offset, length, what));
    }
  }

  private void message(LogRecord.Header header, byte[] payload, int payloadOffset)
      throws IOException {
    MessagePayload message = MessagePayload.decode(payload, payloadOffset, header.length());
    EnvelopeCodec.Head head = EnvelopeCodec.decode(message.head());
    long chunked = message.chunks().stream().mapToLong(MessagePayload.Chunk::length).sum();
    Found known = messages.get(header.id());
    List<RecipientState> states =
        known != null
            ? known.envelope().states()
            : head.envelope().recipients().stream()
                .map(_ -> LogSpool.fresh(head.receivedAt()))
                .toList();
    StoredEnvelope envelope =
        new StoredEnvelope(
            new EnvelopeId(header.id()),
            head.receivedAt(),
            chunked + header.length() - message.contentOffset() + head.prefix().length(),
            head.envelope(),
            states);
    messages.put(header.id(), new Found(envelope, header.size() + chunked));
  }

  private static Found with(Found known, List<RecipientState> states) throws IOException {
    StoredEnvelope old = known.envelope();
    if (states.size() != old.states().size()) {
      throw new IOException("states for another number of recipients");
    }
    return new Found(
        new StoredEnvelope(old.id(), old.receivedAt(), old.size(), old.envelope(), states),
        known.bytes());
  }
}
