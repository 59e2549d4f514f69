/// Benchmarks of the parts that cost most.
@NullMarked
package org.depesche.bench;

import org.jspecify.annotations.NullMarked;
