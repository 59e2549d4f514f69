package org.depesche.smtp.client;

import org.depesche.mail.Reply;
import org.depesche.net.TlsDetails;

/// How STARTTLS went (RFC 3207).
public sealed interface StartTls {

  /// All that follows is encrypted; capabilities are those the server names now.
  record Secured(TlsDetails details) implements StartTls {}

  /// The server does not offer it, or does not want it now; the session goes on as it is.
  record Refused(Reply reply) implements StartTls {}

  /// Nothing can be sent over this connection any more.
  record Failed(String reason) implements StartTls {}
}
