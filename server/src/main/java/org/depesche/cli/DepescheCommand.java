package org.depesche.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
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

  static CommandLine commandLine() {
    Function<Optional<Path>, Path> data = DepescheCommand::dataFolder;
    CommandLine line =
        new CommandLine(new DepescheCommand())
            .addSubcommand(new ServeCommand())
            .addSubcommand(new SendCommand())
            .addSubcommand(new SinkCommand())
            .addSubcommand(new BenchCommand(Signals::endBy))
            .addSubcommand(new TrainCommand())
            .addSubcommand(new StatusCommand(data))
            .addSubcommand(new LoginsCommand(data))
            .addSubcommand(new ReloadCommand(data))
            .addSubcommand(new StopCommand(data))
            .addSubcommand(QueueCommand.commandLine(data))
            .addSubcommand(new ExplainCommand(data))
            .addSubcommand(new SpoolCommand())
            .addSubcommand(new UserCommand())
            .addSubcommand(new ConfigCommand());
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
    return switch (ConfigurationLoader.load(ConfigOption.found(config), Map.of())) {
      case ConfigurationLoader.Loaded(var settings, _) -> settings.dataFolder();
      case ConfigurationLoader.Refused _ -> Path.of("depesche-data").toAbsolutePath();
    };
  }

  private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
    line.getErr().println(Plain.text(e.getMessage() == null ? e.toString() : e.getMessage()));
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
