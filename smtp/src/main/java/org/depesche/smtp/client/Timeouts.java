package org.depesche.smtp.client;

import java.time.Duration;

/// How long a client waits for a server.
///
/// @param greeting for the opening words
/// @param command for the answer to EHLO, MAIL, RCPT and RSET
/// @param dataStart for the answer to DATA
/// @param dataBlock for the server to take the next piece of the message
/// @param dataEnd for the answer to the end of the message
/// @param quit for the answer to QUIT, which nothing depends on
public record Timeouts(
    Duration greeting,
    Duration command,
    Duration dataStart,
    Duration dataBlock,
    Duration dataEnd,
    Duration quit) {

  /// The minima of RFC 5321 §4.5.3.2, which are what everybody uses.
  public static final Timeouts RFC_5321 =
      new Timeouts(
          Duration.ofMinutes(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(2),
          Duration.ofMinutes(3),
          Duration.ofMinutes(10),
          Duration.ofSeconds(5));
}
