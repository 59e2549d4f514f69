package org.depesche.smtp.server;

import java.io.IOException;
import org.depesche.mail.Reply;
import org.depesche.smtp.ChunkReader;
import org.depesche.smtp.DataReader;
import org.jspecify.annotations.Nullable;

/// The content of one message between the wire and the receiver: counts it, watches its form, and
/// remembers what went wrong until the client has said all of it and can be told.
final class Transfer {

  /// A client that goes on sending this many times the limit is cut off.
  private static final int PATIENCE = 2;

  private static final Reply SPOILT =
      Reply.of(550, "5.6.0", "Message refused: it has a bare CR, a bare LF or a NUL");

  /// What became of a message.
  sealed interface Result {}

  /// The receiver has it.
  record Taken(Reply reply) implements Result {}

  /// Nobody has it.
  record NotTaken(Reply reply, String reason) implements Result {}

  /// The client does not stop sending.
  static final class TooMuchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooMuchException() {
      super("too much", null, false, false);
    }
  }

  private final Incoming incoming;
  private final long maxSize;
  private final DataReader data = new DataReader(this::write);
  private final ChunkReader chunk;
  private long size;
  private long received;
  private boolean aborted;
  private @Nullable ReceiveException trouble;

  Transfer(Incoming incoming, long maxSize, boolean binary) {
    this.incoming = incoming;
    this.maxSize = maxSize;
    this.chunk = new ChunkReader(this::write, binary);
  }

  /// Reads to the end of data.
  ///
  /// @return false when the connection ended before
  boolean data(Wire wire) throws IOException {
    boolean ended = false;
    try {
      ended = wire.transfer(new TextTaker(), Long.MAX_VALUE);
      return ended;
    } finally {
      if (!ended) {
        abort();
      }
    }
  }

  private final class TextTaker implements Wire.Taker {
    @Override
    public int take(byte[] bytes, int offset, int length) {
      int taken = data.read(bytes, offset, length);
      count(taken);
      return taken;
    }

    @Override
    public boolean isComplete() {
      return data.isComplete();
    }
  }

  /// Reads one chunk.
  ///
  /// @return false when the connection ended before
  boolean chunk(Wire wire, long length) throws IOException {
    boolean ended = false;
    try {
      ended =
          wire.transfer(
              (bytes, offset, available) -> {
                count(available);
                chunk.read(bytes, offset, available);
                return available;
              },
              length);
      return ended;
    } finally {
      if (!ended) {
        abort();
      }
    }
  }

  private void count(int length) {
    received += length;
    if (isTooMuch(received, maxSize)) {
      throw new TooMuchException();
    }
  }

  /// True when so much is not even read to be thrown away.
  static boolean isTooMuch(long octets, long maxSize) {
    return octets / PATIENCE > maxSize + (1 << 20);
  }

  private void write(byte[] bytes, int offset, int length) {
    size += length;
    if (size > maxSize || trouble != null) {
      return;
    }
    try {
      incoming.write(bytes, offset, length);
    } catch (ReceiveException e) {
      trouble = e;
    }
  }

  /// Says what became of the message; called once, when all of it has come.
  Result finish() {
    if (data.isSpoilt() || chunk.isSpoilt(true)) {
      abort();
      return new NotTaken(SPOILT, "bare CR, bare LF or NUL in the content");
    }
    if (size > maxSize) {
      // RFC 1870 §6.3.
      abort();
      return new NotTaken(Replies.TOO_BIG, size + " octets are more than limits.message-size");
    }
    ReceiveException broken = trouble;
    if (broken != null) {
      abort();
      return new NotTaken(broken.reply(), broken.reason());
    }
    try {
      return switch (incoming.finish()) {
        case Receipt.Accepted(var reply) -> new Taken(reply);
        case Receipt.Refused(var reply, var reason) -> new NotTaken(reply, reason);
      };
    } catch (ReceiveException e) {
      return new NotTaken(e.reply(), e.reason());
    }
  }

  void abort() {
    if (!aborted) {
      aborted = true;
      incoming.abort();
    }
  }
}
