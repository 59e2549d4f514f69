package org.depesche.message;

/// Turns the content of a part into lines that a server takes.
interface LineEncoder {

  /// For what is not encoded.
  LineEncoder NONE =
      new LineEncoder() {
        @Override
        public void octets(byte[] bytes, int offset, int length) {
          throw new IllegalStateException("not encoded");
        }

        @Override
        public void lineEnd() {
          throw new IllegalStateException("not encoded");
        }

        @Override
        public void end() {}
      };

  /// Octets of a line, without its end.
  void octets(byte[] bytes, int offset, int length);

  /// A CRLF of the content.
  void lineEnd();

  /// Nothing follows. The last line is left without an end.
  void end();
}
