package org.depesche.spool;

import java.time.Instant;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;

/// A message on its way into the spool, used by one thread. Ended by `commit`, by a settlement that
/// carries it, or by `abort`.
public interface SpoolWriter {

  /// The name the message will have.
  EnvelopeId id();

  /// The next bytes of the content; the array is the caller's again after the call. Big content
  /// goes to disk as it comes, so that a writer holds a bounded amount of memory.
  ///
  /// @throws SpoolException when the disk is full or broken
  void write(byte[] bytes, int offset, int length);

  /// Bytes written so far.
  long size();

  /// Says what the message is; to be called once, before `commit` or a settlement.
  ///
  /// @param prefix header fields that stand before the content, CRLF at the end of each
  void describe(Envelope envelope, String prefix, Instant receivedAt);

  /// Makes the message durable. Returns when it is on stable storage, and the listeners have been
  /// told.
  ///
  /// @throws SpoolException when it is not, and will not be: `SLOW`, `FULL`, `BROKEN`, `CLOSED`
  /// @throws IllegalStateException when it was not described, or has ended
  void commit();

  /// Forgets the message. Does nothing after `commit`.
  void abort();
}
