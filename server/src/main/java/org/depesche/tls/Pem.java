package org.depesche.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A text as certificate authorities and tools write it: something encoded between a line that says
/// what it is and one that says it again, and around it whatever they want to explain (RFC 7468
/// §2).
///
/// @param label what it is, such as `CERTIFICATE`
/// @param text all of it, both lines included
public record Pem(String label, String text) {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  /// All that a file has, in its order.
  ///
  /// @throws IOException when the file cannot be read
  public static List<Pem> read(Path file) throws IOException {
    List<Pem> found = new ArrayList<>();
    // Explanations may be in any character set.
    Matcher block = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    while (block.find()) {
      found.add(new Pem(block.group(1), block.group()));
    }
    return found;
  }

  /// What is encoded.
  ///
  /// @throws IllegalArgumentException when it is not base64
  public byte[] content() {
    Matcher block = BLOCK.matcher(text);
    return block.matches() ? Base64.getMimeDecoder().decode(block.group(2)) : new byte[0];
  }

  /// Writes it down.
  public static String of(String label, byte[] content) {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n";
  }
}
