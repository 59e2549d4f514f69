package org.depesche.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.depesche.config.ConfigurationLoader;

/// Which configuration is meant.
///
/// @param named the file, unless the usual one is meant
/// @param data the data folder, over what the file says
/// @param set values over those of the file, by their keys
record ConfigChoice(Optional<Path> named, Optional<Path> data, Map<String, String> set) {

  /// Read from the current folder when no file is named.
  private static final Path USUAL = Path.of("depesche.toml");

  ConfigChoice {
    set = Map.copyOf(set);
  }

  static Optional<Path> found(Optional<Path> named) {
    return named.or(() -> Optional.of(USUAL).filter(Files::isRegularFile));
  }

  Optional<Path> file() {
    return found(named);
  }

  ConfigurationLoader.Result load() {
    Map<String, String> overrides = new LinkedHashMap<>(set);
    data.ifPresent(folder -> overrides.put("data-dir", folder.toString()));
    return ConfigurationLoader.load(file(), overrides);
  }
}
