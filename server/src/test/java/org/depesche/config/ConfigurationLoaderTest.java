package org.depesche.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.depesche.directory.Account;
import org.depesche.directory.AccountFile;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a right configuration comes to.
class ConfigurationLoaderTest {

  /// The keys that tools outside of the project rely on.
  private static final String CONTRACT =
      """
      hostname = "mx.example.org"
      data-dir = "/var/lib/depesche"

      [[listener]]
      address = "127.0.0.1:2525"
      role = "mx"

      [[domain]]
      name = "example.org"
      catch-all = "postmaster@example.org"

      [mailboxes]
      path = "{data-dir}/mail/{domain}/{local}/Maildir"

      [[account]]
      address = "u0@example.org"
      password = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo"
      aliases = ["sales@example.org", "postmaster@example.org"]

      [queue]
      retry = ["1m", "5m", "15m", "30m", "1h", "2h", "4h"]
      give-up-after = "5d"

      [limits]
      message-size = "50MiB"
      recipients = 1000
      connections = 10000
      connections-per-client = 100
      """;

  @TempDir Path folder;

  @Test
  void withoutAFileTheDefaultsHold() {
    Settings settings = settings("", Map.of());

    assertThat(settings.hostname()).isEmpty();
    assertThat(settings.dataDir()).isEqualTo(Path.of("depesche-data"));
    assertThat(settings.listener()).isEmpty();
    assertThat(settings.domain()).isEmpty();
    assertThat(settings.account()).isEmpty();
    assertThat(settings.mailboxes().path()).isEqualTo("{data-dir}/mail/{domain}/{local}/Maildir");
    assertThat(settings.queue().retry())
        .hasSize(7)
        .startsWith(Duration.ofMinutes(1))
        .endsWith(Duration.ofHours(4));
    assertThat(settings.queue().giveUpAfter()).isEqualTo(Duration.ofDays(5));
    assertThat(settings.limits().messageSize()).isEqualTo(new DataSize(50 << 20));
    assertThat(settings.limits().recipients()).isEqualTo(1000);
    assertThat(settings.limits().connections()).isEqualTo(10_000);
    assertThat(settings.limits().connectionsPerClient()).isEqualTo(100);
    assertThat(settings.timeouts().command()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.timeouts().stop()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.spool().commitTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.admin().address()).isEqualTo(new ListenAddress("127.0.0.1", 0));
    assertThat(settings.expand(settings.log().mail()))
        .isEqualTo(Path.of("depesche-data").toAbsolutePath() + "/mail.log");
    assertThat(settings.history().keep()).isEqualTo(Duration.ofDays(30));
  }

  @Test
  void theKeysOfTheContractAreRead() {
    Settings settings = settings(CONTRACT, Map.of());

    assertThat(settings.hostname()).contains(new Domain("mx.example.org"));
    assertThat(settings.dataFolder()).isEqualTo(Path.of("/var/lib/depesche"));
    assertThat(settings.listener())
        .containsExactly(new Settings.Listener(new ListenAddress("127.0.0.1", 2525), Role.MX));
    assertThat(settings.domain().getFirst().catchAll())
        .contains(new Mailbox("postmaster", "example.org"));
    assertThat(settings.domain().getFirst().subaddressSeparator()).isEqualTo("+");
    assertThat(settings.account().getFirst().aliases())
        .containsExactly(
            new Mailbox("sales", "example.org"), new Mailbox("postmaster", "example.org"));
  }

  @Test
  void eachValueRemembersItsPlace() {
    var loaded = loaded(CONTRACT, Map.of("limits.recipients", "500"));

    assertThat(loaded.origins())
        .containsEntry("hostname", new Position("c.toml", 1, 1))
        .containsEntry("account[0].aliases[1]", new Position("c.toml", 18, 33))
        .containsEntry("limits.recipients", new Position("--set", 0, 0))
        .doesNotContainKeys("timeouts.stop", "queue.retry[7]");
  }

