/// RFC 5322 header fields and the trace header fields of RFC 5321 §4.4. Reads and composes, never
/// rewrites.
@NullMarked
package org.depesche.message;

import org.jspecify.annotations.NullMarked;
