/// Passwords as they are kept: reading hashes of many kinds, making good ones, comparing at a
/// bounded price. No password and no hash is ever in a message.
@NullMarked
package org.depesche.directory.password;

import org.jspecify.annotations.NullMarked;
