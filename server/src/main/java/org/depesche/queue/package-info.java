/// When what is tried, and what an attempt means for the next one.
@NullMarked
package org.depesche.queue;

import org.jspecify.annotations.NullMarked;
