package org.depesche.load;

import org.depesche.smtp.client.Transcript;
import org.depesche.time.Ticker;

/// Measures the handshake of STARTTLS: from the server's answer to the EHLO that goes encrypted.
final class HandshakeWatch implements Transcript {

  private final Ticker ticker;
  private boolean asked;
  private long began;
  private long took;

  HandshakeWatch(Ticker ticker) {
    this.ticker = ticker;
  }

  @Override
  public void client(String line) {
    if (line.equals("STARTTLS")) {
      asked = true;
    } else if (asked) {
      took = ticker.nanos() - began;
      asked = false;
    }
  }

  @Override
  public void content(long octets) {}

  @Override
  public void server(String line) {
    if (asked) {
      began = ticker.nanos();
    }
  }

  long nanos() {
    return took;
  }
}
