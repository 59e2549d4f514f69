package org.depesche.smtp.client;

import org.depesche.mail.Ascii;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.mail.TlsWish;

/// Writes the commands of a transaction with the parameters a server understands.
final class MailCommands {

  private final Capabilities capabilities;

  MailCommands(Capabilities capabilities) {
    this.capabilities = capabilities;
  }

  String mail(Envelope envelope, long sizeOctets) {
    StringBuilder line = new StringBuilder(80);
    line.append("MAIL FROM:<").append(envelope.sender().wire()).append('>');
    if (capabilities.offers(Capability.SIZE)) {
      line.append(" SIZE=").append(sizeOctets);
    }
    // 7BIT is what goes without saying (RFC 6152 §3).
    if (envelope.body() != BodyType.SEVEN_BIT) {
      line.append(" BODY=").append(envelope.body().wire());
    }
    if (needsUtf8(envelope)) {
      line.append(" SMTPUTF8");
    }
    if (capabilities.offers(Capability.DSN)) {
      if (envelope.ret() != Return.UNSET) {
        line.append(" RET=").append(envelope.ret().name());
      }
      envelope.envid().ifPresent(id -> line.append(" ENVID=").append(id));
    }
    // RFC 8689 §4.2.1; §5: a notification goes on without it too.
    if (envelope.tls() == TlsWish.REQUIRED && capabilities.offers(Capability.REQUIRETLS)) {
      line.append(" REQUIRETLS");
    }
    return line.toString();
  }

  String rcpt(Recipient recipient) {
    StringBuilder line = new StringBuilder(60);
    line.append("RCPT TO:<").append(recipient.address().wire()).append('>');
    // RFC 3461 §5.2.2: to a server without DSN they are not passed on.
    if (capabilities.offers(Capability.DSN)) {
      if (!recipient.wanted().unset()) {
        line.append(" NOTIFY=").append(recipient.wanted().wire());
      }
      recipient.original().ifPresent(original -> line.append(" ORCPT=").append(original));
    }
    return line.toString();
  }

  /// True when a transaction must be an internationalized one (RFC 6531 §3.4).
  static boolean needsUtf8(Envelope envelope) {
    return envelope.utf8() || !hasAsciiAddresses(envelope);
  }

  static boolean hasAsciiAddresses(Envelope envelope) {
    return Ascii.isAll(envelope.sender().wire())
        && envelope.recipients().stream().allMatch(to -> to.address().isAscii());
  }
}
