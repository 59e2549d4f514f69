package org.depesche.delivery.smtp;

import org.depesche.smtp.client.SmtpClient;

/// A server that has greeted us and takes messages.
///
/// @param host its name and address, for people: `mx.example.org[192.0.2.1]:25`
/// @param openedAtNanos when, by the ticker
/// @param sent messages sent over it so far
record OpenSession(
    SmtpClient client, String host, long openedAtNanos, int sent, long idleSinceNanos) {

  OpenSession used(long nowNanos) {
    return new OpenSession(client, host, openedAtNanos, sent + 1, nowNanos);
  }
}
