/// Delivery to other servers by SMTP and LMTP: which hosts, over which connections, and what their
/// answers mean.
@NullMarked
package org.depesche.delivery.smtp;

import org.jspecify.annotations.NullMarked;
