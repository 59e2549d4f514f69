package org.depesche.smtp;

import java.util.ArrayList;
import java.util.List;

/// What this library does beyond RFC 5321, as EHLO announces it. The one place to add an extension.
public enum Extension {
  /// RFC 2920.
  PIPELINING,
  /// RFC 1870; the parameter is the limit in octets.
  SIZE,
  /// RFC 6152.
  EIGHT_BIT_MIME,
  /// RFC 6531.
  SMTPUTF8,
  /// RFC 3030.
  CHUNKING,
  /// RFC 3030.
  BINARYMIME,
  /// RFC 2034.
  ENHANCEDSTATUSCODES,
  /// RFC 3461.
  DSN,
  /// RFC 9422; the parameters are the limits of a session.
  LIMITS,
  /// RFC 5321 §4.1.1.8.
  HELP;

  /// The lines of the reply to EHLO, the greeting first (RFC 5321 §4.1.1.1).
  ///
  /// @param maxMessageSize octets of content, RFC 1870 §4
  /// @param maxRecipients of a message
  /// @param maxMessages of a session; 0 for no limit
  public static List<String> ehlo(
      String greeting, long maxMessageSize, int maxRecipients, int maxMessages) {
    List<String> lines = new ArrayList<>();
    lines.add(greeting);
    for (Extension extension : values()) {
      lines.add(
          switch (extension) {
            case SIZE -> "SIZE " + maxMessageSize;
            case EIGHT_BIT_MIME -> "8BITMIME";
            case LIMITS ->
                "LIMITS RCPTMAX="
                    + maxRecipients
                    + (maxMessages > 0 ? " MAILMAX=" + maxMessages : "");
            case PIPELINING, SMTPUTF8, CHUNKING, BINARYMIME, ENHANCEDSTATUSCODES, DSN, HELP ->
                extension.name();
          });
    }
    return lines;
  }
}
