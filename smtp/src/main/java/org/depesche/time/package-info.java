/// Time as a parameter: elapsed time (Ticker) apart from wall clock (java.time.InstantSource).
@NullMarked
package org.depesche.time;

import org.jspecify.annotations.NullMarked;
