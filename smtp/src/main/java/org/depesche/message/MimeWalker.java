package org.depesche.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Goes through a message as it streams by and tells which octets are header, content of a part, or
/// what stands between parts (RFC 2045, RFC 2046 §5). Memory is bounded: a line is handed on in
/// pieces, nesting and the fields that are read have limits. A message beyond them is said to be
/// `unclear`; what is reported then is of no use.
final class MimeWalker {

  /// What a walker meets. Pieces hold no line end; `lineEnd` is a CRLF.
  interface Visitor {

    /// A header begins.
    ///
    /// @param ofMessage of the message or of one within it, and not of a part
    void entityBegins(boolean ofMessage);

    /// A piece of a line of a header.
    ///
    /// @param field the name of the field in lower case
    void header(String field, byte[] bytes, int offset, int length);

    void headerLineEnd(String field);

    /// The empty line behind a header comes next.
    void headerEnds(MimeEntity entity);

    /// The content of a part that has no parts.
    void content(byte[] bytes, int offset, int length);

    void contentLineEnd();

    /// The content of a part is over. The line end before a boundary belongs to the boundary (RFC
    /// 2046 §5.1.1), but has been reported as one of the content.
    ///
    /// @param boundaryFollows or else the end of the message
    void contentEnds(boolean boundaryFollows);

    /// Boundaries, preambles, epilogues, and the empty lines behind headers.
    void between(byte[] bytes, int offset, int length);

    void betweenLineEnd();
  }

  static final int DEEPEST = 50;
  private static final int PIECE = 4096;
  private static final int LONGEST_VALUE = 8192;

  private enum In {
    HEADER,
    CONTENT,
    BETWEEN
  }

  private record Multipart(byte[] boundary, boolean digest) {}

  private final Visitor visitor;
  private final List<Multipart> open = new ArrayList<>();
  private final byte[] line = new byte[PIECE];
  private int length;
  private boolean lineBegins = true;
  private In in = In.HEADER;
  private String field = "";
  private final StringBuilder contentType = new StringBuilder();
  private final StringBuilder transferEncoding = new StringBuilder();
  private int messages; // within messages
  private String unclear = "";

  MimeWalker(Visitor visitor) {
    this.visitor = visitor;
    visitor.entityBegins(true);
  }

  /// Why nothing can be said about the message; empty while something can.
  String unclear() {
    return unclear;
  }

