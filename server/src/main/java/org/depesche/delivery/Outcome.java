package org.depesche.delivery;

/// What one attempt meant for one recipient.
public sealed interface Outcome {

  /// The mailbox or the next hop took responsibility (RFC 5321 §6.1).
  ///
  /// @param to who has it now
  /// @param reply its words
  record Delivered(String to, String reply) implements Outcome {}

  /// To be tried again; `scope` says what else must wait.
  record Deferred(Scope scope, String cause) implements Outcome {}

  /// Never to be tried again.
  record Failed(String cause) implements Outcome {}
}
