/// Questions to the DNS and their answers, with what is temporary told apart from what is not there
/// (RFC 1035, 5321 §5).
@NullMarked
package org.depesche.dns;

import org.jspecify.annotations.NullMarked;