  @Test
  void theCommandLineIsPutOverTheFile() {
    Map<String, String> over = new LinkedHashMap<>();
    over.put("limits.message-size", "10MiB");
    over.put("listener.0.address", "[::1]:0");
    over.put("listener.1.address", ":25");
    over.put("queue.retry", "[\"1s\", \"2s\"]");
    over.put("account.0.aliases.2", "info@example.org");
    over.put("domain.0.subaddress-separator", "");
    over.put("log.mail", "-");
    over.put("data-dir", "2026");
    over.put("hostname", "\"quoted.test\"");

    Settings settings = settings(CONTRACT, over);

    assertThat(settings.limits().messageSize()).isEqualTo(new DataSize(10 << 20));
    assertThat(settings.listener())
        .extracting(listener -> listener.address().toString())
        .containsExactly("[::1]:0", ":25");
    assertThat(settings.queue().retry())
        .containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
    assertThat(settings.account().getFirst().aliases())
        .contains(new Mailbox("info", "example.org"))
        .hasSize(3);
    assertThat(settings.domain().getFirst().subaddressSeparator()).isEmpty();
    assertThat(settings.log().mail()).isEqualTo("-");
    assertThat(settings.dataDir()).isEqualTo(Path.of("2026"));
    assertThat(settings.hostname()).contains(new Domain("quoted.test"));
  }

  @Test
  void aCatchAllMayBeAnAccountThatACommandHasMade() throws IOException {
    new AccountFile(folder.resolve("accounts.toml"))
        .edit(_ -> List.of(Account.of(new Mailbox("bob", "example.org"))));
    String text = "[[domain]]\nname = \"example.org\"\ncatch-all = \"Bob@example.org\"";

    assertThat(settings(text, Map.of("data-dir", folder.toString())).domain()).hasSize(1);
  }

  @Test
  void filesThatCannotBeReadAreToldByName() throws IOException {
    Path latin1 = Files.write(folder.resolve("l.toml"), "# \u00fc".getBytes(ISO_8859_1));
    Path large = Files.write(folder.resolve("large.toml"), new byte[(16 << 20) + 1]);

    assertThat(problem(folder.resolve("none.toml")))
        .isEqualTo(folder + "/none.toml: there is no such file");
    assertThat(problem(latin1)).isEqualTo(latin1 + ": the file is not UTF-8");
    assertThat(problem(large)).isEqualTo(large + ": the file is larger than 16MiB");
    assertThat(problem(folder)).startsWith(folder + ": cannot be read: ");
  }

  @Test
  void aFileOfAnotherSystemIsRead() throws IOException {
    Path file = Files.writeString(folder.resolve("w.toml"), "[limits]\r\nrecipients = 500\r\n");

    assertThat(ConfigurationLoader.load(Optional.of(file), Map.of()))
        .isInstanceOfSatisfying(
            ConfigurationLoader.Loaded.class,
            loaded -> assertThat(loaded.settings().limits().recipients()).isEqualTo(500));
  }

  @Test
  void whatIsShownCanBeReadAgain() {
    var loaded = loaded(CONTRACT + "[log]\nmail = \"a\\\\b\\\"c\"\n", Map.of("limits.errors", "7"));

    String shown = EffectiveSettings.toml(loaded.settings(), loaded.origins());
    Settings again = settings(shown, Map.of());

    assertThat(shown)
        .contains(
            "\n[limits]\nmessage-size = \"50MiB\"                          # c.toml:25:1\n",
            "\nerrors = 7                                      # --set\n",
            "\n# password = (hidden)                             # c.toml:17:1\n")
        .doesNotContain("$argon2id");
    assertThat(again.limits()).isEqualTo(loaded.settings().limits());
    assertThat(again.log()).isEqualTo(loaded.settings().log());
    assertThat(again.listener()).isEqualTo(loaded.settings().listener());
    assertThat(again.domain()).isEqualTo(loaded.settings().domain());
    assertThat(again.queue()).isEqualTo(loaded.settings().queue());
    assertThat(again.account().getFirst().aliases())
        .isEqualTo(loaded.settings().account().getFirst().aliases());
  }

  private static String problem(Path file) {
    return switch (ConfigurationLoader.load(Optional.of(file), Map.of())) {
      case ConfigurationLoader.Refused(var problems) -> problems.getFirst().toString();
      case ConfigurationLoader.Loaded _ -> "";
    };
  }

  private static Settings settings(String text, Map<String, String> overrides) {
    return loaded(text, overrides).settings();
  }

  private static ConfigurationLoader.Loaded loaded(String text, Map<String, String> overrides) {
    return switch (ConfigurationLoader.parse(text, "c.toml", overrides)) {
      case ConfigurationLoader.Loaded loaded -> loaded;
      case ConfigurationLoader.Refused refused -> throw new AssertionError(refused);
    };
  }
}
