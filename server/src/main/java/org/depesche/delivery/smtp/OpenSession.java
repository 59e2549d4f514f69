package org.depesche.delivery.smtp;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.depesche.smtp.client.SmtpClient;

/// A server that has greeted us and takes messages.
///
/// @param host its name and address, for people: `mx.example.org[192.0.2.1]:25`
/// @param encryption version and cipher, or why there are none, for people; empty where nothing is
///   to be said
/// @param proven the server has shown a good certificate for its name
/// @param openedAtNanos when, by the ticker
/// @param sent messages sent over it so far
record OpenSession(
    SmtpClient client,
    String host,
    String encryption,
    boolean proven,
    long openedAtNanos,
    int sent,
    long idleSinceNanos) {

  OpenSession used() {
    return new OpenSession(
        client, host, encryption, proven, openedAtNanos, sent + 1, idleSinceNanos);
  }

  OpenSession idleSince(long nowNanos) {
    return new OpenSession(client, host, encryption, proven, openedAtNanos, sent, nowNanos);
  }

  OpenSession secured(String how, boolean byName) {
    return new OpenSession(client, host, how, byName, openedAtNanos, sent, idleSinceNanos);
  }

  /// What is to be said of a delivery over it beside the server's words.
  String notes(String more) {
    return Stream.of(encryption, more)
        .filter(note -> !note.isEmpty())
        .collect(Collectors.joining("; "));
  }
}
