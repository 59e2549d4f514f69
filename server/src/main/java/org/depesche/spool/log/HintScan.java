package org.depesche.spool.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/// The hints of a segment, made by reading it.
final class HintScan implements SegmentScan.Visitor {

  /// Hears of bytes that cannot be read, with good ones behind them.
  interface OnDamage {
    void damage(int offset, int length, String what) throws IOException;
  }

  private final OnDamage onDamage;
  private final SegmentScan scan;
  private final ByteArrayOutputStream hints = new ByteArrayOutputStream();

  HintScan(Segment segment, OnDamage onDamage) throws IOException {
    this.onDamage = onDamage;
    this.scan = new SegmentScan(segment, this);
  }

  void run() throws IOException {
    scan.run();
  }

  /// What stands in the segment, as `Hints` has it.
  ByteArrayOutputStream hints() {
    return hints;
  }

  /// Where its last good record ends.
  int goodEnd() {
    return scan.goodEnd();
  }

  /// How far it is known to have been on stable storage.
  int syncedEnd() {
    return scan.syncedEnd();
  }

  boolean isSealed() {
    return scan.isSealed();
  }

  /// Bytes before that end which a crash has kept from being written.
  long unwritten() {
    return scan.unwritten();
  }

  @Override
  public void record(LogRecord.Header header, int offset, byte[] payload, int payloadOffset)
      throws IOException {
    long id = header.id();
    int end = payloadOffset + header.length();
    switch (header.type()) {
      case MESSAGE -> {
        MessagePayload message;
        try {
          message = MessagePayload.decode(payload, payloadOffset, header.length());
        } catch (IOException e) {
          // It is whole and means nothing: written by a mistake, not damaged by a disk.
          onDamage.damage(offset, header.size(), String.valueOf(e.getMessage()));
          return;
        }
        int content = payloadOffset + message.contentOffset();
        byte[] head = Arrays.copyOfRange(payload, payloadOffset, content);
        Hints.message(hints, id, offset, header.length(), head);
      }
      case STATES -> Hints.states(hints, id, Arrays.copyOfRange(payload, payloadOffset, end));
      case REMOVAL -> Hints.removal(hints, id);
      case CHUNK, SEAL -> {}
    }
  }

  @Override
  public void damage(int offset, int length, String what) throws IOException {
    onDamage.damage(offset, length, what);
  }
}
