package org.depesche.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.depesche.mail.Mailbox;
import org.depesche.mail.NullPath;
import org.depesche.mail.ReversePath;
import org.depesche.smtp.AddressParser;

/// Addresses as a person gives them.
final class SendAddresses {

  /// Most recipients of one run.
  static final int MAX_RECIPIENTS = 1_000_000;

  private SendAddresses() {}

  /// An address.
  ///
  /// @throws IllegalArgumentException when it is none
  static Mailbox mailbox(String text) {
    return AddressParser.parseMailbox(text, true)
        .orElseThrow(() -> new IllegalArgumentException("not an address: " + text));
  }

  /// An address, or `<>` for nobody.
  ///
  /// @throws IllegalArgumentException when it is neither
  static ReversePath sender(String text) {
    return text.isEmpty() || text.equals("<>") ? NullPath.INSTANCE : mailbox(text);
  }

  /// The addresses of a file, one a line; empty lines and such that begin with `#` are passed over.
  ///
  /// @throws IllegalArgumentException when a line is no address
  static List<Mailbox> read(Path file) throws IOException {
    List<Mailbox> all = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        String where = file + ":" + (i + 1);
        all.add(
            AddressParser.parseMailbox(line, true)
                .orElseThrow(
                    () -> new IllegalArgumentException(where + ": not an address: " + line)));
      }
    }
    return all;
  }
}
