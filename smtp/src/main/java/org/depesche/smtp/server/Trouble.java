package org.depesche.smtp.server;

/// Hears of exceptions that a receiver should not have thrown.
@FunctionalInterface
interface Trouble {

  void report(String call, RuntimeException cause);
}
