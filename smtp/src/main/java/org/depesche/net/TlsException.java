package org.depesche.net;

import java.io.IOException;

/// A handshake failed, or the peer broke the rules of TLS.
public final class TlsException extends IOException {

  private static final long serialVersionUID = 1L;

  TlsException(String message, Throwable cause) {
    super(message, cause);
  }

  TlsException(String message) {
    super(message);
  }
}
