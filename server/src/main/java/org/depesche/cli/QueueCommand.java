package org.depesche.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.depesche.admin.AdminAnswer;
import org.depesche.admin.AdminClient;
import org.depesche.admin.SuspensionReport;
import org.depesche.queue.QueueListing;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `queue`: what the running server has still to deliver, and what an operator does about it.
@Command(
    name = "queue",
    description = "Shows and changes what waits to be delivered.",
    mixinStandardHelpOptions = true)
final class QueueCommand implements Runnable {

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  static CommandLine commandLine(Function<Optional<Path>, Path> configured) {
    CommandLine line = new CommandLine(new QueueCommand());
    described(line, "list", new Listing(configured), "Lists messages, the oldest first.");
    described(line, "show", new Listing(configured), "Shows messages with all their recipients.");
    change(line, configured, "retry", "Tries messages at once, and their destinations too.");
    change(line, configured, "hold", "Keeps messages until they are released.");
    change(line, configured, "release", "Lets messages that are held go on.");
    change(line, configured, "bounce", "Gives messages up and tells their senders.");
    change(
        line,
        configured,
        "remove",
        "Takes messages out without a word to anybody; for an hour they can be restored.");
    change(line, configured, "restore", "Takes back what was removed in the last hour.");
    change(line, configured, "reroute", "Sends messages by another next hop.");
    Destination suspend = new Destination("suspend", configured);
    described(line, "suspend", suspend, "Stops deliveries to a destination, over restarts too.");
    Destination resume = new Destination("resume", configured);
    described(line, "resume", resume, "Lets deliveries to a destination go on.");
    return line;
  }

  private static void change(
      CommandLine line, Function<Optional<Path>, Path> configured, String verb, String text) {
    described(line, verb, new Change(verb, configured), text);
  }

  private static void described(CommandLine line, String name, Object user, String text) {
    CommandLine command = new CommandLine(user);
    command.getCommandSpec().usageMessage().description(text);
    line.addSubcommand(name, command);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "list, show, retry, hold, release, bounce, remove, restore, reroute, suspend or resume?");
  }

  /// What the subcommands share: the server, and how its answers are printed.
  abstract static class OnServer implements Callable<Integer> {

    /// Replaced by the command's own.
    @Spec CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "The answer as JSON.")
    boolean json;

    @Mixin final DataFolder folder;

    OnServer(Function<Optional<Path>, Path> configured) {
      folder = new DataFolder(configured);
    }

    AdminClient client() {
      return new AdminClient(folder.path());
    }

    <T> int print(AdminAnswer<T> answer, Function<T, String> text) {
      PrintWriter out = spec.commandLine().getOut();
      return switch (answer) {
        case AdminAnswer.Done<T> done -> {
          out.print(json ? done.json().strip() + "\n" : text.apply(done.value()));
          out.flush();
          yield 0;
        }
        case AdminAnswer.Refused<T> refused -> fail(refused.error());
        case AdminAnswer.NotRunning<T>(var why) -> fail(why);
      };
    }

    private int fail(String message) {
      spec.commandLine().getErr().println(Plain.text(message));
      return 1;
    }
  }

  /// `queue list` and `queue show`.
  @Command(mixinStandardHelpOptions = true)
  static final class Listing extends OnServer {

    @Mixin private final QueueFilter filter = new QueueFilter();

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "100",
        description = "How many messages to show, 1 to 10000; ${DEFAULT-VALUE} when not given.")
    private int limit;

    Listing(Function<Optional<Path>, Path> configured) {
      super(configured);
    }

    @Override
    public Integer call() {
      boolean whole = spec.name().equals("show");
      int worst = 0;
      for (Map<String, String> conditions : filter.conditions()) {
        AdminAnswer<QueueListing> answer = client().queue(conditions, limit);
        worst = Math.max(worst, print(answer, listing -> QueueText.of(listing, whole)));
      }
      return worst;
    }
  }

  /// A verb on messages.
  @Command(mixinStandardHelpOptions = true)
  static final class Change extends OnServer {

    private final String verb;

    @Mixin private final QueueFilter filter = new QueueFilter();

    @Option(names = "--all", description = "All messages, when nothing else says which.")
    private boolean all;

    @Option(names = "--dry-run", description = "Only says what would be changed.")
    private boolean dryRun;

    @Option(
        names = "--to",
        paramLabel = "NEXT-HOP",
        description =
            "For reroute: smtp://host:port, lmtp://host:port, lmtp+unix:///path, or usual.")
    private @Nullable String to;

    @Option(names = "--reason", paramLabel = "TEXT", description = "For bounce: told to senders.")
    private @Nullable String reason;

    Change(String verb, Function<Optional<Path>, Path> configured) {
      super(configured);
      this.verb = verb;
    }

    @Override
    public Integer call() {
      if (filter.isEmpty() && !all) {
        throw new ParameterException(
            spec.commandLine(), "Which messages? Name them, give a filter, or say --all.");
      }
      misplaced("--to", to, "reroute");
      misplaced("--reason", reason, "bounce");
      if (verb.equals("reroute") && to == null) {
        throw new ParameterException(spec.commandLine(), "reroute needs --to.");
      }
      int worst = 0;
      for (Map<String, String> conditions : filter.conditions()) {
        Map<String, String> parameters = new LinkedHashMap<>(conditions);
        put(parameters, "to", to);
        put(parameters, "reason", reason);
        put(parameters, "all", all ? "true" : null);
        put(parameters, "dry-run", dryRun ? "true" : null);
        worst = Math.max(worst, print(client().change(verb, parameters), QueueText::of));
      }
      return worst;
    }

    private void misplaced(String option, @Nullable String value, String belongsTo) {
      if (value != null && !verb.equals(belongsTo)) {
        throw new ParameterException(spec.commandLine(), option + " is for " + belongsTo + ".");
      }
    }

    private static void put(Map<String, String> into, String name, @Nullable String value) {
      if (value != null) {
        into.put(name, value);
      }
    }
  }

  /// `queue suspend` and `queue resume`.
  @Command(mixinStandardHelpOptions = true)
  static final class Destination extends OnServer {

    private final String verb;

    @Parameters(
        paramLabel = "DESTINATION",
        arity = "0..1",
        description =
            "A domain, a next hop as the queue shows it, or * for all other servers. Without one:"
                + " shows what is suspended.")
    private @Nullable String destination;

    Destination(String verb, Function<Optional<Path>, Path> configured) {
      super(configured);
      this.verb = verb;
    }

    @Override
    public Integer call() {
      AdminAnswer<SuspensionReport> answer =
          destination == null ? client().suspended() : client().destination(verb, destination);
      return print(answer, Destination::text);
    }

    private static String text(SuspensionReport report) {
      List<String> names = report.suspended();
      return names.isEmpty()
          ? "Nothing is suspended.\n"
          : "Suspended: " + Plain.text(String.join(", ", names)) + "\n";
    }
  }
}
