package org.depesche.delivery;

/// What one attempt meant for one recipient.
public sealed interface Outcome {

  /// The mailbox or the next hop took responsibility (RFC 5321 §6.1).
  ///
  /// @param to who has it now
  /// @param reply its words
  /// @param handover who tells the sender of success
  record Delivered(String to, String reply, Handover handover) implements Outcome {}

  /// To be tried again; `scope` says what else must wait.
  record Deferred(Scope scope, Cause cause) implements Outcome {}

  /// Never to be tried again.
  record Failed(Cause cause) implements Outcome {}

  /// What became of a wish to hear of success (RFC 3461 §5.2).
  enum Handover {
    /// It is in a mailbox of this server: we tell.
    FINAL,
    /// The next hop knows the wish and tells.
    WISH_PASSED_ON,
    /// The next hop does not know such wishes: we tell that it went there.
    WISH_LOST
  }
}
