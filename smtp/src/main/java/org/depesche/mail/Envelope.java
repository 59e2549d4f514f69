package org.depesche.mail;

import java.util.List;
import java.util.Optional;

/// What SMTP says about a message beside its content (RFC 5321 §2.3.1). Immutable.
///
/// @param sender the reverse path
/// @param recipients in the order they were accepted; a recipient's index in here names it for life
/// @param body declared content encoding
/// @param utf8 SMTPUTF8 was given (RFC 6531 §3.4)
/// @param ret RET (RFC 3461 §4.3)
/// @param envid ENVID as received, xtext (RFC 3461 §4.4)
/// @param tls what is asked of TLS (RFC 8689)
public record Envelope(
    ReversePath sender,
    List<Recipient> recipients,
    BodyType body,
    boolean utf8,
    Return ret,
    Optional<String> envid,
    TlsWish tls) {

  public Envelope {
    recipients = List.copyOf(recipients);
  }

  /// A plain envelope: no extension used.
  public Envelope(ReversePath sender, List<Recipient> recipients) {
    this(sender, recipients, BodyType.SEVEN_BIT, false, Return.UNSET, Optional.empty());
  }

  /// An envelope that asks nothing of TLS.
  public Envelope(
      ReversePath sender,
      List<Recipient> recipients,
      BodyType body,
      boolean utf8,
      Return ret,
      Optional<String> envid) {
    this(sender, recipients, body, utf8, ret, envid, TlsWish.UNSET);
  }

  public Envelope withTls(TlsWish other) {
    return new Envelope(sender, recipients, body, utf8, ret, envid, other);
  }

  public Envelope withRecipients(List<Recipient> others) {
    return new Envelope(sender, others, body, utf8, ret, envid, tls);
  }

  public Envelope withSender(ReversePath other) {
    return new Envelope(other, recipients, body, utf8, ret, envid, tls);
  }

  public Envelope withBody(BodyType other) {
    return new Envelope(sender, recipients, other, utf8, ret, envid, tls);
  }

  public Envelope withoutUtf8() {
    return new Envelope(sender, recipients, body, false, ret, envid, tls);
  }
}
