package org.depesche.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options by which a command finds the folder of a server's data, and so the server itself.
final class DataFolder {

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The server's data folder; without it the one the configuration names.")
  private @Nullable Path data;

  @Option(names = "--config", paramLabel = "FILE", description = "The server's configuration.")
  private @Nullable Path config;

  private final Function<Optional<Path>, Path> configured;

  /// @param configured the data folder that a configuration file, or none, leads to
  DataFolder(Function<Optional<Path>, Path> configured) {
    this.configured = configured;
  }

  Path path() {
    return data != null ? data : configured.apply(Optional.ofNullable(config));
  }
}
