package org.depesche.message;

import java.util.Locale;
import java.util.Optional;
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

  // RFC 2045 §5.1; comments are rare enough here that they are only skipped before a parameter.
  private static final Pattern TYPE =
      Pattern.compile("\\s*([!#$%&'*+.^_`|~A-Za-z0-9-]+/[!#$%&'*+.^_`|~A-Za-z0-9-]+)");
  private static final Pattern BOUNDARY =
      Pattern.compile("(?i);[^;]*?\\bboundary\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s;\"]+))");

  /// Reads the values of the two fields, unfolded; empty text for a field that is not there.
  ///
  /// @param inDigest whether it is a part of a multipart/digest, which has another default (RFC
  ///   2046 §5.1.5)
  static MimeEntity of(String contentType, String transferEncoding, boolean inDigest) {
    Matcher type = TYPE.matcher(contentType);
    String name = type.lookingAt() ? type.group(1).toLowerCase(Locale.ROOT) : "";
    if (contentType.isBlank() && inDigest) {
      name = "message/rfc822";
    }
    String encoding =
        transferEncoding.replaceAll("\\([^()]*\\)", "").strip().toLowerCase(Locale.ROOT);
    return new MimeEntity(
        name, name.startsWith(MULTIPART) ? boundary(contentType).orElse("") : "", encoding);
  }

  private static Optional<String> boundary(String contentType) {
    Matcher boundary = BOUNDARY.matcher(contentType);
    if (!boundary.find()) {
      return Optional.empty();
    }
    String quoted = boundary.group(1);
    String value = quoted == null ? boundary.group(2) : quoted.replaceAll("\\\\(.)", "$1");
    return Optional.of(value).filter(b -> !b.isBlank() && b.length() <= LONGEST_BOUNDARY);
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
