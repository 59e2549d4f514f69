package org.depesche.smtp.server;

import org.depesche.mail.Reply;

/// A message cannot be taken because something broke (a full disk, a store too slow).
public final class ReceiveException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Reply reply;

  /// @param reply for the peer, normally 4xx
  /// @param reason for the log
  public ReceiveException(Reply reply, String reason) {
    super(reason);
    this.reply = reply;
  }

  public Reply reply() {
    return reply;
  }

  public String reason() {
    return String.valueOf(getMessage());
  }
}
