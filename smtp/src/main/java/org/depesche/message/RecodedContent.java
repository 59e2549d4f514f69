package org.depesche.message;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A message in a form that needs less of a server, made while it is read. Reading from the
/// beginning to the end is cheap; a step back begins again.
public final class RecodedContent implements Content {

  private static final int PIECE = 8 * 1024;

  private final Content original;
  private final TransferNeeds needs;
  private final boolean toSevenBit;
  private final long size;
  private final ByteArrayOutputStream made = new ByteArrayOutputStream(2 * PIECE);
  private MimeWalker walker;
  private long taken; // octets of the original the walker has had
  private long given; // octets handed out
  private byte[] ready = {};
  private int used;

  /// @param original not closed with this one
  /// @param needs of the original; it must have no obstacle
  /// @param toSevenBit whether eight-bit text is too much, or binary content only
  /// @throws IOException when the original cannot be read
  public RecodedContent(Content original, TransferNeeds needs, boolean toSevenBit)
      throws IOException {
    String obstacle = needs.obstacle(toSevenBit, false);
    if (!obstacle.isEmpty()) {
      throw new IllegalArgumentException(obstacle);
    }
    this.original = original;
    this.needs = needs;
    this.toSevenBit = toSevenBit;
    this.walker = walker();
    long octets = 0;
    while (advance()) {
      octets += ready.length;
    }
    this.size = octets;
    restart();
  }

  private MimeWalker walker() {
    return new MimeWalker(new Recoder(needs.parts(), toSevenBit, made));
  }

  private void restart() {
    made.reset();
    walker = walker();
    taken = 0;
    given = 0;
    ready = new byte[0];
    used = 0;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int read(long position, ByteBuffer into) throws IOException {
    if (position < given) {
      restart();
    }
    while (given + (ready.length - used) <= position) {
      given += ready.length - used;
      if (!advance()) {
        return -1;
      }
    }
    used += (int) (position - given);
    given = position;
    int count = Math.min(into.remaining(), ready.length - used);
    into.put(ready, used, count);
    used += count;
    given += count;
    return count;
  }

  /// Makes the next octets; false when there are no more.
  private boolean advance() throws IOException {
    used = 0;
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    while (taken < original.size()) {
      int read = original.read(taken, piece.clear());
      if (read <= 0) {
        throw new IOException("the message ends at octet " + taken);
      }
      taken += read;
      walker.write(piece.array(), 0, read);
      if (taken == original.size()) {
        walker.end();
      }
      if (made.size() > 0) {
        ready = made.toByteArray();
        made.reset();
        return true;
      }
    }
    ready = new byte[0];
    return false;
  }

  @Override
  public void close() {}
}
