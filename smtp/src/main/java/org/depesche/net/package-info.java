/// Connections and listeners. The only place of this library that touches sockets.
@NullMarked
package org.depesche.net;

import org.jspecify.annotations.NullMarked;
