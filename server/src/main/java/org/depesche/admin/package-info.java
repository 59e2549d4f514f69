/// The HTTP API that steers a running server.
@NullMarked
package org.depesche.admin;

import org.jspecify.annotations.NullMarked;
