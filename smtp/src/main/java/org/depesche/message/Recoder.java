package org.depesche.message;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.List;

/// Writes a message with the content of its parts encoded where it has octets a server would not
/// take: text as quoted-printable, all else as base64 (RFC 2045 §6.7, §6.8). Base64 in lines that
/// are too long is folded. What need not change stays octet for octet as it is.
final class Recoder implements MimeWalker.Visitor {

  private static final byte[] CRLF = {'\r', '\n'};

  private final List<TransferNeeds.Part> parts;
  private final boolean toSevenBit;
  private final ByteArrayOutputStream out;
  private int index = -1;
  private String newEncoding = "";
  private boolean inMessageHeader;
  private boolean hasMimeVersion;
  private boolean hasType;
  private LineEncoder encoder = LineEncoder.NONE;
  private boolean lineEndHeld;

  /// @param parts what `TransferNeeds` has found
  /// @param toSevenBit whether eight-bit text is too much, or binary content only
  /// @param out takes what is written; whoever gave it empties it
  Recoder(List<TransferNeeds.Part> parts, boolean toSevenBit, ByteArrayOutputStream out) {
    this.parts = parts;
    this.toSevenBit = toSevenBit;
    this.out = out;
  }

  /// The Content-Transfer-Encoding a part gets; empty when its own stays.
  private String encoding(TransferNeeds.Part part) {
    if (part.hasOtherOctets(toSevenBit) || part.longLine() && part.mayBeEncoded()) {
      return part.entity().isText() ? "quoted-printable" : "base64";
    }
    // A label may promise more than there is, and on what has parts it must (RFC 2045 §6.4).
    String label = part.entity().encoding();
    boolean tooMuch = label.equals("binary") || toSevenBit && label.equals("8bit");
    return tooMuch ? toSevenBit ? "7bit" : "8bit" : "";
  }

  @Override
  public void entityBegins(boolean ofMessage) {
    index++;
    inMessageHeader = ofMessage;
    newEncoding = encoding(parts.get(index));
    hasMimeVersion = false;
    hasType = false;
  }

  @Override
  public void header(String field, byte[] bytes, int offset, int length) {
    hasMimeVersion |= field.equals("mime-version");
    hasType |= field.equals("content-type");
    if (stays(field)) {
      out.write(bytes, offset, length);
    }
  }

  @Override
  public void headerLineEnd(String field) {
    if (stays(field)) {
      out.writeBytes(CRLF);
    }
  }

  private boolean stays(String field) {
    return newEncoding.isEmpty() || !field.equals("content-transfer-encoding");
  }

  @Override
  public void headerEnds(MimeEntity entity) {
    // RFC 2045 §4: each message says it for itself, and its parts do not.
    boolean becomesMime = inMessageHeader && encodes();
    if (becomesMime && !hasMimeVersion) {
      field("MIME-Version: 1.0");
    }
    if (becomesMime && !hasType) {
      // RFC 1428 §3: text whose charset nobody has named.
      field("Content-Type: text/plain; charset=unknown-8bit");
    }
    if (!newEncoding.isEmpty()) {
      field("Content-Transfer-Encoding: " + newEncoding);
    }
    encoder =
        switch (newEncoding) {
          case "quoted-printable" -> new QuotedPrintable(out);
          case "base64" -> new Base64Lines(out);
          default -> rewrites() ? new FoldedLines(out) : LineEncoder.NONE;
        };
  }

  private boolean encodes() {
    return newEncoding.equals("quoted-printable") || newEncoding.equals("base64");
  }

  /// Whether the content is written by an encoder.
  private boolean rewrites() {
    return encodes() || parts.get(index).mayBeFolded();
  }

  private void field(String text) {
    out.writeBytes(text.getBytes(US_ASCII));
    out.writeBytes(CRLF);
  }

  @Override
  public void content(byte[] bytes, int offset, int length) {
    if (!rewrites()) {
      out.write(bytes, offset, length);
      return;
    }
    releaseLineEnd();
    encoder.octets(bytes, offset, length);
  }

  /// The last line end of a part belongs to the boundary behind it, so each waits until it is seen
  /// what follows.
  @Override
  public void contentLineEnd() {
    if (!rewrites()) {
      out.writeBytes(CRLF);
      return;
    }
    releaseLineEnd();
    lineEndHeld = true;
  }

  private void releaseLineEnd() {
    if (lineEndHeld) {
      lineEndHeld = false;
      encoder.lineEnd();
    }
  }

  @Override
  public void contentEnds(boolean boundaryFollows) {
    if (!rewrites()) {
      return;
    }
    // RFC 3030 §3: no octet is lost. Quoted-printable says a line end by a line end.
    boolean lineEndIsContent = !boundaryFollows && newEncoding.equals("base64");
    if (lineEndIsContent) {
      releaseLineEnd();
    }
    encoder.end();
    if (lineEndHeld || lineEndIsContent) {
      out.writeBytes(CRLF);
    }
    lineEndHeld = false;
  }

  @Override
  public void between(byte[] bytes, int offset, int length) {
    out.write(bytes, offset, length);
  }

  @Override
  public void betweenLineEnd() {
    out.writeBytes(CRLF);
  }
}
