package org.depesche.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.depesche.app.DataFolder;
import org.depesche.config.Settings;
import org.depesche.directory.Account;
import org.depesche.directory.AccountBook;
import org.depesche.directory.ApplicationPassword;
import org.depesche.directory.SendingLimits;
import org.depesche.login.LastUses;
import org.depesche.mail.Mailbox;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `user app-password`: a password for each program of an account.
@Command(
    name = "app-password",
    description = "Adds, lists and removes passwords for single programs of an account.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ApplicationPasswordCommand.Add.class,
      ApplicationPasswordCommand.Listing.class,
      ApplicationPasswordCommand.Remove.class
    })
final class ApplicationPasswordCommand implements Runnable {

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "add, list or remove?");
  }

  /// What the subcommands share: whose password it is.
  abstract static class OnAccount extends UserCommand.OnAccounts {

    @Parameters(index = "0", paramLabel = "ADDRESS", description = "The account's address.")
    private String address = "";

    Mailbox address() throws IOException {
      return address(address);
    }
  }

  /// `user app-password add`.
  @Command(
      name = "add",
      description =
          "Makes a password for one program and prints it, this once. It works with PLAIN and"
              + " LOGIN.",
      mixinStandardHelpOptions = true)
  static final class Add extends OnAccount {

    @Parameters(index = "1", paramLabel = "NAME", description = "What it is for.")
    private String name = "";

    @Mixin private final LimitOptions limits = new LimitOptions();

    @Override
    int run(Settings settings, AccountBook book) throws IOException {
      return done(
          "Password: " + book.addApplication(address(), name, limits.changed(SendingLimits.NONE)));
    }
  }

  /// `user app-password list`.
  @Command(
      name = "list",
      description = "Lists the passwords of an account, and when they were last used.",
      mixinStandardHelpOptions = true)
  static final class Listing extends OnAccount {

    @Option(names = "--json", description = "The answer as JSON.")
    private boolean json;

    @Override
    int run(Settings settings, AccountBook book) throws IOException {
      Account account = book.changeable(address());
      List<Map<String, Object>> rows = new ArrayList<>();
      for (ApplicationPassword each : account.applications()) {
        Optional<Instant> used =
            LastUses.in(DataFolder.of(settings).lastUses(), account.address().wire(), each.name());
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", each.name());
        row.put("made", each.made().toString());
        row.put("last-use", used.map(Instant::toString).orElse("never"));
        row.putAll(LimitOptions.row(each.limits()));
        rows.add(row);
      }
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(JSON.std.asString(rows));
      } else {
        rows.forEach(
            r ->
                out.printf(
                    "%-24s made %s  last used %-20s  %s%n",
                    r.get("name"), r.get("made"), r.get("last-use"), limits(r)));
      }
      out.flush();
      return 0;
    }

    private static String limits(Map<String, Object> row) {
      String all =
          row.entrySet().stream()
              .skip(3)
              .map(each -> each.getKey() + " " + each.getValue())
              .collect(Collectors.joining(", "));
      return all.isEmpty() ? "no limit of its own" : all;
    }
  }

  /// `user app-password remove`.
  @Command(
      name = "remove",
      description = "Takes a password away; what is logged in with it can send nothing more.",
      mixinStandardHelpOptions = true)
  static final class Remove extends OnAccount {

    @Parameters(index = "1", paramLabel = "NAME", description = "Its name.")
    private String name = "";

    @Override
    int run(Settings settings, AccountBook book) throws IOException {
      book.removeApplication(address(), name);
      return done("Removed " + name + " of " + address() + ".");
    }
  }
}
