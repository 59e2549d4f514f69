package org.depesche.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.depesche.admin.AdminAnswer;
import org.depesche.admin.AdminClient;
import org.depesche.admin.ReloadOutcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `reload`: makes the running server read its configuration anew.
@Command(
    name = "reload",
    description = "Makes the running server read its configuration anew.",
    mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final DataFolder folder;

  /// @param configured the data folder that a configuration file, or none, leads to
  ReloadCommand(Function<Optional<Path>, Path> configured) {
    folder = new DataFolder(configured);
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    return switch (new AdminClient(folder.path()).reload()) {
      case AdminAnswer.Done<ReloadOutcome.Reloaded>(var reloaded, _) -> {
        PrintWriter out = spec.commandLine().getOut();
        out.println("The configuration was read anew.");
        reloaded.pending().forEach(line -> out.println(Plain.text(line)));
        yield 0;
      }
      case AdminAnswer.Refused<ReloadOutcome.Reloaded> refused -> {
        refused.problems().forEach(line -> err.println(Plain.text(line)));
        err.println(Plain.text(refused.error()));
        yield 1;
      }
      case AdminAnswer.NotRunning<ReloadOutcome.Reloaded>(var why) -> {
        err.println(Plain.text(why));
        yield 1;
      }
    };
  }
}
