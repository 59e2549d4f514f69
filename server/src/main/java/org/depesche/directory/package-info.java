/// Who lives here: domains, accounts, aliases.
@NullMarked
package org.depesche.directory;

import org.jspecify.annotations.NullMarked;