  void write(byte[] bytes, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      byte b = bytes[i];
      if (b == '\n' && length > 0 && line[length - 1] == '\r') {
        length--;
        piece(true);
        length = 0;
        lineBegins = true;
        continue;
      }
      if (length == PIECE) {
        boolean cr = line[PIECE - 1] == '\r';
        length -= cr ? 1 : 0;
        piece(false);
        lineBegins = false;
        line[0] = '\r';
        length = cr ? 1 : 0;
      }
      line[length++] = b;
    }
  }

  void end() {
    // RFC 2046 §5.1.1: the last boundary needs no line end.
    if (length > 0 && !boundaryLine(false)) {
      piece(false);
    }
    length = 0;
    if (in == In.HEADER) {
      headerEnds();
    }
    leaveContent(false);
  }

  private void piece(boolean whole) {
    if (whole && boundaryLine(true)) {
      return;
    }
    switch (in) {
      case HEADER -> headerPiece(whole);
      case CONTENT -> {
        visitor.content(line, 0, length);
        if (whole) {
          visitor.contentLineEnd();
        }
      }
      case BETWEEN -> between(whole);
    }
  }

  private boolean boundaryLine(boolean whole) {
    if (!lineBegins || !boundary()) {
      return false;
    }
    between(whole);
    if (in == In.HEADER) {
      visitor.entityBegins(false);
    }
    return true;
  }

  private void between(boolean whole) {
    visitor.between(line, 0, length);
    if (whole) {
      visitor.betweenLineEnd();
    }
  }

  private void headerPiece(boolean whole) {
    if (lineBegins) {
      if (length == 0) {
        headerEnds();
        // The empty line.
        visitor.betweenLineEnd();
        return;
      }
      if (line[0] != ' ' && line[0] != '\t') {
        beginField();
      }
    }
    switch (field) {
      case "content-type" -> keep(contentType);
      case "content-transfer-encoding" -> keep(transferEncoding);
      default -> {}
    }
    visitor.header(field, line, 0, length);
    if (whole) {
      visitor.headerLineEnd(field);
    }
  }

  private void beginField() {
    int colon = 0;
    while (colon < length && line[colon] != ':') {
      colon++;
    }
    if (colon == 0 || colon == length) {
      unclear = "a line of its header is no field";
      field = "";
      return;
    }
    field = new String(line, 0, colon, ISO_8859_1).strip().toLowerCase(Locale.ROOT);
    // Of several the first counts; a second one would be for somebody else to believe.
    if (field.equals("content-type") && !contentType.isEmpty()
        || field.equals("content-transfer-encoding") && !transferEncoding.isEmpty()) {
      unclear = "it has two fields " + field;
    }
  }

  private void keep(StringBuilder value) {
    if (value.length() + length > LONGEST_VALUE) {
      unclear = "its " + field + " is too long";
      return;
    }
    value.append(new String(line, 0, length, ISO_8859_1));
  }

  private void headerEnds() {
    boolean inDigest = !open.isEmpty() && open.getLast().digest() && messages == 0;
    MimeEntity entity = MimeEntity.of(value(contentType), value(transferEncoding), inDigest);
    contentType.setLength(0);
    transferEncoding.setLength(0);
    field = "";
    visitor.headerEnds(entity);
    if (entity.isMultipart()) {
      if (entity.boundary().isEmpty()) {
        unclear = "a multipart has no boundary";
      }
      byte[] boundary = entity.boundary().getBytes(ISO_8859_1);
      open.add(new Multipart(boundary, entity.type().equals("multipart/digest")));
      messages = 0;
      in = In.BETWEEN;
    } else if (entity.isMessage()) {
      messages++;
      in = In.HEADER;
      visitor.entityBegins(true);
    } else {
      in = In.CONTENT;
    }
    if (open.size() + messages > DEEPEST) {
      // All that follows counts as one content: it would be held against thousands of boundaries.
      unclear = "its parts are nested too deep";
      open.clear();
      in = In.CONTENT;
    }
  }

  /// The text behind the colon.
  private static String value(StringBuilder field) {
    return field.substring(field.indexOf(":") + 1);
  }

  /// True when the line is a boundary; then the state is the one behind it.
  private boolean boundary() {
    if (length < 3 || line[0] != '-' || line[1] != '-') {
      return false;
    }
    // RFC 2046 §5.1.1: white space behind a boundary is no part of it. It is looked for once, not
    // again for each level.
    int end = length;
    while (line[end - 1] == ' ' || line[end - 1] == '\t') {
      end--;
    }
    for (int level = open.size() - 1; level >= 0; level--) {
      byte[] boundary = open.get(level).boundary();
      int behind = 2 + boundary.length;
      if (boundary.length > 0
          && length >= behind
          && Arrays.equals(line, 2, behind, boundary, 0, boundary.length)) {
        boolean last = length >= behind + 2 && line[behind] == '-' && line[behind + 1] == '-';
        if (end <= (last ? behind + 2 : behind)) {
          passBoundary(level, last);
          return true;
        }
      }
    }
    return false;
  }

  private void passBoundary(int level, boolean last) {
    if (in == In.HEADER) {
      // A part without the empty line behind its header has no content.
      unclear = "a header does not end";
    }
    leaveContent(true);
    open.subList(last ? level : level + 1, open.size()).clear();
    messages = 0;
    in = last ? In.BETWEEN : In.HEADER;
  }

  private void leaveContent(boolean boundaryFollows) {
    if (in == In.CONTENT) {
      visitor.contentEnds(boundaryFollows);
      in = In.BETWEEN;
    }
  }
}
