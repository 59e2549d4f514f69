/// Bounds on what clients may take: connections, sessions, errors.
@NullMarked
package org.depesche.limits;

import org.jspecify.annotations.NullMarked;
