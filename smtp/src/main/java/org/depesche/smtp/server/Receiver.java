package org.depesche.smtp.server;

import java.io.IOException;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;

/// Decides about mail and takes it: the one port between a session and what is behind it. Called on
/// the session's thread, which may block; used by many sessions at once.
public interface Receiver {

  /// A client has connected, nothing was sent yet. A refusal is the greeting (RFC 5321 §3.1: 554,
  /// or 421).
  default Verdict connected(Client client) {
    return Verdict.accept();
  }

  /// A host that is believed has said whom it speaks for: `before` is gone, and `now` has connected
  /// in its place, in the same session. A refusal is the greeting, as with `connected`.
  default Verdict replaced(Client before, Client now) {
    return connected(now);
  }

  /// HELO or EHLO came.
  default Verdict greeted(Client client) {
    return Verdict.accept();
  }

  /// The client has logged in; `client` says as whom. For logs only.
  default void authenticated(Client client, String mechanism) {}

  /// TLS did not come about; the session ends. For logs only.
  default void handshakeFailed(Client client, String reason) {}

  /// A balancer did not say whom it speaks for; the session ends. For logs only.
  default void proxyHeaderFailed(Client client, String reason) {}

  /// MAIL came; `envelope` has no recipients yet.
  ///
  /// @param declaredSize SIZE in octets (RFC 1870 §6), -1 when it was not given
  default Verdict sender(Client client, Envelope envelope, long declaredSize) {
    return Verdict.accept();
  }

  /// RCPT came; `envelope` has the recipients accepted so far.
  Verdict recipient(Client client, Envelope envelope, Recipient recipient);

  /// DATA or the first BDAT came, for at least one accepted recipient.
  ///
  /// @throws ReceiveException when the message cannot be taken now; its reply is the answer
  Incoming begin(Client client, Envelope envelope) throws ReceiveException;

  /// The session itself refused something: syntax, order, limits, forbidden bytes, or what a
  /// ReceiveException said. For logs only.
  default void refused(Client client, String command, Reply reply, String reason) {}

  /// A method of this receiver threw what it should not have; the client got 451. For logs only.
  ///
  /// @param call the method's name
  default void troubled(Client client, String call, RuntimeException cause) {}

  /// The listener could not accept a connection and goes on after a pause. For logs only.
  default void acceptFailed(IOException cause) {}

  /// The session is over.
  ///
  /// @param reason why, in a word: `quit`, `lost` (the client is gone), `timeout`, `errors`,
  ///   `refused`, `tls` (no handshake), `proxy` (no PROXY header), `shutdown`, `broken` (a fault of
  ///   ours)
  /// @param messages how many messages were accepted in it
  default void ended(Client client, String reason, int messages) {}
}
