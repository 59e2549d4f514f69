/// Delivery into mailboxes of this server.
@NullMarked
package org.depesche.delivery.local;

import org.jspecify.annotations.NullMarked;
