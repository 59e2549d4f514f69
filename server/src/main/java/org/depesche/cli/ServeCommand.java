package org.depesche.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `serve`: runs the server in the foreground.
@Command(
    name = "serve",
    description = "Runs the server in the foreground.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final ConfigOption config = new ConfigOption();

  @Override
  public Integer call() throws InterruptedException {
    return new Serving(config.choice(), spec.commandLine().getErr()).run();
  }
}
