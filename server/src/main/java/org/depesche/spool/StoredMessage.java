package org.depesche.spool;

import org.depesche.message.Content;

/// A message in the spool with its bytes. While it is open its bytes stay where they are; close it
/// soon.
///
/// @param envelope what SMTP says about it
/// @param prefix header fields put before the content at intake (trace, authentication results),
///   CRLF at the end of each, UTF-8
/// @param content the bytes as received
public record StoredMessage(StoredEnvelope envelope, String prefix, Content content)
    implements AutoCloseable {

  @Override
  public void close() {
    content.close();
  }
}
