/// Certificates and the TLS of this server.
@NullMarked
package org.depesche.tls;

import org.jspecify.annotations.NullMarked;
