package org.depesche.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// The names a certificate is for (RFC 9525 §6.3): DNS names, also with a first label `*`.
public final class CertificateNames {

  private static final int DNS_NAME = 2;

  private CertificateNames() {}

  /// Its names in lower case, in their order.
  public static List<String> of(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          if (alternative.get(0) instanceof Integer kind
              && kind == DNS_NAME
              && alternative.get(1) instanceof String name) {
            names.add(name.toLowerCase(Locale.ROOT));
          }
        }
      }
    } catch (CertificateParsingException _) {
      // Then it has no names for us.
    }
    return names;
  }

  /// @param host in lower case
  static boolean match(List<String> names, String host) {
    int dot = host.indexOf('.');
    String wildcard = dot < 0 ? "" : "*" + host.substring(dot);
    return names.stream().anyMatch(name -> name.equals(host) || name.equals(wildcard));
  }
}
