package org.depesche.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// What a number, a size or a length of time may be, bounds included, written as in the file
/// without quotes. An empty bound is that of the type.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Range {
  String min() default "";

  String max() default "";
}
