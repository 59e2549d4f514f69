/// Logging in: whose password is right.
@NullMarked
package org.depesche.login;

import org.jspecify.annotations.NullMarked;
