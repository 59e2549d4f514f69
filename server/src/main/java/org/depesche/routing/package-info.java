/// From a recipient to where it goes.
@NullMarked
package org.depesche.routing;

import org.jspecify.annotations.NullMarked;
