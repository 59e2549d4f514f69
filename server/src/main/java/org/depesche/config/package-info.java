/// The configuration file: its shape, its defaults, its errors.
@NullMarked
package org.depesche.config;

import org.jspecify.annotations.NullMarked;
