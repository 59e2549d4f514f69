package org.depesche.smtp.client;

/// Hears a dialogue as it happens, on the thread of the client.
public interface Transcript {

  /// Nobody listens.
  Transcript NONE =
      new Transcript() {
        @Override
        public void client(String line) {}

        @Override
        public void content(long octets) {}

        @Override
        public void server(String line) {}
      };

  /// A command was sent; without its CRLF.
  void client(String line);

  /// A message was sent, as large on the wire, its end included.
  void content(long octets);

  /// A line of a reply came in, without its line end; control characters are replaced.
  void server(String line);
}
