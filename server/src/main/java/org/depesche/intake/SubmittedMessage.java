package org.depesche.intake;

import java.io.ByteArrayOutputStream;
import org.depesche.mail.Reply;
import org.depesche.smtp.server.Incoming;
import org.depesche.smtp.server.Receipt;
import org.depesche.smtp.server.ReceiveException;

/// A message of somebody who has logged in: its header is kept until it is complete and goes on as
/// it should be (RFC 6409 §8); all that follows passes as it is.
final class SubmittedMessage implements Incoming {

  /// A header that is longer is refused.
  private static final int MAX_HEADER_OCTETS = 256 * 1024;

  private static final Reply HEADER_TOO_LONG = Reply.of(552, "5.3.4", "Header too large");

  private final Incoming next;
  private final SubmittedHeader header;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream(2048);
  private boolean passing;
  private int ending; // octets seen of the CRLF CRLF that ends a header

  SubmittedMessage(Incoming next, SubmittedHeader header) {
    this.next = next;
    this.header = header;
    // An empty line at the very beginning is the end of an empty header.
    this.ending = 2;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws ReceiveException {
    int at = offset;
    int end = offset + length;
    while (!passing && at < end) {
      byte b = bytes[at++];
      kept.write(b);
      ending = b == (ending % 2 == 0 ? '\r' : '\n') ? ending + 1 : b == '\r' ? 1 : 0;
      if (ending == 4) {
        pass();
      } else if (kept.size() > MAX_HEADER_OCTETS) {
        throw new ReceiveException(HEADER_TOO_LONG, "a header beyond " + MAX_HEADER_OCTETS);
      }
    }
    if (at < end) {
      next.write(bytes, at, end - at);
    }
  }

  private void pass() throws ReceiveException {
    passing = true;
    switch (header.edit(kept.toByteArray())) {
      case SubmittedHeader.Edited(var bytes) -> next.write(bytes, 0, bytes.length);
      case SubmittedHeader.Refused(var reply, var reason) ->
          throw new ReceiveException(reply, reason);
    }
    kept.reset();
  }

  @Override
  public Receipt finish() throws ReceiveException {
    if (!passing) {
      pass();
    }
    return next.finish();
  }

  @Override
  public void abort() {
    next.abort();
  }
}
