/// What is checked when, before a message is taken, each check giving a Verdict.
@NullMarked
package org.depesche.policy;

import org.jspecify.annotations.NullMarked;
