/// What tests are played with: connections in memory, dialogues as text, a receiver that remembers.
/// Shipped in the test-jar for the modules that build on this one.
@NullMarked
package org.depesche.testing;

import org.jspecify.annotations.NullMarked;
