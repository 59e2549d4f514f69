/// Certificates from an authority, by ACME (RFC 8555).
@NullMarked
package org.depesche.tls.acme;

import org.jspecify.annotations.NullMarked;
