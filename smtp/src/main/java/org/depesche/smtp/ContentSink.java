package org.depesche.smtp;

/// Takes the content of a message in pieces.
@FunctionalInterface
public interface ContentSink {

  /// The next bytes. The array belongs to the caller and changes after the call.
  void write(byte[] bytes, int offset, int length);
}
