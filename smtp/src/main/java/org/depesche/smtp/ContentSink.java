package org.depesche.smtp;

/// Takes runs of content. The array is the caller's again after the call.
@FunctionalInterface
public interface ContentSink {

  void write(byte[] bytes, int offset, int length);
}
