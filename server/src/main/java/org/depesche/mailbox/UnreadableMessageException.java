package org.depesche.mailbox;

import java.io.IOException;

/// The message itself could not be read; the mailbox has nothing to do with it.
public final class UnreadableMessageException extends IOException {

  private static final long serialVersionUID = 1L;

  public UnreadableMessageException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
