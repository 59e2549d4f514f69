/// The spool as a log of segments with group commit.
@NullMarked
package org.depesche.spool.log;

import org.jspecify.annotations.NullMarked;
