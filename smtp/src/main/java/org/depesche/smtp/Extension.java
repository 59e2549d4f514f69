package org.depesche.smtp;

import java.util.ArrayList;
import java.util.List;
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
  /// RFC 3207
  STARTTLS,
  /// RFC 8689
  REQUIRETLS,
  /// RFC 4954
  AUTH,
  /// Postfix's, for hosts that speak for others
  XCLIENT,
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
  /// @param startTls whether TLS can begin now
  /// @param secured whether it has begun
  /// @param attributes what this client may state of others; empty for no XCLIENT
  /// @param mechanisms by which a client may log in now, as they are written; empty for no AUTH
  public static Reply announcement(
      String hostname,
      long maxOctets,
      int maxRecipients,
      int maxMessages,
      boolean startTls,
      boolean secured,
      List<String> mechanisms,
      List<String> attributes) {
    List<String> lines = new ArrayList<>();
    lines.add(hostname);
    lines.add(PIPELINING.keyword);
    lines.add(SIZE.keyword + " " + maxOctets);
    lines.add(EIGHT_BIT_MIME.keyword);
    lines.add(SMTPUTF8.keyword);
    lines.add(CHUNKING.keyword);
    lines.add(BINARYMIME.keyword);
    lines.add(ENHANCEDSTATUSCODES.keyword);
    lines.add(DSN.keyword);
    if (startTls) {
      lines.add(STARTTLS.keyword);
    }
    // RFC 8689 §2: after the negotiation of TLS
    if (secured) {
      lines.add(REQUIRETLS.keyword);
    }
    if (!mechanisms.isEmpty()) {
      lines.add(AUTH.keyword + " " + String.join(" ", mechanisms));
    }
    if (!attributes.isEmpty()) {
      lines.add(XCLIENT.keyword + " " + String.join(" ", attributes));
    }
    lines.add(LIMITS.keyword + limit(" MAILMAX=", maxMessages) + limit(" RCPTMAX=", maxRecipients));
    lines.add(HELP.keyword);
    return Reply.plain(250, lines.toArray(String[]::new));
  }

  /// RFC 9422: a limit has six digits at most; what is beyond is as good as none and not announced.
  private static String limit(String name, int value) {
    return value > MAX_LIMIT ? "" : name + value;
  }
}
