package org.depesche.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// A line about something under way: rewritten in place on a terminal, printed now and then
/// otherwise.
final class LiveLine implements AutoCloseable {

  private static final Duration ON_TERMINAL = Duration.ofMillis(250);
  private static final Duration ELSEWHERE = Duration.ofSeconds(5);
  private static final String REWRITE = "\r\u001b[K";

  private final PrintWriter out;
  private final boolean terminal;
  private final Supplier<String> text;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("live-line").daemon().factory());

  /// @param text asked whenever the line is shown; an empty one is not
  LiveLine(PrintWriter out, boolean terminal, Supplier<String> text) {
    this.out = out;
    this.terminal = terminal;
    this.text = text;
  }

  /// True when a person is looking.
  static boolean isTerminal() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  void start() {
    long millis = (terminal ? ON_TERMINAL : ELSEWHERE).toMillis();
    var _ = clock.scheduleAtFixedRate(this::show, millis, millis, TimeUnit.MILLISECONDS);
  }

  /// Prints a line that stays, above the live one.
  synchronized void print(String line) {
    out.println((terminal ? REWRITE : "") + line);
    out.flush();
  }

  private synchronized void show() {
    String line = text.get();
    if (!line.isEmpty()) {
      out.print(terminal ? REWRITE + line : line + System.lineSeparator());
      out.flush();
    }
  }

  /// Takes the line away.
  @Override
  public synchronized void close() {
    clock.shutdownNow();
    if (terminal) {
      out.print(REWRITE);
      out.flush();
    }
  }
}
