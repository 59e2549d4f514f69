package org.depesche.mailbox;

/// A mailbox could not take a message now. Always temporary: the message stays queued.
public final class MailboxException extends Exception {

  private static final long serialVersionUID = 1L;

  /// @param reason for the log and the timeline, names the file or system call
  public MailboxException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
