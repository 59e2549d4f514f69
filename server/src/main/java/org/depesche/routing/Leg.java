package org.depesche.routing;

import org.depesche.mail.Mailbox;

/// One recipient's way over a route.
///
/// @param recipient its index in the envelope
/// @param address to whom the message is handed on this way: the recipient's own address, or one
///   that an alias put in its place
/// @param oneOfSeveral the recipient is an alias that leads to several addresses
public record Leg(int recipient, Mailbox address, boolean oneOfSeveral) {

  /// The only way of a recipient.
  public Leg(int recipient, Mailbox address) {
    this(recipient, address, false);
  }
}
