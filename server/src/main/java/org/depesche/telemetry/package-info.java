/// What happened: one typed stream of events, and the mail log, history and metrics it feeds.
@NullMarked
package org.depesche.telemetry;

import org.jspecify.annotations.NullMarked;
