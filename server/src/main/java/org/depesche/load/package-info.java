/// A load generator: many sessions that send messages to a server as fast as it takes them, or as
/// often as they are told, and measure how long it takes. It knows SMTP by `smtp.client` only and
/// nothing of the server in this project.
@NullMarked
package org.depesche.load;

import org.jspecify.annotations.NullMarked;
