package org.depesche.mailbox.maildir;

import java.util.Optional;
import org.depesche.mail.EnvelopeId;

/// The name of a message's file in a Maildir: `<seconds>.<id>.<host>,S=<bytes>`.
///
/// The same message has the same name in every attempt, so an attempt after a crash meets what the
/// one before it left. `S=` saves readers a look at the file (Dovecot and Courier use it for quota
/// and sizes).
final class CopyName {

  private static final long MILLIS_PER_SECOND = 1000;

  private final String host;

  /// @param hostname this machine's
  CopyName(String hostname) {
    // The Maildir specification writes / and : of a host name in octal; a comma would begin a
    // field.
    this.host = hostname.replace("/", "\\057").replace(":", "\\072").replace(",", "\\054");
  }

  String of(EnvelopeId id, long sizeBytes) {
    return id.epochMillis() / MILLIS_PER_SECOND + "." + id + "." + host + ",S=" + sizeBytes;
  }

  /// The message a file is a copy of, flags and all; empty when the name was not given by this
  /// host's store.
  Optional<EnvelopeId> idOf(String fileName) {
    int first = fileName.indexOf('.');
    int second = fileName.indexOf('.', first + 1);
    if (first <= 0 || second < 0 || !fileName.startsWith(host + ",S=", second + 1)) {
      return Optional.empty();
    }
    try {
      EnvelopeId id = EnvelopeId.parse(fileName.substring(first + 1, second));
      String seconds = Long.toString(id.epochMillis() / MILLIS_PER_SECOND);
      return seconds.equals(fileName.substring(0, first)) ? Optional.of(id) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
