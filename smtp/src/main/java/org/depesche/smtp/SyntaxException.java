package org.depesche.smtp;

import org.depesche.mail.Reply;

/// Ends the parsing of a command line at the first mistake. Stays inside the parser, which makes a
/// value of it.
final class SyntaxException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Reply reply;

  SyntaxException(Reply reply, String reason) {
    super(reason, null, false, false);
    this.reply = reply;
  }

  Reply reply() {
    return reply;
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
