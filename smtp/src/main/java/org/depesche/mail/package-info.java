/// The vocabulary of mail: addresses, envelopes, replies, verdicts (RFC 5321, 5322, 3461, 3463).
/// Pure values.
@NullMarked
package org.depesche.mail;

import org.jspecify.annotations.NullMarked;
