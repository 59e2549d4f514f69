package org.depesche.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.depesche.config.ConfigurationLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that say which configuration is meant.
final class ConfigOption {

  /// Read from the current folder when no file is named.
  private static final Path USUAL = Path.of("depesche.toml");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration; without it depesche.toml of this folder, if there is one.")
  private @Nullable Path config;

  @Option(names = "--data", paramLabel = "DIR", description = "The data folder (data-dir).")
  private @Nullable Path data;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A value over that of the file, such as limits.recipients=500.")
  private Map<String, String> set = new LinkedHashMap<>();

  static Optional<Path> found(Optional<Path> named) {
    return named.or(() -> Optional.of(USUAL).filter(Files::isRegularFile));
  }

  Optional<Path> file() {
    return found(Optional.ofNullable(config));
  }

  ConfigurationLoader.Result load() {
    Map<String, String> overrides = new LinkedHashMap<>(set);
    if (data != null) {
      overrides.put("data-dir", data.toString());
    }
    return ConfigurationLoader.load(file(), overrides);
  }
}
