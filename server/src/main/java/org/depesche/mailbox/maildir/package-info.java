/// Mailboxes as Maildir folders, written in synced batches.
@NullMarked
package org.depesche.mailbox.maildir;

import org.jspecify.annotations.NullMarked;
