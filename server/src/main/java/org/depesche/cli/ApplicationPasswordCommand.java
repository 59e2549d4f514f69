package org.depesche.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.depesche.app.MailServer;
import org.depesche.app.Parts;
import org.depesche.config.RateLimit;
import org.depesche.config.Settings;
import org.depesche.directory.Account;
import org.depesche.directory.AccountFile;
import org.depesche.directory.ApplicationPassword;
import org.depesche.directory.password.NewPassword;
import org.depesche.login.LastUses;
import org.depesche.mail.Mailbox;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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

  /// Passwords of one account; each costs a digest with every login.
  private static final int MOST = 100;

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

    @Override
    final int run(Settings settings, AccountFile file) throws IOException {
      Mailbox wanted = address(address);
      Optional<Account> found = find(file.read(), wanted);
      if (found.isEmpty()) {
        return fail(
            find(Parts.accounts(settings), wanted).isPresent()
                ? wanted + " stands in the configuration; such accounts have one password only"
                : "there is no account " + wanted);
      }
      return run(settings, file, found.get());
    }

    abstract int run(Settings settings, AccountFile file, Account account) throws IOException;

    static void edit(AccountFile file, Account account, List<ApplicationPassword> passwords)
        throws IOException {
      file.edit(
          accounts ->
              accounts.stream()
                  .map(
                      a -> same(a.address(), account.address()) ? a.withApplications(passwords) : a)
                  .toList());
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

    @Option(
        names = "--messages",
        paramLabel = "AMOUNT/TIME",
        description = "How many messages may be sent with it, such as 500/1h.")
    private @Nullable String messages;

    @Override
    int run(Settings settings, AccountFile file, Account account) throws IOException {
      if (!ApplicationPassword.isName(name)) {
        return fail("a name is made of letters, digits, hyphens and dots");
      }
      if (account.application(name).isPresent()) {
        return fail(account.address() + " has a password named " + name + " already");
      }
      if (account.applications().size() >= MOST) {
        return fail(account.address() + " has " + MOST + " of them; remove one first");
      }
      String password = NewPassword.random(new SecureRandom());
      List<ApplicationPassword> passwords = new ArrayList<>(account.applications());
      passwords.add(
          ApplicationPassword.of(
              name, password, Instant.now().truncatedTo(ChronoUnit.SECONDS), limit()));
      edit(file, account, passwords);
      return done("Password: " + password);
    }

    private Optional<ApplicationPassword.Limit> limit() throws IOException {
      String text = messages;
      if (text == null) {
        return Optional.empty();
      }
      RateLimit limit =
          RateLimit.parse(text)
              .orElseThrow(() -> new IOException("'" + text + "' is no amount such as 500/1h"));
      return Optional.of(new ApplicationPassword.Limit(limit.amount(), limit.per()));
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
    int run(Settings settings, AccountFile file, Account account) throws IOException {
      List<Map<String, Object>> rows = new ArrayList<>();
      for (ApplicationPassword each : account.applications()) {
        Optional<Instant> used =
            LastUses.in(MailServer.lastUses(settings), account.address().wire(), each.name());
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", each.name());
        row.put("made", each.made().toString());
        row.put("last-use", used.map(Instant::toString).orElse("never"));
        row.put(
            "messages",
            each.messages()
                .map(limit -> limit.amount() + " in " + Plain.duration(limit.per()))
                .orElse("no limit of its own"));
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
                    r.get("name"), r.get("made"), r.get("last-use"), r.get("messages")));
      }
      out.flush();
      return 0;
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
    int run(Settings settings, AccountFile file, Account account) throws IOException {
      if (account.application(name).isEmpty()) {
        return fail(account.address() + " has no password named " + name);
      }
      edit(
          file,
          account,
          account.applications().stream().filter(each -> !each.name().equals(name)).toList());
      return done("Removed " + name + " of " + account.address() + ".");
    }
  }
}
