/// The port to mailboxes.
@NullMarked
package org.depesche.mailbox;

import org.jspecify.annotations.NullMarked;
