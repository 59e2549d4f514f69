package org.depesche.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.depesche.admin.AdminAnswer;
import org.depesche.admin.AdminClient;
import org.depesche.admin.AllowanceReport;
import org.depesche.app.MailServer;
import org.depesche.app.Parts;
import org.depesche.config.ConfigurationLoader;
import org.depesche.config.Settings;
import org.depesche.directory.Account;
import org.depesche.directory.AccountDirectory;
import org.depesche.directory.AccountFile;
import org.depesche.directory.ApplicationPassword;
import org.depesche.directory.Listed;
import org.depesche.directory.password.NewPassword;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.sasl.Mechanism;
import org.depesche.sasl.ScramHash;
import org.depesche.sasl.ScramVerifier;
import org.depesche.smtp.AddressParser;
import org.jspecify.annotations.Nullable;
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

  /// Why an account cannot have these addresses, in words.
  static List<String> taken(Settings settings, AccountFile file, List<Mailbox> addresses)
      throws IOException {
    List<Account> known = new ArrayList<>(Parts.accounts(settings));
    known.addAll(file.read());
    List<String> taken = new ArrayList<>();
    for (Mailbox each : addresses) {
      if (!isLocal(settings, each)) {
        taken.add(each + " is in no [[domain]] of the configuration; add the domain first");
      } else if (known.stream()
          .flatMap(account -> account.addresses().stream())
          .anyMatch(address -> OnAccounts.same(address, each))) {
        taken.add(each + " is there already");
      }
    }
    return taken;
  }

  private static boolean isLocal(Settings settings, Mailbox address) {
    return address.host() instanceof Domain domain
        && (settings.asksOthers()
            || Parts.domains(settings).stream()
                .anyMatch(d -> d.name().equals(domain) || d.aliases().contains(domain)));
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
            run(settings, new AccountFile(MailServer.accountFile(settings)));
      };
    }

    abstract int run(Settings settings, AccountFile file) throws IOException;

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

    /// Changes the accounts, unless the server would then refuse the file.
    static void edit(Settings settings, AccountFile file, UnaryOperator<List<Account>> change)
        throws IOException {
      Listed listed = Parts.listed(settings, List.of());
      boolean alone = !settings.asksOthers();
      List<Account> before = file.read();
      List<String> known = AccountDirectory.conflicts(listed, before, alone);
      List<String> made =
          AccountDirectory.conflicts(listed, change.apply(before), alone).stream()
              .filter(conflict -> !known.contains(conflict))
              .toList();
      if (!made.isEmpty()) {
        throw new IOException(String.join("; ", made));
      }
      file.edit(change);
    }

    static boolean same(Mailbox a, Mailbox b) {
      return a.wire().equalsIgnoreCase(b.wire());
    }

    static Optional<Account> find(List<Account> accounts, Mailbox address) {
      return accounts.stream().filter(a -> same(a.address(), address)).findFirst();
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

    /// What is kept of a password.
    ///
    /// @param hash empty for no password
    /// @param scram empty for no password, and for one that RFC 4013 does not allow
    record Kept(Optional<String> hash, Optional<String> scram) {}

    /// Gets a password.
    ///
    /// @throws IOException when none can be had
    Kept kept(Settings settings, PrintWriter out) throws IOException {
      if (none) {
        return new Kept(Optional.empty(), Optional.empty());
      }
      String password = password(out);
      if (password.isEmpty()) {
        throw new IOException("an empty password is none; use --no-password");
      }
      return of(password, hashes(settings), new SecureRandom());
    }

    /// The older hash is kept only where somebody has switched its mechanism on.
    private static List<ScramHash> hashes(Settings settings) {
      List<Mechanism> allowed = settings.auth().mechanisms();
      return allowed.contains(Mechanism.SCRAM_SHA_1) || allowed.contains(Mechanism.SCRAM_SHA_1_PLUS)
          ? List.of(ScramHash.SHA_256, ScramHash.SHA_1)
          : List.of(ScramHash.SHA_256);
    }

    static Kept of(String password, List<ScramHash> hashes, SecureRandom random) {
      String scram =
          hashes.stream()
              .flatMap(hash -> NewPassword.scram(hash, password, random).stream())
              .map(ScramVerifier::toString)
              .collect(Collectors.joining(" "));
      return new Kept(
          Optional.of(NewPassword.argon2id(password, random)),
          Optional.of(scram).filter(text -> !text.isEmpty()));
    }

    private String password(PrintWriter out) throws IOException {
      if (generate) {
        String made = NewPassword.random(new SecureRandom());
        out.println("Password: " + made);
        return made;
      }
      if (stdin) {
        return SecretLine.read(System.in);
      }
      // No console at all when input or output is redirected.
      Console console =
          Optional.ofNullable(System.console()).filter(Console::isTerminal).orElse(null);
      if (console == null) {
        throw new IOException("no terminal to ask on: use --password-stdin or --generate");
      }
      char @Nullable [] first = console.readPassword("Password: ");
      char @Nullable [] second = console.readPassword("Again: ");
      if (first == null || second == null || !Arrays.equals(first, second)) {
        throw new IOException("the two are not the same");
      }
      return new String(first);
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
    int run(Settings settings, AccountFile file) throws IOException {
      List<Mailbox> all = new ArrayList<>();
      all.add(address(address));
      for (String alias : aliases) {
        all.add(address(alias));
      }
      List<String> taken = taken(settings, file, all);
      if (!taken.isEmpty()) {
        return fail(taken.getFirst());
      }
      for (String grant : sendAs) {
        if (!Account.isGrant(grant)) {
          return fail("'" + grant + "' is no address and no domain with @ before it");
        }
      }
      PasswordOptions.Kept kept = password.kept(settings, spec.commandLine().getOut());
      Account account =
          Account.of(all.getFirst())
              .withPassword(kept.hash(), kept.scram())
              .withAliases(all.subList(1, all.size()))
              .withSendAs(sendAs);
      edit(
          settings,
          file,
          accounts -> {
            List<Account> changed = new ArrayList<>(accounts);
            changed.add(account);
            return changed;
          });
      return done("Added " + account.address() + ".");
    }
  }

  /// `user list`.
  @Command(name = "list", description = "Lists accounts.", mixinStandardHelpOptions = true)
  static final class Listing extends OnAccounts {

    @Option(names = "--json", description = "The answer as JSON.")
    private boolean json;

    @Override
    int run(Settings settings, AccountFile file) throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      List<Map<String, Object>> rows = new ArrayList<>();
      Parts.accounts(settings).forEach(a -> rows.add(row(a, "configuration")));
      file.read().forEach(a -> rows.add(row(a, "command")));
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

    private static Map<String, Object> row(Account account, String from) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("address", account.address().wire());
      row.put("from", from);
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
    int run(Settings settings, AccountFile file) throws IOException {
      Mailbox wanted = address(address);
      Optional<Account> configured = find(Parts.accounts(settings), wanted);
      Optional<Account> found = configured.isPresent() ? configured : find(file.read(), wanted);
      if (found.isEmpty()) {
        return fail("there is no account " + wanted);
      }
      Map<String, Object> row =
          Listing.row(found.get(), configured.isPresent() ? "configuration" : "command");
      row.put("send-as", found.get().sendAs());
      row.put("forward-to", found.get().forwarding().to().stream().map(Mailbox::wire).toList());
      row.put("keep-copy", found.get().forwarding().keepsCopy());
      found.get().quota().ifPresent(octets -> row.put("quota", Plain.size(octets)));
      row.put("disabled", found.get().isDisabled());
      row.put(
          "app-passwords",
          found.get().applications().stream().map(ApplicationPassword::name).toList());
      List<AllowanceReport.Allowance> allowances = List.of();
      // Who has sent how much is known to a running server only.
      if (new AdminClient(settings.dataFolder()).allowances(found.get().address().wire())
          instanceof AdminAnswer.Done<AllowanceReport>(var report, _)) {
        allowances = report.allowances();
        row.put("allowances", allowances.stream().map(Show::row).toList());
      }
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? JSON.std.asString(row) + "\n" : describe(row, allowances));
      out.flush();
      return 0;
    }

    private static Map<String, Object> row(AllowanceReport.Allowance allowance) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("kind", allowance.kind());
      row.put("used", allowance.used());
      row.put("amount", allowance.amount());
      row.put("seconds", allowance.seconds());
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
                  "%-13s %d of %d used, in %s%n"
                      .formatted(
                          a.kind(),
                          a.used(),
                          a.amount(),
                          Plain.duration(Duration.ofSeconds(a.seconds())))));
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
    int run(Settings settings, AccountFile file) throws IOException {
      Mailbox wanted = address(address);
      if (find(file.read(), wanted).isEmpty()) {
        return fail(
            find(Parts.accounts(settings), wanted).isPresent()
                ? wanted + " stands in the configuration; change its password there"
                : "there is no account " + wanted);
      }
      PasswordOptions.Kept kept = password.kept(settings, spec.commandLine().getOut());
      edit(
          settings,
          file,
          accounts ->
              accounts.stream()
                  .map(
                      a ->
                          same(a.address(), wanted) ? a.withPassword(kept.hash(), kept.scram()) : a)
                  .toList());
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
    int run(Settings settings, AccountFile file) throws IOException {
      Mailbox wanted = address(address);
      if (find(file.read(), wanted).isEmpty()) {
        return fail(
            find(Parts.accounts(settings), wanted).isPresent()
                ? wanted + " stands in the configuration; take it out there"
                : "there is no account " + wanted);
      }
      edit(
          settings,
          file,
          accounts -> accounts.stream().filter(a -> !same(a.address(), wanted)).toList());
      return done("Removed " + wanted + "; its mailbox stays.");
    }
  }
}
