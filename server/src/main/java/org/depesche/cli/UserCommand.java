package org.depesche.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.depesche.admin.AdminAnswer;
import org.depesche.admin.AdminClient;
import org.depesche.admin.AllowanceReport;
import org.depesche.app.Parts;
import org.depesche.config.ConfigurationLoader;
import org.depesche.config.Settings;
import org.depesche.directory.Account;
import org.depesche.directory.AccountBook;
import org.depesche.directory.AccountFile;
import org.depesche.directory.ApplicationPassword;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `user`: the accounts of the data folder. A running server notices within a second.
@Command(
    name = "user",
    description = "Adds, lists, shows, changes and removes accounts.",
    mixinStandardHelpOptions = true,
    subcommands = {
      UserCommand.Add.class,
      UserCommand.Listing.class,
      UserCommand.Show.class,
      UserCommand.Password.class,
      UserSetCommand.class,
      ApplicationPasswordCommand.class,
      UserCommand.Remove.class
    })
final class UserCommand implements Runnable {

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "add, list, show, set, password, app-password or remove?");
  }

  /// What the subcommands share: the configuration, and the way to say no.
  abstract static class OnAccounts implements Callable<Integer> {

    /// Replaced by the command's own.
    @Spec CommandSpec spec = CommandSpec.create();

    @Mixin final ConfigOption config = new ConfigOption();

    @Override
    public Integer call() throws IOException {
      return switch (config.load()) {
        case ConfigurationLoader.Refused(var problems) -> {
          problems.forEach(p -> spec.commandLine().getErr().println(Plain.text(p.toString())));
          yield 1;
        }
        case ConfigurationLoader.Loaded(var settings, _) ->
            run(
                settings,
                Parts.accountBook(settings, new AccountFile(settings.accountFile()), () -> {}));
      };
    }

    abstract int run(Settings settings, AccountBook book) throws IOException;

    int fail(String message) {
      spec.commandLine().getErr().println(Plain.text(message));
      return 1;
    }

    int done(String message) {
      spec.commandLine().getOut().println(Plain.text(message));
      spec.commandLine().getOut().flush();
      return 0;
    }

    static Mailbox address(String text) throws IOException {
      return AddressParser.parseMailbox(text, true)
          .orElseThrow(() -> new IOException("'" + text + "' is no address"));
    }
  }

  /// How a password is given.
  static final class PasswordOptions {

    @Option(names = "--password-stdin", description = "Reads the password from standard input.")
    boolean stdin;

    @Option(names = "--generate", description = "Makes a password and prints it once.")
    boolean generate;

    @Option(names = "--no-password", description = "The account receives mail and cannot log in.")
    boolean none;

    /// Gets a password.
    ///
    /// @throws IOException when none can be had
    AccountBook.Protection protection(AccountBook book, PrintWriter out) throws IOException {
      if (none) {
        return AccountBook.Protection.NO_PASSWORD;
      }
      String password = password(book, out);
      if (password.isEmpty()) {
        throw new IOException("an empty password is none; use --no-password");
      }
      return book.protection(password);
    }

    private String password(AccountBook book, PrintWriter out) throws IOException {
      if (generate) {
        String made = book.newPassword();
        out.println("Password: " + made);
        return made;
      }
      if (stdin) {
        return SecretLine.read(System.in);
      }
      String first = SecretLine.ask("Password: ", "--password-stdin or --generate");
      if (!first.equals(SecretLine.ask("Again: ", "--password-stdin or --generate"))) {
        throw new IOException("the two are not the same");
      }
      return first;
    }
  }

  /// `user add`.
  @Command(name = "add", description = "Adds an account.", mixinStandardHelpOptions = true)
  static final class Add extends OnAccounts {

    @Parameters(paramLabel = "ADDRESS", description = "Its full address.")
    private String address = "";

    @Option(names = "--alias", paramLabel = "ADDRESS", description = "Another address of it.")
    private List<String> aliases = new ArrayList<>();

    @Option(
        names = "--send-as",
        paramLabel = "ADDRESS",
        description = "Another address it may send as; @DOMAIN for a whole domain.")
    private List<String> sendAs = new ArrayList<>();

    @Mixin private final PasswordOptions password = new PasswordOptions();

    @Override
    int run(Settings settings, AccountBook book) throws IOException {
      List<Mailbox> more = new ArrayList<>();
      for (String alias : aliases) {
        more.add(address(alias));
      }
      for (String grant : sendAs) {
        if (!Account.isGrant(grant)) {
          return fail("'" + grant + "' is no address and no domain with @ before it");
        }
      }
      Account account = Account.of(address(address)).withAliases(more).withSendAs(sendAs);
      // Nobody is asked for the password of an account that cannot be.
      book.check(account);
      book.add(password.protection(book, spec.commandLine().getOut()).of(account));
      return done("Added " + account.address() + ".");
    }
  }

  /// `user list`.
  @Command(name = "list", description = "Lists accounts.", mixinStandardHelpOptions = true)
  static final class Listing extends OnAccounts {

    @Option(names = "--json", description = "The answer as JSON.")
    private boolean json;

    @Override
    int run(Settings settings, AccountBook book) throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      List<Map<String, Object>> rows = new ArrayList<>();
      book.entries().forEach(entry -> rows.add(row(entry)));
      if (json) {
        out.println(JSON.std.asString(rows));
      } else {
        rows.forEach(
            r ->
                out.printf(
                    "%-40s %-14s %-14s %s%n",
                    r.get("address"), r.get("from"), r.get("login"), r.get("aliases")));
      }
      out.flush();
      return 0;
    }

    private static Map<String, Object> row(AccountBook.Entry entry) {
      Account account = entry.account();
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("address", account.address().wire());
      row.put("from", entry.isConfigured() ? "configuration" : "command");
      row.put(
          "login",
          account.isDisabled()
              ? "disabled"
              : account.password().isPresent() ? "password" : "no password");
      row.put("aliases", account.aliases().stream().map(Mailbox::wire).toList());
      return row;
    }
  }

  /// `user show`.
  @Command(
      name = "show",
      description = "Shows an account, and what it has used of what it may send.",
      mixinStandardHelpOptions = true)
  static final class Show extends OnAccounts {

    @Parameters(paramLabel = "ADDRESS", description = "Its address.")
    private String address = "";

    @Option(names = "--json", description = "The answer as JSON.")
    private boolean json;

    @Override
    int run(Settings settings, AccountBook book) throws IOException {
      Mailbox wanted = address(address);
      Optional<AccountBook.Entry> found = book.find(wanted);
      if (found.isEmpty()) {
        return fail("there is no account " + wanted);
      }
      Account account = found.get().account();
      Map<String, Object> row = row(found.get());
      List<AllowanceReport.Allowance> allowances = List.of();
      // Who has sent how much is known to a running server only.
      if (new AdminClient(settings.dataFolder()).allowances(account.address().wire())
          instanceof AdminAnswer.Done<AllowanceReport>(var report, _)) {
        allowances = report.allowances();
        row.put("allowances", allowances.stream().map(Show::row).toList());
      }
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? JSON.std.asString(row) + "\n" : describe(row, allowances));
      out.flush();
      return 0;
    }

    private static Map<String, Object> row(AccountBook.Entry entry) {
      Account account = entry.account();
      Map<String, Object> row = Listing.row(entry);
      row.put("send-as", account.sendAs());
      row.put("forward-to", account.forwarding().to().stream().map(Mailbox::wire).toList());
      row.put("keep-copy", account.forwarding().keepsCopy());
      account.quota().ifPresent(octets -> row.put("quota", Plain.size(octets)));
      row.putAll(LimitOptions.row(account.limits()));
      row.put("disabled", account.isDisabled());
      row.put(
          "app-passwords", account.applications().stream().map(ApplicationPassword::name).toList());
      return row;
    }

    private static Map<String, Object> row(AllowanceReport.Allowance allowance) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("kind", allowance.kind());
      row.put("used", allowance.used());
      row.put("amount", allowance.amount());
      row.put("seconds", allowance.seconds());
      allowance.program().ifPresent(name -> row.put("program", name));
      return row;
    }

    private static String describe(
        Map<String, Object> row, List<AllowanceReport.Allowance> allowances) {
      StringBuilder text = new StringBuilder();
      row.forEach(
          (name, value) -> {
            if (!name.equals("allowances")) {
              String shown =
                  value instanceof List<?> several
                      ? several.stream().map(String::valueOf).collect(Collectors.joining(", "))
                      : String.valueOf(value);
              text.append("%-13s %s".formatted(name, Plain.text(shown)).strip()).append("\n");
            }
          });
      allowances.forEach(
          a ->
              text.append(
                  "%-13s %d of %d used, in %s%s%n"
                      .formatted(
                          a.kind(),
                          a.used(),
                          a.amount(),
                          Plain.duration(Duration.ofSeconds(a.seconds())),
                          a.program().map(name -> ", by " + name).orElse(""))));
      return text.toString();
    }
  }

  /// `user password`.
  @Command(
      name = "password",
      description = "Changes the password of an account.",
      mixinStandardHelpOptions = true)
  static final class Password extends OnAccounts {

    @Parameters(paramLabel = "ADDRESS", description = "Its address.")
    private String address = "";

    @Mixin private final PasswordOptions password = new PasswordOptions();

    @Override
    int run(Settings settings, AccountBook book) throws IOException {
      Mailbox wanted = address(address);
      book.changeable(wanted);
      AccountBook.Protection kept = password.protection(book, spec.commandLine().getOut());
      book.change(wanted, kept::of);
      return done("Changed the password of " + wanted + ".");
    }
  }

  /// `user remove`.
  @Command(
      name = "remove",
      description = "Removes an account. Its mailbox stays where it is.",
      mixinStandardHelpOptions = true)
  static final class Remove extends OnAccounts {

    @Parameters(paramLabel = "ADDRESS", description = "Its address.")
    private String address = "";

    @Override
    int run(Settings settings, AccountBook book) throws IOException {
      Mailbox wanted = address(address);
      book.remove(wanted);
      return done("Removed " + wanted + "; its mailbox stays.");
    }
  }
}
