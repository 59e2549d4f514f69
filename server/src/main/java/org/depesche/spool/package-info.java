/// The port to durable storage of accepted mail: content, envelopes, recipient states.
@NullMarked
package org.depesche.spool;

import org.jspecify.annotations.NullMarked;
