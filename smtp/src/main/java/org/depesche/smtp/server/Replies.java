package org.depesche.smtp.server;

import org.depesche.mail.Reply;

/// The replies a session gives of its own accord. Fixed texts: operators search for them, tests
/// match them. Codes by RFC 5321 §4.2.3, enhanced codes by RFC 3463 and the registry of RFC 5248.
final class Replies {

  static final Reply OK = Reply.of(250, "2.0.0", "OK");
  static final Reply SENDER_OK = Reply.of(250, "2.1.0", "Sender OK");
  static final Reply RECIPIENT_OK = Reply.of(250, "2.1.5", "Recipient OK");
  static final Reply VRFY = Reply.of(252, "2.5.0", "Cannot say, send mail and see");
  static final Reply GO_AHEAD = Reply.plain(354, "End data with <CRLF>.<CRLF>");
  static final Reply HELP =
      Reply.of(
          214, "2.0.0", "HELO EHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT", "See RFC 5321");

  static final Reply BROKEN = Reply.of(421, "4.3.0", "Something broke here, try again later");
  static final Reply TIMEOUT = Reply.of(421, "4.4.2", "You have been silent for too long");
  static final Reply TOO_MANY_ERRORS = Reply.of(421, "4.7.0", "Too many errors");
  static final Reply ENDLESS_LINE = Reply.of(421, "4.5.2", "That line has no end");
  static final Reply TOO_MANY_MESSAGES =
      Reply.of(421, "4.5.3", "Too many messages in this session, open another");
  static final Reply TOO_MANY_RECIPIENTS = Reply.of(452, "4.5.3", "Too many recipients");
  static final Reply BARE_LINE_END = Reply.of(500, "5.5.2", "Lines end in CRLF");
  static final Reply LINE_TOO_LONG = Reply.of(500, "5.5.2", "Line too long");
  static final Reply NOT_IMPLEMENTED = Reply.of(502, "5.5.1", "Not implemented here");
  static final Reply TOO_BIG = Reply.of(552, "5.3.4", "The message is bigger than SIZE allows");

  private Replies() {}

  static Reply bye(String hostname) {
    return Reply.of(221, "2.0.0", hostname + " closing connection");
  }

  static Reply shuttingDown() {
    return Reply.of(421, "4.3.2", "Shutting down, try again soon");
  }
}
