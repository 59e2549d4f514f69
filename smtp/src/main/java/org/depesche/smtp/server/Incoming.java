package org.depesche.smtp.server;

/// A message on its way in. One of `finish` and `abort` ends it.
public interface Incoming {

  /// The next bytes of the content, exactly as the sender meant them (dot-stuffing removed). The
  /// array belongs to the caller and changes after the call. After an exception the rest is
  /// swallowed and `abort` follows.
  void write(byte[] bytes, int offset, int length) throws ReceiveException;

  /// The content is complete. When this answers `Accepted`, responsibility has passed (RFC 5321
  /// §4.2.5, §6.1). Ends this object even when it throws: no `abort` follows.
  Receipt finish() throws ReceiveException;

  /// The content will not be completed, or was refused; everything about it is forgotten.
  void abort();
}
