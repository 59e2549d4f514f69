/// The one door into the spool.
@NullMarked
package org.depesche.intake;

import org.jspecify.annotations.NullMarked;
