/// Small files that are there as a whole or not at all.
@NullMarked
package org.depesche.files;

import org.jspecify.annotations.NullMarked;
