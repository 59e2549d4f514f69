/// Benchmarks of what the queue shows to nobody, so that they have to stand in its package.
@NullMarked
package org.depesche.queue;

import org.jspecify.annotations.NullMarked;
