package org.depesche.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.depesche.config.ConfigurationLoader;
import org.depesche.config.EffectiveSettings;
import org.depesche.config.Problem;
import org.depesche.config.Reference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `config`: looks at configurations.
@Command(
    name = "config",
    description = "Checks, shows and explains the configuration.",
    mixinStandardHelpOptions = true,
    subcommands = {ConfigCommand.Check.class, ConfigCommand.Show.class, ConfigCommand.Keys.class})
final class ConfigCommand implements Runnable {

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "check, show or reference?");
  }

  /// `config check`.
  @Command(
      name = "check",
      description = "Tells every mistake with its place.",
      mixinStandardHelpOptions = true)
  static final class Check implements Callable<Integer> {

    /// Replaced by the command's own.
    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(names = "--json", description = "The answer as JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      List<Problem> problems =
          config.load() instanceof ConfigurationLoader.Refused(var found) ? found : List.of();
      if (json) {
        out.println(JSON.std.asString(problems.stream().map(Check::json).toList()));
      } else if (problems.isEmpty()) {
        out.println(config.file().map(f -> f + " is right.").orElse("No file: the defaults hold."));
      } else {
        problems.forEach(p -> out.println(Plain.text(p.toString())));
      }
      out.flush();
      return problems.isEmpty() ? 0 : 1;
    }

    private static Map<String, Object> json(Problem problem) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("source", problem.at().source());
      fields.put("line", problem.at().line());
      fields.put("column", problem.at().column());
      fields.put("message", problem.message());
      return fields;
    }
  }

  /// `config show`.
  @Command(
      name = "show",
      description = "Shows what is in effect, and where each value comes from.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {

    /// Replaced by the command's own.
    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private final ConfigOption config = new ConfigOption();

    @Override
    public Integer call() {
      return switch (config.load()) {
        case ConfigurationLoader.Loaded(var settings, var origins) -> {
          spec.commandLine().getOut().print(EffectiveSettings.toml(settings, origins));
          spec.commandLine().getOut().flush();
          yield 0;
        }
        case ConfigurationLoader.Refused(var problems) -> {
          problems.forEach(p -> spec.commandLine().getErr().println(Plain.text(p.toString())));
          yield 1;
        }
      };
    }
  }

  /// `config reference`.
  @Command(name = "reference", description = "Explains every key.", mixinStandardHelpOptions = true)
  static final class Keys implements Callable<Integer> {

    /// Replaced by the command's own.
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
      spec.commandLine().getOut().print(Reference.markdown());
      spec.commandLine().getOut().flush();
      return 0;
    }
  }
}
