package org.depesche.delivery.smtp;

import java.util.Locale;
import java.util.Optional;
import org.depesche.directory.DomainNames;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.ReversePath;
import org.depesche.smtp.client.Capabilities;
import org.depesche.smtp.client.Capability;

/// The form of an address that a server without SMTPUTF8 understands, where there is one: a domain
/// has its A-labels (RFC 6531 §3.2, RFC 5890 §2.3.2.1), a local part beyond ASCII has nothing.
final class AsciiForm {

  private AsciiForm() {}

  static Mailbox of(Mailbox address, Capabilities server) {
    if (server.offers(Capability.SMTPUTF8)
        || address.isAscii()
        || !isAscii(address.localPart())
        || !(address.host() instanceof Domain domain)) {
      return address;
    }
    return new Mailbox(address.localPart(), new Domain(DomainNames.ascii(domain)));
  }

  static ReversePath of(ReversePath sender, Capabilities server) {
    return sender instanceof Mailbox mailbox ? of(mailbox, server) : sender;
  }

  /// A recipient under the address the server is told.
  static Recipient of(Recipient recipient, Mailbox address, Capabilities server) {
    Optional<String> original =
        server.offers(Capability.SMTPUTF8)
            ? recipient.original()
            : recipient.original().map(AsciiForm::xtext);
    return new Recipient(address, recipient.wanted(), original);
  }

  /// RFC 6533 §3: the form of an address of type utf-8 for where only ASCII goes.
  private static String xtext(String original) {
    StringBuilder ascii = new StringBuilder(original.length());
    original
        .codePoints()
        .forEach(
            c -> {
              if (c < 0x80) {
                ascii.appendCodePoint(c);
              } else {
                ascii.append(String.format(Locale.ROOT, "\\x{%X}", c));
              }
            });
    return ascii.toString();
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }
}
