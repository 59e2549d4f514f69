package org.depesche.delivery;

/// Hears when it becomes unknown whether a message has arrived (RFC 1047).
@FunctionalInterface
public interface Doubt {

  /// The last octets of the message are about to go to a host: until its answer is on record, only
  /// that host knows whether it has it.
  void begins(String host);
}
