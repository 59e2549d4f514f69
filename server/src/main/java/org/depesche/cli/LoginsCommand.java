package org.depesche.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.depesche.admin.AdminAnswer;
import org.depesche.admin.AdminClient;
import org.depesche.admin.LockReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `logins`: who has guessed wrong too often.
@Command(
    name = "logins",
    description = "Shows who is locked out of logging in, and ends locks.",
    mixinStandardHelpOptions = true)
final class LoginsCommand implements Callable<Integer> {

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--unlock",
      paramLabel = "KEY",
      description = "Ends a lock: an address, a network or an account, as it is shown.")
  private @Nullable String key;

  @Option(names = "--json", description = "The answer as JSON.")
  private boolean json;

  @Mixin private final DataFolder folder;

  /// @param configured the data folder that a configuration file, or none, leads to
  LoginsCommand(Function<Optional<Path>, Path> configured) {
    folder = new DataFolder(configured);
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    AdminClient client = new AdminClient(folder.path());
    return switch (key == null ? client.locks() : client.unlock(key)) {
      case AdminAnswer.Done<LockReport>(var report, var text) -> {
        out.print(json ? text.strip() + "\n" : describe(report));
        out.flush();
        if (key != null && !report.changed()) {
          yield fail("Nothing is known of " + Plain.text(key) + ".");
        }
        yield 0;
      }
      case AdminAnswer.Refused<LockReport> refused -> fail(refused.error());
      case AdminAnswer.NotRunning<LockReport>(var why) -> fail(why);
    };
  }

  static String describe(LockReport report) {
    if (report.locks().isEmpty()) {
      return "Nobody is locked out.\n";
    }
    StringBuilder out = new StringBuilder();
    report
        .locks()
        .forEach(
            lock ->
                out.append(
                    "%-40s  %s, locked until %s%n"
                        .formatted(
                            Plain.text(lock.key()),
                            Plain.count(lock.failures(), "failed login"),
                            Plain.time(lock.until()))));
    return out.toString();
  }

  private int fail(String message) {
    spec.commandLine().getErr().println(Plain.text(message));
    return 1;
  }
}
