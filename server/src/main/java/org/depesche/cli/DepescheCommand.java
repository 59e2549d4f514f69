package org.depesche.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.depesche.app.Version;
import org.depesche.config.ConfigurationLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/// The root of the command line: every command of `./depesche` is listed here.
@Command(
    name = "depesche",
    description = "An SMTP mail system.",
    mixinStandardHelpOptions = true,
    versionProvider = DepescheCommand.ProgramVersion.class,
    synopsisSubcommandLabel = "COMMAND")
final class DepescheCommand implements Runnable {

  private static final int USAGE = 2;

  private @CommandLine.Spec CommandLine.Model.CommandSpec spec =
      CommandLine.Model.CommandSpec.create();

  /// The commands by name, in the order they are shown. Reading the description of one takes about
  /// as long as what most of them do, so that it is done for the one that is wanted.
  private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

  static {
    Function<Optional<Path>, Path> data = DepescheCommand::dataFolder;
    COMMANDS.put("serve", ServeCommand::new);
    COMMANDS.put("send", SendCommand::new);
    COMMANDS.put("sink", SinkCommand::new);
    COMMANDS.put("bench", () -> new BenchCommand(Signals::endBy));
    COMMANDS.put("status", () -> new StatusCommand(data));
    COMMANDS.put("logins", () -> new LoginsCommand(data));
    COMMANDS.put("reload", () -> new ReloadCommand(data));
    COMMANDS.put("stop", () -> new StopCommand(data));
    COMMANDS.put("queue", () -> QueueCommand.commandLine(data));
    COMMANDS.put("explain", () -> new ExplainCommand(data));
    COMMANDS.put("spool", SpoolCommand::new);
    COMMANDS.put("user", UserCommand::new);
    COMMANDS.put("config", ConfigCommand::new);
  }

  /// With all commands.
  static CommandLine commandLine() {
    return commandLine(COMMANDS.keySet());
  }

  /// With what these arguments need: their command, or all when they name none.
  static CommandLine commandLine(String[] args) {
    return args.length > 0 && COMMANDS.containsKey(args[0])
        ? commandLine(Set.of(args[0]))
        : commandLine();
  }

  private static CommandLine commandLine(Set<String> names) {
    CommandLine line = new CommandLine(new DepescheCommand());
    COMMANDS.forEach(
        (name, command) -> {
          if (names.contains(name)) {
            line.addSubcommand(name, command.get());
          }
        });
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(DepescheCommand::failed);
    line.setParameterExceptionHandler(DepescheCommand::misused);
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }

  /// The data folder a configuration leads to. What is wrong elsewhere in it does not matter here.
  private static Path dataFolder(Optional<Path> config) {
    return switch (ConfigurationLoader.load(ConfigChoice.found(config), Map.of())) {
      case ConfigurationLoader.Loaded(var settings, _) -> settings.dataFolder();
      case ConfigurationLoader.Refused _ -> Path.of("depesche-data").toAbsolutePath();
    };
  }

  private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
    line.getErr().println(Plain.text(e));
    return 1;
  }

  private static int misused(ParameterException e, String[] args) {
    PrintWriter err = e.getCommandLine().getErr();
    err.println(Plain.text(String.valueOf(e.getMessage())));
    CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
    e.getCommandLine().usage(err);
    return USAGE;
  }

  static final class ProgramVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"Depesche " + Version.text()};
    }
  }
}
