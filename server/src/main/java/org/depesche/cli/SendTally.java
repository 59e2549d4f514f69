package org.depesche.cli;

import java.util.ArrayList;
import java.util.List;

/// What came of messages that were sent. Used by many threads.
final class SendTally {

  /// Most refusals kept with their words.
  static final int MAX_REFUSALS = 20;

  /// A recipient that was not accepted, or could not be asked.
  ///
  /// @param reason the server's words, or what went wrong
  record Refusal(String recipient, String reason) {}

  /// What it comes to.
  ///
  /// @param messages transactions in which a recipient was accepted
  /// @param accepted recipients, one for each message
  /// @param refused recipients that were not accepted
  /// @param bytes content of those messages
  /// @param reply what the server said to the last message it accepted; empty for none
  /// @param refusals the first of them
  record Summary(
      long messages,
      long accepted,
      long refused,
      long bytes,
      long millis,
      String reply,
      List<Refusal> refusals) {

    double perSecond() {
      return millis == 0 ? 0 : messages * 1000.0 / millis;
    }
  }

  private final List<Refusal> refusals = new ArrayList<>();
  private long messages;
  private long accepted;
  private long refused;
  private long bytes;
  private String reply = "";

  synchronized void accepted(int recipients, long size, String words) {
    messages++;
    accepted += recipients;
    bytes += size;
    reply = words;
  }

  synchronized void refused(String recipient, String reason) {
    refused++;
    if (refusals.size() < MAX_REFUSALS) {
      refusals.add(new Refusal(recipient, reason));
    }
  }

  synchronized Summary summary(long millis) {
    return new Summary(messages, accepted, refused, bytes, millis, reply, List.copyOf(refusals));
  }
}
