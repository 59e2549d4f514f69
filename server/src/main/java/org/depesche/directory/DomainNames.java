package org.depesche.directory;

import com.ibm.icu.text.IDNA;
import java.util.Locale;
import org.depesche.mail.Domain;

/// Brings domain names into the one form they are compared in: A-labels in lower case (UTS #46,
/// non-transitional, so that `faß.de` stays a domain of its own).
public final class DomainNames {

  /// Made when the first name beyond ASCII comes along: the tables behind it take a while to load.
  private static final class Uts46 {
    static final IDNA PROCESSOR =
        IDNA.getUTS46Instance(
            IDNA.NONTRANSITIONAL_TO_ASCII
                | IDNA.CHECK_BIDI
                | IDNA.CHECK_CONTEXTJ
                | IDNA.USE_STD3_RULES);
  }

  private DomainNames() {}

  /// The A-label form; the name itself, in lower case, when it has none.
  public static String ascii(Domain domain) {
    if (domain.isAscii()) {
      return domain.name();
    }
    IDNA.Info info = new IDNA.Info();
    StringBuilder ascii = new StringBuilder();
    Uts46.PROCESSOR.nameToASCII(domain.name(), ascii, info);
    return info.hasErrors() ? domain.name() : ascii.toString().toLowerCase(Locale.ROOT);
  }
}
