package org.depesche.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.depesche.admin.AdminAnswer;
import org.depesche.admin.AdminClient;
import org.depesche.admin.ServerStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `status`: the running server at a glance.
@Command(
    name = "status",
    description = "Shows how the running server is.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "The answer as JSON.")
  private boolean json;

  @Mixin private final DataFolder folder;

  /// @param configured the data folder that a configuration file, or none, leads to
  StatusCommand(Function<Optional<Path>, Path> configured) {
    folder = new DataFolder(configured);
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    return switch (new AdminClient(folder.path()).status()) {
      case AdminAnswer.Done<ServerStatus>(var status, var text) -> {
        out.print(json ? text.strip() + "\n" : describe(status));
        out.flush();
        yield 0;
      }
      case AdminAnswer.Refused<ServerStatus> refused -> fail(refused.error());
      case AdminAnswer.NotRunning<ServerStatus>(var why) -> fail(why);
    };
  }

  static String describe(ServerStatus s) {
    StringBuilder out = new StringBuilder();
    out.append("Depesche %s, %s\n".formatted(s.version(), s.hostname()));
    s.trouble().ifPresent(t -> line(out, "TROUBLE", t));
    line(out, "up", "%s, since %s".formatted(Plain.duration(s.uptime()), Plain.time(s.started())));
    line(out, "configured", Plain.time(s.configured()));
    for (ServerStatus.ListenerStatus listener : s.listeners()) {
      line(out, "listening", listener.address() + " (" + listener.role() + ")");
    }
    line(out, "sessions", Integer.toString(s.sessions()));
    line(
        out,
        "queue",
        "%s; deliveries: %d waiting, %d running; %d held; %s"
            .formatted(
                Plain.count(s.queue().messages(), "message"),
                s.queue().waiting(),
                s.queue().running(),
                s.queue().held(),
                Plain.count(s.queue().destinations(), "destination")));
    line(
        out,
        "spool",
        "%s, %s used, %s free"
            .formatted(
                Plain.count(s.spool().messages(), "message"),
                Plain.size(s.spool().bytes()),
                Plain.size(s.spool().freeBytes())));
    return out.toString();
  }

  private static void line(StringBuilder out, String name, String value) {
    out.append("  ").append(name).repeat(' ', 12 - name.length()).append(Plain.text(value));
    out.append('\n');
  }

  private int fail(String message) {
    spec.commandLine().getErr().println(Plain.text(message));
    return 1;
  }
}
