package org.depesche.message;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What a message needs of a server that is to take it as it is, and what would have to change for
/// a server that takes less (RFC 6152 §3, RFC 2045 §6).
///
/// @param eightBitHeader a header has octets beyond ASCII, in the message or in one within it (RFC
///   6532)
/// @param eightBit its content has octets beyond ASCII
/// @param binary its content has lines longer than 998 octets, NUL, or CR and LF that stand alone
/// @param signed it carries a signature that a change of its content breaks
/// @param unclear why its parts cannot be told; empty when they can
/// @param parts the message and its parts in their order
public record TransferNeeds(
    boolean eightBitHeader,
    boolean eightBit,
    boolean binary,
    boolean signed,
    String unclear,
    List<Part> parts) {

  public TransferNeeds {
    parts = List.copyOf(parts);
  }

  /// A part, as far as its transfer is concerned.
  ///
  /// @param forbidden it has NUL, or CR and LF that stand alone
  /// @param longLine it has a line longer than 998 octets
  record Part(MimeEntity entity, boolean eightBit, boolean forbidden, boolean longLine) {

    boolean hasOtherOctets(boolean toSevenBit) {
      return forbidden || toSevenBit && eightBit;
    }

    /// RFC 2046 §5.2, RFC 2045 §6.4
    boolean mayBeEncoded() {
      return !entity.isEncoded() && !entity.type().startsWith("message/");
    }

    /// True for long lines that shorter ones stand for as well (RFC 2045 §6.8).
    boolean mayBeFolded() {
      return longLine && entity.encoding().equals("base64");
    }
  }

  /// More parts than anybody writes.
  private static final int MOST_PARTS = 10_000;

  /// RFC 5322 §2.1.1
  private static final int LONGEST_LINE = 998;

  private static final int PIECE = 16 * 1024;

  /// Reads a message through.
  public static TransferNeeds of(Content content) throws IOException {
    Survey survey = new Survey();
    MimeWalker walker = new MimeWalker(survey);
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    for (long at = 0; at < content.size(); ) {
      int read = content.read(at, piece.clear());
      if (read <= 0) {
        throw new IOException("the message ends at octet " + at);
      }
      walker.write(piece.array(), 0, read);
      at += read;
    }
    walker.end();
    return survey.result(walker.unclear());
  }

  /// Why it cannot be brought into a form with less; empty when it can.
  ///
  /// @param toSevenBit whether eight-bit text is too much
  /// @param shortLines whether a line of more than 998 octets may not stay where it is in a part
  ///   that can be neither encoded nor folded
  public String obstacle(boolean toSevenBit, boolean shortLines) {
    if (toSevenBit && eightBitHeader) {
      return "its header has octets beyond ASCII";
    }
    if (!unclear.isEmpty()) {
      return unclear;
    }
    for (Part part : parts) {
      if (part.mayBeEncoded()) {
        continue;
      }
      if (part.hasOtherOctets(toSevenBit)) {
        return "a part that may not be encoded again has such octets";
      }
      if (shortLines && part.longLine() && !part.mayBeFolded()) {
        return "a part that may not be encoded again has lines longer than 998 octets";
      }
    }
    return "";
  }

  private static final class Survey implements MimeWalker.Visitor {

    private final List<Part> parts = new ArrayList<>();
    private MimeEntity entity = MimeEntity.of("", "", false);
    private boolean eightBitHeader;
    private boolean eightBitBetween;
    private boolean eightBit; // of the part that is being read
    private boolean forbidden;
    private boolean longLine;
    private boolean eightBitSomewhere; // also in parts that are too many to be kept
    private boolean binarySomewhere;
    private boolean signed;
    private boolean tooMany;
    private long lineLength;
    private int current = -1;

    @Override
    public void entityBegins(boolean ofMessage) {
      if (parts.size() == MOST_PARTS) {
        tooMany = true;
        return;
      }
      current = parts.size();
      parts.add(new Part(entity, false, false, false));
    }

    @Override
    public void header(String field, byte[] bytes, int offset, int length) {
      eightBitHeader |= hasEightBit(bytes, offset, length);
      signed |= field.equals("dkim-signature") || field.equals("arc-seal");
    }

    @Override
    public void headerLineEnd(String field) {}

    @Override
    public void headerEnds(MimeEntity of) {
      signed |= of.type().equals("multipart/signed");
      eightBit = false;
      forbidden = false;
      longLine = false;
      lineLength = 0;
      if (!tooMany) {
        parts.set(current, new Part(of, false, false, false));
      }
    }

    @Override
    public void content(byte[] bytes, int offset, int length) {
      lineLength += length;
      for (int i = offset; i < offset + length; i++) {
        byte b = bytes[i];
        eightBit |= b < 0;
        forbidden |= b == 0 || b == '\r' || b == '\n';
      }
    }

    @Override
    public void contentLineEnd() {
      longLine |= lineLength > LONGEST_LINE;
      lineLength = 0;
    }

    @Override
    public void contentEnds(boolean boundaryFollows) {
      contentLineEnd();
      eightBitSomewhere |= eightBit;
      binarySomewhere |= forbidden || longLine;
      if (!tooMany) {
        MimeEntity of = parts.get(current).entity();
        parts.set(current, new Part(of, eightBit, forbidden, longLine));
      }
    }

    @Override
    public void between(byte[] bytes, int offset, int length) {
      eightBitBetween |= hasEightBit(bytes, offset, length);
    }

    @Override
    public void betweenLineEnd() {}

    private static boolean hasEightBit(byte[] bytes, int offset, int length) {
      for (int i = offset; i < offset + length; i++) {
        if (bytes[i] < 0) {
          return true;
        }
      }
      return false;
    }

    TransferNeeds result(String unclear) {
      String why =
          tooMany
              ? "it has more than " + MOST_PARTS + " parts"
              : unclear.isEmpty() && eightBitBetween
                  ? "there are octets beyond ASCII between its parts"
                  : unclear;
      return new TransferNeeds(
          eightBitHeader,
          eightBitBetween || eightBitSomewhere,
          binarySomewhere,
          signed,
          why,
          parts);
    }
  }
}
