package org.depesche.spool.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.log.MessagePayload.Chunk;

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
  /// @param tornBytes bytes of a segment that was not ended in order which were never written
  ///   whole, and never acknowledged; what of them is behind the last good record is cut by the
  ///   next start
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

  private record Found(
      StoredEnvelope envelope, long bytes, List<Chunk> chunks, Path file, int offset, int length) {

    Found with(StoredEnvelope changed) {
      return new Found(changed, bytes, chunks, file, offset, length);
    }
  }

  private final Path folder;
  private final FileLayer files;
  private final Map<Long, Found> messages = new TreeMap<>();
  private final Set<Chunk> chunks = new HashSet<>();
  private final List<Damage> damages = new ArrayList<>();
  private long records;
  private long removed;
  private long bytes;
  private long torn;

  private SpoolVerifier(Path folder, FileLayer files) {
    this.folder = folder;
    this.files = files;
  }

  /// Verifies the spool in a folder.
  ///
  /// @throws IOException when there is none, it is in use, or it cannot be read
  public static Report verify(Path folder) throws IOException {
    try (FileChannel _ = SpoolFolder.lockExisting(folder)) {
      return verify(folder, new DiskFiles());
    } catch (IOException e) {
      throw new IOException("cannot verify " + folder + ": " + e.getMessage(), e);
    }
  }

  static Report verify(Path folder, FileLayer files) throws IOException {
    return new SpoolVerifier(folder, files).run();
  }

  private Report run() throws IOException {
    damages.addAll(SpoolFolder.damages(folder));
    int segments = 0;
    for (Path path : files.list(folder)) {
      int sequence = Segment.sequence(path.getFileName().toString());
      if (sequence > 0) {
        segments++;
        try (FileLayer.LogFile file = files.read(path)) {
          segment(new Segment(sequence, path, file));
        } catch (IOException e) {
          throw new IOException(path + ": " + e.getMessage(), e);
        }
      }
    }
    messages.values().forEach(this::missingChunks);
    return new Report(
        segments,
        records,
        messages.values().stream().map(Found::envelope).toList(),
        removed,
        bytes,
        messages.values().stream().mapToLong(Found::bytes).sum(),
        torn,
        List.copyOf(damages));
  }

  private void missingChunks(Found found) {
    if (!isWhole(found.chunks())) {
      String what = "the message " + found.envelope().id() + " lacks a part of its content";
      damages.add(new Damage(found.file(), found.offset(), found.length(), what));
    }
  }

  /// Chunks come before the message that lists them, so that all have been seen.
  private boolean isWhole(List<Chunk> listed) {
    return chunks.containsAll(listed);
  }

  private void segment(Segment segment) throws IOException {
    long size = segment.file.size();
    bytes += size;
    switch (segment.readHeader()) {
      case SegmentHeader.Read.Good _ -> {}
      case SegmentHeader.Read.Later(int version) ->
          throw new IOException("it was written by a later version (" + version + ")");
      case SegmentHeader.Read.Damaged(Long salt, String what) -> {
        damages.add(new Damage(segment.path, 0, (int) Math.min(size, Segment.HEADER), what));
        if (salt == null) {
          // No record can be told from any other bytes.
          return;
        }
      }
    }
    SegmentScan scan = new SegmentScan(segment, new Visit(segment));
    scan.run();
    torn += scan.unwritten();
    if (!scan.isSealed()) {
      torn += Math.max(0, size - scan.goodEnd());
    }
    cutShort(segment, size);
  }

  /// Hints know how long the segment was; nothing else of them is believed here.
  private void cutShort(Segment segment, long size) {
    try {
      Hints.Read hints = SegmentStore.readHints(files, segment);
      if (hints.salt() == segment.key.salt() && hints.end() > size) {
        int missing = (int) (hints.end() - size);
        damages.add(new Damage(segment.path, (int) size, missing, "the file is cut short"));
      }
    } catch (IOException e) {
      // There are none.
    }
  }

  private final class Visit implements SegmentScan.Visitor {

    private final Segment segment;

    Visit(Segment segment) {
      this.segment = segment;
    }

    @Override
    public void record(LogRecord.Header header, int offset, byte[] payload, int payloadOffset) {
      records++;
      try {
        byte[] bytes = Arrays.copyOfRange(payload, payloadOffset, payloadOffset + header.length());
        switch (header.type()) {
          case MESSAGE -> message(segment, header, offset, bytes);
          case STATES -> states(header.id(), EnvelopeCodec.decodeStates(bytes));
          case REMOVAL -> removed += messages.remove(header.id()) == null ? 0 : 1;
          case CHUNK -> chunks.add(new Chunk(segment.sequence, offset, header.length()));
          case SEAL -> {}
        }
      } catch (IOException e) {
        damage(offset, header.size(), String.valueOf(e.getMessage()));
      }
    }

    @Override
    public void damage(int offset, int length, String what) {
      damages.add(new Damage(segment.path, offset, length, what));
    }
  }

  private void message(Segment segment, LogRecord.Header header, int offset, byte[] payload)
      throws IOException {
    MessagePayload message = MessagePayload.decode(payload, 0, payload.length);
    EnvelopeCodec.Head head = EnvelopeCodec.decode(message.head());
    Found known = messages.get(header.id());
    if (known != null && isWhole(known.chunks()) && !isWhole(message.chunks())) {
      // A copy that did not come to its end; the start takes the old one too.
      return;
    }
    long chunked = message.chunks().stream().mapToLong(Chunk::length).sum();
    long content = chunked + payload.length - message.contentOffset();
    List<RecipientState> states =
        known == null
            ? Collections.nCopies(
                head.envelope().recipients().size(), LogSpool.fresh(head.receivedAt()))
            : known.envelope().states();
    StoredEnvelope envelope =
        new StoredEnvelope(
            new EnvelopeId(header.id()),
            head.receivedAt(),
            content + LogSpool.prefixSize(head),
            head.envelope(),
            states);
    messages.put(
        header.id(),
        new Found(
            envelope,
            header.size() + chunked,
            message.chunks(),
            segment.path,
            offset,
            header.size()));
  }

  private void states(long id, List<RecipientState> states) throws IOException {
    Found known = messages.get(id);
    if (known == null) {
      return;
    }
    StoredEnvelope old = known.envelope();
    if (states.size() != old.states().size()) {
      throw new IOException("states for another number of recipients than " + old.id() + " has");
    }
    messages.put(
        id,
        known.with(
            new StoredEnvelope(old.id(), old.receivedAt(), old.size(), old.envelope(), states)));
  }
}
