/// Accounts and passwords of a Dovecot that is there already.
@NullMarked
package org.depesche.directory.dovecot;

import org.jspecify.annotations.NullMarked;
