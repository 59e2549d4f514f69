package org.depesche.mail;

/// The answer of a policy about a session, a sender, a recipient or a message.
public sealed interface Verdict {

  /// Go on.
  enum Accept implements Verdict {
    INSTANCE
  }

  /// Not accepted: `reply` for the peer, `reason` for the log (setting, RFC section or cause; never
  /// sent).
  record Refuse(Reply reply, String reason) implements Verdict {}

  static Verdict accept() {
    return Accept.INSTANCE;
  }

  static Verdict refuse(Reply reply, String reason) {
    return new Refuse(reply, reason);
  }
}
