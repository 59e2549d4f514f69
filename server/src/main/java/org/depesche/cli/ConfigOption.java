package org.depesche.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.depesche.config.ConfigurationLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that say which configuration is meant.
final class ConfigOption {

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

  ConfigChoice choice() {
    return new ConfigChoice(Optional.ofNullable(config), Optional.ofNullable(data), set);
  }

  Optional<Path> file() {
    return choice().file();
  }

  ConfigurationLoader.Result load() {
    return choice().load();
  }
}
