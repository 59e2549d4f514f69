package org.depesche.dns;

/// A certificate or key that a server presents (RFC 6698 §2.1).
///
/// @param usage what the association means, 0 to 255
/// @param selector certificate or public key, 0 to 255
/// @param matchingType what was made of it, 0 to 255
/// @param association the data in lower-case hexadecimal
public record Tlsa(int usage, int selector, int matchingType, String association) {}
