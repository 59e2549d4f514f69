package org.depesche.telemetry;

/// Takes events. Called on the paths of mail: returns at once, or nearly so when a bounded buffer
/// is full, and never throws.
@FunctionalInterface
public interface EventSink {

  void emit(MailEvent event);
}
