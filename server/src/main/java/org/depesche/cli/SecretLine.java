package org.depesche.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A password that comes by a stream or from a person, so that no list of processes shows it.
final class SecretLine {

  private SecretLine() {}

  /// The first line; empty when there is none.
  static String read(InputStream in) throws IOException {
    BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    return Optional.ofNullable(reader.readLine()).orElse("");
  }

  /// Asks a person.
  ///
  /// @param otherwise options that do without
  /// @throws IOException when there is nobody
  static String ask(String prompt, String otherwise) throws IOException {
    // No console at all when input or output is redirected.
    Console console =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).orElse(null);
    if (console == null) {
      throw new IOException("no terminal to ask on: use " + otherwise);
    }
    char @Nullable [] typed = console.readPassword(prompt);
    return typed == null ? "" : new String(typed);
  }
}
