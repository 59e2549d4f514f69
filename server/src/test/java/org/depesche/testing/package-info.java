/// Stand-ins for the world around the server, for tests.
@NullMarked
package org.depesche.testing;

import org.jspecify.annotations.NullMarked;
