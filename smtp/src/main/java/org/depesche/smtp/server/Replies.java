package org.depesche.smtp.server;

import java.util.List;
import org.depesche.mail.Reply;

/// The replies a session has of its own.
final class Replies {

  static final Reply BYE = Reply.of(221, "2.0.0", "Bye");
  static final Reply OK = Reply.of(250, "2.0.0", "OK");
  static final Reply SENDER_OK = Reply.of(250, "2.1.0", "Sender OK");
  static final Reply RECIPIENT_OK = Reply.of(250, "2.1.5", "Recipient OK");
  static final Reply CHUNK_OK = Reply.of(250, "2.0.0", "Chunk received");
  static final Reply START_DATA = Reply.plain(354, "End data with <CR><LF>.<CR><LF>");
  static final Reply START_TLS = Reply.of(220, "2.0.0", "Ready to start TLS");
  static final Reply CANNOT_VERIFY =
      Reply.of(252, "2.5.0", "Cannot verify the user, but will take a message and try to deliver");
  static final Reply HELP =
      Reply.of(
          214,
          "2.0.0",
          "Commands: EHLO HELO MAIL RCPT DATA BDAT RSET VRFY HELP NOOP QUIT STARTTLS AUTH",
          "See RFC 5321");

  static final Reply TIMED_OUT = Reply.of(421, "4.4.2", "Timed out, closing");
  static final Reply TOO_SLOW = Reply.of(421, "4.4.2", "Your message comes too slowly, closing");
  static final Reply SHUTTING_DOWN = Reply.of(421, "4.3.2", "Shutting down, closing");
  static final Reply TOO_MANY_SESSIONS = Reply.of(421, "4.3.2", "Too many sessions, try later");
  static final Reply TOO_MANY_ERRORS = Reply.of(421, "4.7.0", "Too many errors, closing");
  static final Reply TOO_MANY_COMMANDS =
      Reply.of(421, "4.7.0", "Too many commands without a message, closing");
  static final Reply TOO_MANY_MESSAGES =
      Reply.of(421, "4.7.0", "Too many messages in one session, connect again");
  static final Reply ENDLESS_LINE = Reply.of(421, "4.7.0", "Endless line, closing");
  static final Reply INTERNAL_ERROR = Reply.of(451, "4.3.0", "Internal error, try later");
  static final Reply TOO_MANY_RECIPIENTS = Reply.of(452, "4.5.3", "Too many recipients");

  static final Reply EARLY_TALKER =
      Reply.of(554, "5.5.1", "A client waits for the greeting before it speaks");
  static final Reply LINE_TOO_LONG = Reply.of(500, "5.5.2", "Line too long");
  static final Reply BARE_LF = Reply.of(500, "5.5.2", "Lines end with CR LF");
  static final Reply NOT_IMPLEMENTED = Reply.of(502, "5.5.1", "Command not implemented");
  static final Reply TLS_ALREADY = Reply.of(503, "5.5.1", "TLS is active already");
  static final Reply AUTHENTICATED_ALREADY = Reply.of(503, "5.5.1", "Already authenticated");
  static final Reply NOT_BELIEVED = Reply.of(550, "5.7.0", "You may not speak for others");
  static final Reply NO_LOGIN_HERE = Reply.of(501, "5.5.4", "Nobody logs in here");
  static final Reply LOGIN_REQUIRED = Reply.of(530, "5.7.0", "Authentication required");
  static final Reply TLS_FIRST =
      Reply.of(530, "5.7.10", "REQUIRETLS needs TLS, must issue STARTTLS first");
  static final Reply LOGIN_BROKEN = Reply.of(454, "4.7.0", "Temporary authentication failure");
  static final Reply TOO_LARGE = Reply.of(552, "5.3.4", "Message too large");
  static final Reply BAD_BYTES =
      Reply.of(550, "5.6.0", "Bare CR, bare LF or NUL in the message, lines end with CR LF");

  /// Those worth encoding once for all.
  static final List<Reply> FREQUENT =
      List.of(BYE, OK, SENDER_OK, RECIPIENT_OK, CHUNK_OK, START_DATA);

  private Replies() {}
}
