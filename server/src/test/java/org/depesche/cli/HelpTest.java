package org.depesche.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// Every command can be built, and says what it and its options are for.
class HelpTest {

  private static List<CommandLine> all(CommandLine from) {
    List<CommandLine> all = new ArrayList<>(List.of(from));
    from.getSubcommands().values().forEach(each -> all.addAll(all(each)));
    return all;
  }

  @Test
  void everyCommandAndEveryOptionIsDescribed() {
    List<CommandLine> commands = all(DepescheCommand.commandLine());
    assertThat(commands).hasSizeGreaterThan(20);
    for (CommandLine command : commands) {
      String name = command.getCommandSpec().qualifiedName();
      assertThat(command.getCommandSpec().usageMessage().description()).as(name).isNotEmpty();
      for (OptionSpec option : command.getCommandSpec().options()) {
        assertThat(option.description()).as(name + " " + option.longestName()).isNotEmpty();
      }
    }
  }

  @Test
  void onlyTheCommandThatIsNamedIsBuiltAndAllWhereNoneIs() {
    CommandLine all = DepescheCommand.commandLine();
    for (String name : all.getSubcommands().keySet()) {
      CommandLine one = DepescheCommand.commandLine(new String[] {name, "--help"});
      assertThat(one.getSubcommands()).containsOnlyKeys(name);
    }
    assertThat(DepescheCommand.commandLine(new String[] {"--help"}).getSubcommands())
        .hasSameSizeAs(all.getSubcommands());
    assertThat(DepescheCommand.commandLine(new String[] {"nonsense"}).getSubcommands())
        .hasSameSizeAs(all.getSubcommands());
  }
}
