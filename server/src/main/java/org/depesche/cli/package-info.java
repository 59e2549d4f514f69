/// The command line.
@NullMarked
package org.depesche.cli;

import org.jspecify.annotations.NullMarked;
