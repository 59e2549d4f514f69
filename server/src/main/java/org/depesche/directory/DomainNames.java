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
    StringBuilder ascii = new StringBuilder();
    return toAscii(domain, ascii) ? ascii.toString().toLowerCase(Locale.ROOT) : domain.name();
  }

  /// True for names that have an A-label form, which DNS knows.
  public static boolean isValid(Domain domain) {
    boolean labels = domain.name().startsWith("xn--") || domain.name().contains(".xn--");
    return domain.isAscii() && !labels || toAscii(domain, new StringBuilder());
  }

  private static boolean toAscii(Domain domain, StringBuilder ascii) {
    IDNA.Info info = new IDNA.Info();
    Uts46.PROCESSOR.nameToASCII(domain.name(), ascii, info);
    return !info.hasErrors();
  }
}
