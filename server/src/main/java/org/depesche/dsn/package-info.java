/// Delivery status notifications: what a sender is told about his message (RFC 3461-3464, 6522,
/// 6533).
@NullMarked
package org.depesche.dsn;

import org.jspecify.annotations.NullMarked;
