package org.depesche.smtp.server;

import java.util.Optional;
import org.depesche.mail.Reply;
import org.depesche.smtp.ContentSink;

/// A message on its way from the wire to the receiver. Whatever goes wrong on the way is kept until
/// the client has sent everything, because only then may it be told. The `Incoming` is ended
/// exactly once, as early as it is known how.
final class Transfer implements ContentSink {

  /// Why the message is not taken.
  record Failure(Reply reply, String reason) {}

  private final Incoming incoming;
  private final Trouble trouble;
  private final long maxOctets;
  private long octets;
  private boolean ended;
  private Optional<Failure> failure = Optional.empty();

  Transfer(Incoming incoming, long maxOctets, Trouble trouble) {
    this.incoming = incoming;
    this.maxOctets = maxOctets;
    this.trouble = trouble;
  }

  long octets() {
    return octets;
  }

  Optional<Failure> failure() {
    return failure;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    octets += length;
    if (failure.isPresent()) {
      return;
    }
    if (octets > maxOctets) {
      fail(Replies.TOO_LARGE, "message larger than " + maxOctets + " octets");
      return;
    }
    try {
      incoming.write(bytes, offset, length);
    } catch (ReceiveException e) {
      fail(e.reply(), e.reason());
    } catch (RuntimeException e) {
      trouble.report("write", e);
      fail(Replies.INTERNAL_ERROR, "receiver failed: " + e);
    }
  }

  /// The message is refused for a reason of our own; the first reason stays.
  void fail(Reply reply, String reason) {
    if (failure.isEmpty()) {
      failure = Optional.of(new Failure(reply, reason));
    }
    abort();
  }

  /// Everything has come: asks the receiver, unless something went wrong before.
  Receipt finish() {
    if (failure.isPresent()) {
      return new Receipt.Refused(failure.get().reply(), failure.get().reason());
    }
    ended = true;
    try {
      return incoming.finish();
    } catch (ReceiveException e) {
      return new Receipt.Refused(e.reply(), e.reason());
    } catch (RuntimeException e) {
      trouble.report("finish", e);
      return new Receipt.Refused(Replies.INTERNAL_ERROR, "receiver failed: " + e);
    }
  }

  /// Ends the Incoming if it has not ended.
  void abort() {
    if (ended) {
      return;
    }
    ended = true;
    try {
      incoming.abort();
    } catch (RuntimeException e) {
      trouble.report("abort", e);
    }
  }
}
