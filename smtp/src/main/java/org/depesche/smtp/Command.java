package org.depesche.smtp;

import java.util.Optional;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;

/// A command line of a client, understood: one record a verb (RFC 5321 §4.1.1, RFC 3030 §2).
public sealed interface Command {

  record Helo(String name) implements Command {}

  record Ehlo(String name) implements Command {}

  /// A transaction begins.
  ///
  /// @param envelope without recipients
  /// @param declaredSize SIZE in octets (RFC 1870 §6), -1 when it was not given
  record Mail(Envelope envelope, long declaredSize) implements Command {}

  record Rcpt(Recipient recipient) implements Command {}

  record Data() implements Command {}

  /// A chunk of `size` octets stands right behind the command line.
  record Bdat(long size, boolean last) implements Command {}

  record Rset() implements Command {}

  record Vrfy(String argument) implements Command {}

  record Help() implements Command {}

  record Noop() implements Command {}

  record Quit() implements Command {}

  /// RFC 3207
  record StartTls() implements Command {}

  /// RFC 4954
  ///
  /// @param mechanism in upper case
  /// @param initial the initial response as it stands, base64 or `=`
  record Auth(String mechanism, Optional<String> initial) implements Command {}

  /// Postfix's XCLIENT
  record XClient(StatedClient stated) implements Command {}

  /// A verb we know and do not offer.
  record Unimplemented(String verb) implements Command {}

  /// No command: `reply` for the client, `reason` for the log.
  ///
  /// @param chunk octets that stand behind the line all the same, because it was a BDAT with
  ///   something wrong in it; UNKNOWN_CHUNK when there is no telling how many
  record Malformed(Reply reply, String reason, long chunk) implements Command {

    public static final long UNKNOWN_CHUNK = -1;

    Malformed(Reply reply, String reason) {
      this(reply, reason, 0);
    }
  }
}
