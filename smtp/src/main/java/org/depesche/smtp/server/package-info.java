/// The server side of an SMTP session (RFC 5321), over a Receiver that decides about the mail
/// itself.
@NullMarked
package org.depesche.smtp.server;

import org.jspecify.annotations.NullMarked;
