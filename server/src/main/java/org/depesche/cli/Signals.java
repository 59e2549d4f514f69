package org.depesche.cli;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/// Signals of the operating system. The JDK has no supported way to tell a first SIGTERM from a
/// second or to hear of SIGHUP; `sun.misc.Signal` of `jdk.unsupported` has been the way for as long
/// as there is Java. It is reached by reflection because the compiler warns of every use by name.
final class Signals {

  /// What shells say of a program that was ended by SIGINT.
  private static final int INTERRUPTED = 130;

  private Signals() {}

  /// Ends what is under way in an orderly manner when Ctrl-C or SIGTERM comes for the first time,
  /// and the program at once when one comes again.
  static void endBy(Runnable orderly) {
    AtomicBoolean asked = new AtomicBoolean();
    Runnable end =
        () -> {
          if (asked.getAndSet(true)) {
            Runtime.getRuntime().halt(INTERRUPTED);
          }
          orderly.run();
        };
    handle("INT", end);
    handle("TERM", end);
  }

  /// Runs something whenever a signal comes, instead of what the JVM would do.
  ///
  /// @param name without `SIG`
  @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself only
  static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, args) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      action.run();
                      yield null;
                    }
                    case "equals" -> self == args[0];
                    case "hashCode" -> System.identityHashCode(self);
                    default -> name;
                  });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot handle SIG" + name, e);
    }
  }
}
