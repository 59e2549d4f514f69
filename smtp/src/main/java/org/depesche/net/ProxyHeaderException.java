package org.depesche.net;

import java.io.IOException;

/// A balancer did not say whom it speaks for.
public final class ProxyHeaderException extends IOException {

  private static final long serialVersionUID = 1L;

  ProxyHeaderException(String message) {
    super(message);
  }
}
