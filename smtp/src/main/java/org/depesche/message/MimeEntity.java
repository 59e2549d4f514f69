package org.depesche.message;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the header of a message or of a part of it says about its content (RFC 2045 §5, §6).
///
/// @param type the media type in lower case, without parameters; empty when the header names none
/// @param boundary what stands between the parts of a multipart; empty for none
/// @param encoding the Content-Transfer-Encoding in lower case; empty when the header names none
record MimeEntity(String type, String boundary, String encoding) {

  static final String MULTIPART = "multipart/";
  private static final int LONGEST_BOUNDARY = 200; // RFC 2046 §5.1.1 says 70; some do not care

  // Of longer ones the beginning is kept, which is none that is known: there is one of each for
  // every part of a message that is on its way.
  private static final int LONGEST_TYPE = 255; // RFC 6838 §4.2: 127 on each side
  private static final int LONGEST_ENCODING = 64;

  // RFC 2045 §5.1
  private static final Pattern TYPE =
      Pattern.compile("\\s*([!#$%&'*+.^_`|~A-Za-z0-9-]+/[!#$%&'*+.^_`|~A-Za-z0-9-]+)");

  /// Reads the values of the two fields, unfolded; empty text for a field that is not there.
  ///
  /// @param inDigest whether it is a part of a multipart/digest, which has another default (RFC
  ///   2046 §5.1.5)
  static MimeEntity of(String contentType, String transferEncoding, boolean inDigest) {
    Matcher type = TYPE.matcher(contentType);
    String name =
        type.lookingAt() ? atMost(LONGEST_TYPE, type.group(1)).toLowerCase(Locale.ROOT) : "";
    if (contentType.isBlank() && inDigest) {
      name = "message/rfc822";
    }
    String encoding =
        transferEncoding.replaceAll("\\([^()]*\\)", "").strip().toLowerCase(Locale.ROOT);
    return new MimeEntity(
        name,
        name.startsWith(MULTIPART) ? boundary(contentType) : "",
        atMost(LONGEST_ENCODING, encoding));
  }

  private static String boundary(String contentType) {
    return MimeParameters.value(contentType, "boundary")
        .filter(b -> !b.isBlank() && b.length() <= LONGEST_BOUNDARY)
        .orElse("");
  }

  private static String atMost(int characters, String text) {
    return text.substring(0, Math.min(characters, text.length()));
  }

  boolean isMultipart() {
    return type.startsWith(MULTIPART);
  }

  /// True for a message within the message whose content stands there as it is (RFC 2046 §5.2.1,
  /// RFC 6532 §3.7).
  boolean isMessage() {
    return type.equals("message/rfc822") || type.equals("message/global") && !isEncoded();
  }

  /// True when the content is not the thing itself but seven-bit text that stands for it.
  boolean isEncoded() {
    return !encoding.isEmpty() && !isIdentity();
  }

  /// True for the encodings that leave octets as they are.
  boolean isIdentity() {
    return encoding.equals("7bit") || encoding.equals("8bit") || encoding.equals("binary");
  }

  boolean isText() {
    return type.isEmpty() || type.startsWith("text/");
  }
}
