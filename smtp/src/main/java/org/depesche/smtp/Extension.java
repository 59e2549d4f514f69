package org.depesche.smtp;

import org.depesche.mail.Reply;

/// The service extensions we offer, in the order EHLO announces them.
public enum Extension {
  /// RFC 2920
  PIPELINING,
  /// RFC 1870
  SIZE,
  /// RFC 6152
  EIGHT_BIT_MIME("8BITMIME"),
  /// RFC 6531
  SMTPUTF8,
  /// RFC 3030
  CHUNKING,
  /// RFC 3030
  BINARYMIME,
  /// RFC 2034
  ENHANCEDSTATUSCODES,
  /// RFC 3461
  DSN,
  /// RFC 9422
  LIMITS,
  /// RFC 5321 §4.1.1.8
  HELP;

  private static final int MAX_LIMIT = 999_999;

  private final String keyword;

  Extension() {
    this.keyword = name();
  }

  Extension(String keyword) {
    this.keyword = keyword;
  }

  public String keyword() {
    return keyword;
  }

  /// The reply to EHLO (RFC 5321 §4.1.1.1).
  ///
  /// @param maxOctets largest message (RFC 1870 §4)
  /// @param maxRecipients per message
  /// @param maxMessages per session
  public static Reply announcement(
      String hostname, long maxOctets, int maxRecipients, int maxMessages) {
    return Reply.plain(
        250,
        hostname,
        PIPELINING.keyword,
        SIZE.keyword + " " + maxOctets,
        EIGHT_BIT_MIME.keyword,
        SMTPUTF8.keyword,
        CHUNKING.keyword,
        BINARYMIME.keyword,
        ENHANCEDSTATUSCODES.keyword,
        DSN.keyword,
        LIMITS.keyword + limit(" MAILMAX=", maxMessages) + limit(" RCPTMAX=", maxRecipients),
        HELP.keyword);
  }

  /// RFC 9422: a limit has six digits at most; what is beyond is as good as none and not announced.
  private static String limit(String name, int value) {
    return value > MAX_LIMIT ? "" : name + value;
  }
}
