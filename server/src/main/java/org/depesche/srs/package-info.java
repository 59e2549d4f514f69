/// The Sender Rewriting Scheme: forwarded mail comes from a domain whose SPF record names us.
@NullMarked
package org.depesche.srs;

import org.jspecify.annotations.NullMarked;
