/// The client side of SMTP (RFC 5321).
@NullMarked
package org.depesche.smtp.client;

import org.jspecify.annotations.NullMarked;
