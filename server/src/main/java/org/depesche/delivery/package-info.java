/// The port to the next hop, and what an attempt can end in.
@NullMarked
package org.depesche.delivery;

import org.jspecify.annotations.NullMarked;
