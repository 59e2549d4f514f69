package org.depesche.routing;

import org.depesche.mail.Mailbox;

/// One recipient's way over a route.
///
/// @param recipient its index in the envelope
/// @param address to whom the message is handed on this way: the recipient's own address, or one
///   that an alias put in its place
public record Leg(int recipient, Mailbox address) {}
