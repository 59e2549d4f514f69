/// The grammar of SMTP and the wire form of its data, without sockets: RFC 5321 and its extensions.
@NullMarked
package org.depesche.smtp;

import org.jspecify.annotations.NullMarked;
