package org.depesche.tls.acme;

/// Who certifies names.
interface Authority {

  /// Obtains a certificate; takes minutes.
  ///
  /// @return in PEM: the certificate, those that vouch for it, its key
  String certify() throws AcmeTrouble, InterruptedException;
}
