package org.depesche.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.depesche.load.IdleResult;
import org.depesche.load.IdleRun;
import org.depesche.load.Latency;
import org.depesche.load.LoadResult;

/// Results of `bench` as a person reads them.
final class BenchText {

  private static final String ROW = "%-14s%9s%11s%11s%11s%11s%11s%n";
  private static final int MILLIS_PER_SECOND = 1000;

  private BenchText() {}

  /// @param wanted messages a second of an open loop; 0 for a closed one
  static String of(LoadResult result, double wanted) {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "Accepted: %s for %s over %s in %s.%n",
            Plain.count(result.messages(), "message"),
            Plain.count(result.recipients(), "recipient"),
            Plain.count(result.connections(), "connection"),
            seconds(result.seconds())));
    out.append(
        String.format(
            Locale.ROOT,
            "Rate:     %.1f messages/s, %.2f MiB/s%s.%n",
            result.messagesPerSecond(),
            result.mebibytesPerSecond(),
            wanted > 0 ? String.format(Locale.ROOT, "; due were %.1f/s", wanted) : ""));
    if (result.warmUp() > 0) {
      out.append("Before:   ").append(Plain.count(result.warmUp(), "message"));
      out.append(String.format(" to warm up, not counted.%n"));
    }
    table(result.latency(), out);
    if (result.failed() > 0) {
      out.append(
          String.format(
              "%nNot accepted for everybody: %s.%n", Plain.count(result.failed(), "message")));
    }
    reasons(result.replies(), result.troubles(), out);
    return out.toString();
  }

  static String of(IdleResult result) {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "Held: %d of %s for %s; %d stayed to the end.%n",
            result.opened(),
            Plain.count(result.asked(), "connection"),
            seconds(result.seconds()),
            result.stayed()));
    table(result.latency(), out);
    reasons(result.replies(), result.troubles(), out);
    return out.toString();
  }

  static String of(IdleRun.Progress progress) {
    return (progress.holding() ? "Holding " : "Opening: ")
        + Plain.count(progress.opened(), "connection")
        + (progress.failed() > 0 ? ", " + progress.failed() + " failed" : "");
  }

  private static void table(Map<String, Latency> latency, StringBuilder out) {
    if (latency.isEmpty()) {
      return;
    }
    out.append(String.format("%n" + ROW, "", "count", "p50", "p90", "p99", "p99.9", "max"));
    latency.forEach(
        (what, each) ->
            out.append(
                String.format(
                    ROW,
                    what,
                    each.count(),
                    millis(each.p50Ms()),
                    millis(each.p90Ms()),
                    millis(each.p99Ms()),
                    millis(each.p999Ms()),
                    millis(each.maxMs()))));
  }

  private static void reasons(
      List<LoadResult.Refusal> replies, List<LoadResult.Trouble> troubles, StringBuilder out) {
    if (replies.isEmpty() && troubles.isEmpty()) {
      return;
    }
    out.append(String.format("%n%8s  %s%n", "count", "why"));
    replies.forEach(each -> out.append(reason(each.count(), each.stage() + " " + each.reply())));
    troubles.forEach(each -> out.append(reason(each.count(), each.cause())));
  }

  private static String reason(long count, String why) {
    return String.format("%8d  %s%n", count, Plain.text(why));
  }

  private static String seconds(double seconds) {
    return seconds < 1
        ? millis(seconds * MILLIS_PER_SECOND)
        : String.format(Locale.ROOT, "%.1f s", seconds);
  }

  /// Three digits: `0.12 ms`, `12.3 ms`, `1.23 s`.
  static String millis(double millis) {
    if (millis >= MILLIS_PER_SECOND) {
      return String.format(Locale.ROOT, "%.2f s", millis / MILLIS_PER_SECOND);
    }
    return String.format(
        Locale.ROOT, millis < 10 ? "%.2f ms" : millis < 100 ? "%.1f ms" : "%.0f ms", millis);
  }
}
