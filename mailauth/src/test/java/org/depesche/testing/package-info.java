/// The DNS as text: zones for tests and simulations, in memory or served on loopback. Shipped in
/// the test-jar for the modules that build on this one.
@NullMarked
package org.depesche.testing;

import org.jspecify.annotations.NullMarked;
