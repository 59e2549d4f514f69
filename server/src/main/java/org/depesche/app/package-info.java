/// The composition root: what is built from what, started and stopped in which order.
@NullMarked
package org.depesche.app;

import org.jspecify.annotations.NullMarked;
