package org.depesche.directory;

import com.ibm.icu.lang.UCharacter;
import java.text.Normalizer;
import java.util.Locale;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;

/// Brings addresses into the one form they are compared in. Local parts are compared without case,
/// as their owners expect (RFC 5321 §2.4 leaves that to us): folded as Unicode has it, in composed
/// form. Domains are compared as [DomainNames] has it.
public final class MailboxNames {

  private MailboxNames() {}

  /// The form of an address; two addresses of the same form are the same to us.
  public static String folded(Mailbox address) {
    String host =
        address.host() instanceof Domain domain ? DomainNames.ascii(domain) : address.host().wire();
    return foldedLocal(address.localPart()) + "@" + host;
  }

  static String foldedLocal(String local) {
    for (int i = 0; i < local.length(); i++) {
      if (local.charAt(i) >= 0x80) {
        // Folding can take composed characters apart.
        String composed = Normalizer.normalize(local, Normalizer.Form.NFC);
        return Normalizer.normalize(UCharacter.foldCase(composed, true), Normalizer.Form.NFC);
      }
    }
    return local.toLowerCase(Locale.ROOT);
  }
}
