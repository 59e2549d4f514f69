package org.depesche.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.depesche.admin.AdminAnswer;
import org.depesche.admin.AdminClient;
import org.depesche.admin.AdminException;
import org.depesche.admin.AdminFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `stop`: ends the running server gracefully and waits for its end.
@Command(
    name = "stop",
    description = "Stops the running server: sessions finish the message they are in.",
    mixinStandardHelpOptions = true)
final class StopCommand implements Callable<Integer> {

  /// Longer than a server takes unless it was told to.
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final DataFolder folder;

  private final LongPredicate awaitEnd;

  /// @param configured the data folder that a configuration file, or none, leads to
  StopCommand(Function<Optional<Path>, Path> configured) {
    this(configured, StopCommand::awaitEnd);
  }

  /// @param awaitEnd waits for the end of a process; false when it goes on
  StopCommand(Function<Optional<Path>, Path> configured, LongPredicate awaitEnd) {
    this.folder = new DataFolder(configured);
    this.awaitEnd = awaitEnd;
  }

  @Override
  public Integer call() {
    Path dataDir = folder.path();
    long pid = pid(dataDir);
    return switch (new AdminClient(dataDir).stop()) {
      case AdminAnswer.Done<AdminClient.Stopping> _ -> await(pid);
      case AdminAnswer.Refused<AdminClient.Stopping> refused -> fail(refused.error());
      case AdminAnswer.NotRunning<AdminClient.Stopping>(var why) -> fail(why);
    };
  }

  private int await(long pid) {
    if (!awaitEnd.test(pid)) {
      return fail("The server (process " + pid + ") is still finishing what it has begun.");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println("The server has stopped.");
    return 0;
  }

  private static long pid(Path dataDir) {
    try {
      return AdminFile.read(dataDir).map(AdminFile::pid).orElse(-1L);
    } catch (AdminException _) {
      return -1;
    }
  }

  private static boolean awaitEnd(long pid) {
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    if (process.isEmpty()) {
      return true;
    }
    try {
      process.get().onExit().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private int fail(String message) {
    spec.commandLine().getErr().println(Plain.text(message));
    return 1;
  }
}
