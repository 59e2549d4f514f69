package org.depesche.load;

import java.util.List;
import java.util.Map;

/// What a run came to.
///
/// @param messages accepted for at least one recipient, those for warming up not among them
/// @param recipients accepted, one for each message
/// @param bytes content of these messages
/// @param seconds from the moment the first of them was due to the last answer
/// @param warmUp messages that were accepted and not counted
/// @param failed messages that were not accepted for every recipient, those for warming up among
///   them
/// @param connections that were made, TLS and login included
/// @param latency by the words of a `Measure`; only of messages that were accepted
/// @param replies that refused something, the most frequent first
/// @param troubles what went wrong without a reply, the most frequent first
public record LoadResult(
    long messages,
    long recipients,
    long bytes,
    double seconds,
    double messagesPerSecond,
    double mebibytesPerSecond,
    long warmUp,
    long failed,
    long connections,
    Map<String, Latency> latency,
    List<Refusal> replies,
    List<Trouble> troubles) {

  private static final double MEBIBYTE = 1 << 20;

  /// Replies with the same code at the same place.
  ///
  /// @param stage what was answered
  /// @param count recipients, or connections where it refused one
  /// @param reply the first of them
  public record Refusal(String stage, int code, long count, String reply) {}

  /// A connection that could not be made, or broke, or a message that could not be sent.
  public record Trouble(String cause, long count) {}

  /// How long something took; all 0 when it never happened.
  public Latency latencyOf(Measure measure) {
    return latency.getOrDefault(measure.toString(), Latency.NONE);
  }

  static double perSecond(double amount, double seconds) {
    return seconds <= 0 ? 0 : amount / seconds;
  }

  static double mebibytes(long bytes) {
    return bytes / MEBIBYTE;
  }
}
