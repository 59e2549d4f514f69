package org.depesche.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// What a key means, for the reference and for people who made a mistake in it.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Doc {

  /// One or two sentences.
  String value();

  /// A value as it would stand in the file.
  String example() default "";
}
