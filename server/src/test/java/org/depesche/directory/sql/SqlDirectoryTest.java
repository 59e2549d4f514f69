package org.depesche.directory.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.depesche.directory.Account;
import org.depesche.directory.AccountDirectory;
import org.depesche.directory.AccountFile;
import org.depesche.directory.Alias;
import org.depesche.directory.CachedSource;
import org.depesche.directory.Directory;
import org.depesche.directory.DirectoryContract;
import org.depesche.directory.DomainNames;
import org.depesche.directory.Listed;
import org.depesche.directory.LocalDomain;
import org.depesche.directory.Resolution;
import org.depesche.directory.Rewritten;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.testing.ManualTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The contract with everything in tables of an SQLite database, and what happens when it goes
/// away.
class SqlDirectoryTest extends DirectoryContract {

  @TempDir private Path folder;

  private final ManualTime time = new ManualTime();
  private final List<String> troubles = new ArrayList<>();
  private final List<SqlSource> open = new ArrayList<>();

  @AfterEach
  void close() {
    open.forEach(SqlSource::close);
  }

  @Override
  protected Directory directory(
      List<LocalDomain> domains, List<Account> accounts, List<Alias> aliases)
      throws IOException, SQLException {
    fill(domains, accounts, aliases);
    SqlSource source =
        new SqlSource(
            new SqlSettings(
                url(),
                Optional.empty(),
                Optional.empty(),
                Query.parse(
                    "SELECT main AS name, catch_all, separator FROM d WHERE asked = :domain"),
                Query.parse("SELECT * FROM a WHERE asked = ':local' || '@' || ':domain'"),
                Query.parse("SELECT goto FROM l WHERE address = :address"),
                2,
                Duration.ofSeconds(5)));
    open.add(source);
    return new AccountDirectory(
        new Listed(
            List.of(),
            List.of(),
            List.of(),
            List.of(
                new CachedSource(
                    source, Duration.ofMinutes(1), Duration.ofHours(1), 1000, time, troubles::add)),
            Optional.of(at("cat@plain.test"))),
        new Domain("mx.here.test"),
        new AccountFile(folder.resolve("accounts.toml")),
        Rewritten.NONE,
        () -> 0,
        trouble -> {
          throw new AssertionError(trouble);
        });
  }

  private String url() {
    return "jdbc:sqlite:" + folder.resolve("mail.db");
  }

  private void fill(List<LocalDomain> domains, List<Account> accounts, List<Alias> aliases)
      throws SQLException {
    try (Connection db = DriverManager.getConnection(url());
        Statement statement = db.createStatement()) {
      statement.executeUpdate("CREATE TABLE d (asked, main, catch_all, separator)");
      statement.executeUpdate(
          "CREATE TABLE a (asked, address, password, send_as, quota, disabled, forward_to,"
              + " keep_copy)");
      statement.executeUpdate("CREATE TABLE l (address, goto)");
      for (LocalDomain domain : domains) {
        List<Domain> names = new ArrayList<>(domain.aliases());
        names.add(domain.name());
        for (Domain name : names) {
          insert(
              db,
              "d",
              DomainNames.ascii(name),
              domain.name().name(),
              domain.catchAll().map(Mailbox::wire).orElse(""),
              domain.separator());
        }
      }
      for (Account account : accounts) {
        for (Mailbox address : account.addresses()) {
          insert(
              db,
              "a",
              address.wire(),
              account.address().wire(),
              account.password().orElse(""),
              String.join(", ", account.sendAs()),
              account.quota().orElse(0),
              account.isDisabled() ? 1 : 0,
              list(account.forwarding().to()),
              account.forwarding().keepsCopy() ? "yes" : "no");
        }
      }
      for (Alias alias : aliases) {
        insert(db, "l", alias.address().wire(), list(alias.to()));
      }
    }
  }

  private static String list(List<Mailbox> addresses) {
    return addresses.stream().map(Mailbox::wire).collect(Collectors.joining(","));
  }

  private static void insert(Connection db, String table, Object... values) throws SQLException {
    String marks = ",?".repeat(values.length).substring(1);
    try (PreparedStatement row =
        db.prepareStatement("INSERT INTO " + table + " VALUES (" + marks + ")")) {
      for (int i = 0; i < values.length; i++) {
        row.setObject(i + 1, values[i]);
      }
      row.executeUpdate();
    }
  }

  private Directory usual() throws IOException, SQLException {
    return directory(domains(), accounts(), List.of());
  }

  private void goAway() throws SQLException {
    try (Connection db = DriverManager.getConnection(url());
        Statement statement = db.createStatement()) {
      for (String table : List.of("a", "d", "l")) {
        statement.executeUpdate("ALTER TABLE " + table + " RENAME TO gone_" + table);
      }
    }
  }

  private void comeBack() throws SQLException {
    try (Connection db = DriverManager.getConnection(url());
        Statement statement = db.createStatement()) {
      for (String table : List.of("a", "d", "l")) {
        statement.executeUpdate("ALTER TABLE gone_" + table + " RENAME TO " + table);
      }
    }
  }

  @Test
  void whatWasFoundHoldsWhileTheDatabaseIsAwayAndNobodyIsUnknownThen() throws Exception {
    Directory directory = usual();
    assertThat(directory.isImmediate()).isFalse();
    Resolution ann = directory.resolve(at("ann@here.test"));
    assertThat(directory.resolve(at("no@plain.test"))).isInstanceOf(Resolution.Unknown.class);

    goAway();
    assertThat(directory.resolve(at("ben@here.test"))).isInstanceOf(Resolution.Unavailable.class);
    time.advance(Duration.ofMinutes(30));
    assertThat(directory.resolve(at("ann@here.test"))).isEqualTo(ann);
    assertThat(directory.resolve(at("no@plain.test"))).isInstanceOf(Resolution.Unavailable.class);
    time.advance(Duration.ofMinutes(31));
    assertThat(directory.resolve(at("ann@here.test"))).isInstanceOf(Resolution.Unavailable.class);
    assertThat(troubles).hasSize(1).first().asString().contains("does not answer");

    comeBack();
    time.advance(Duration.ofSeconds(2));
    assertThat(directory.resolve(at("ben@here.test"))).isInstanceOf(Resolution.Found.class);
    assertThat(troubles).hasSize(2).last().asString().contains("answers again");
  }

  @Test
  void aNewPasswordHoldsAtOnce() throws Exception {
    Directory directory = usual();
    assertThat(directory.login("ann@here.test")).isPresent();
    try (Connection db = DriverManager.getConnection(url());
        Statement statement = db.createStatement()) {
      statement.executeUpdate("UPDATE a SET password = 'new' WHERE address = 'ann@here.test'");
    }

    assertThat(directory.login("ann@here.test").orElseThrow().password()).contains("new");
    assertThat(directory.account(at("ann@here.test")).orElseThrow().password()).contains("new");
  }

  @Test
  void anEntryThatCannotBeUsedIsNotMissingAndDoesNotSpoilOthers() throws Exception {
    Directory directory = usual();
    try (Connection db = DriverManager.getConnection(url())) {
      insert(db, "l", "broken@here.test", "not an address");
    }

    assertThat(directory.resolve(at("broken@here.test")))
        .isInstanceOfSatisfying(
            Resolution.Unavailable.class, u -> assertThat(u.reason()).contains("not an address"));
    assertThat(directory.resolve(at("ann@here.test"))).isInstanceOf(Resolution.Found.class);
  }

  @Test
  void postmasterOfDomainsWithoutOneIsWhoTheSettingNames() throws Exception {
    Directory directory = usual();

    assertThat(directory.resolve(at("postmaster@plain.test")))
        .isEqualTo(new Resolution.Found(all("cat@plain.test")));
    assertThat(directory.resolve(at("postmaster@mx.here.test")))
        .isEqualTo(new Resolution.Found(all("cat@plain.test")));
  }

  @Test
  void anAliasThatNamesItselfMeansTheAccountOfThatName() throws Exception {
    Directory directory =
        directory(
            domains(),
            List.of(account("ann@here.test"), account("ben@here.test"), account("rest@here.test")),
            List.of(alias("ann@here.test", "ann@here.test", "ben@here.test")));

    assertThat(directory.resolve(at("ann@here.test")))
        .isEqualTo(new Resolution.Found(all("ann@here.test", "ben@here.test")));
  }

  @Test
  void whatCatchesAllMayBeAnAliasOfTheDomain() throws Exception {
    Directory directory = usual();
    try (Connection db = DriverManager.getConnection(url())) {
      insert(db, "l", "@plain.test", "cat@plain.test");
    }

    assertThat(directory.resolve(at("whoever@plain.test")))
        .isEqualTo(new Resolution.Found(all("cat@plain.test")));
  }

  @Test
  void aServerThatDoesNotAnswerIsAway() throws Exception {
    SqlSource nobody =
        new SqlSource(
            new SqlSettings(
                "jdbc:postgresql://127.0.0.1:1/mail",
                Optional.of("a"),
                Optional.of("b"),
                Query.parse("SELECT 1 WHERE 'x' = :domain"),
                Optional.empty(),
                Optional.empty(),
                1,
                Duration.ofMillis(250)));
    open.add(nobody);

    org.assertj.core.api.Assertions.assertThatThrownBy(() -> nobody.domain("here.test"))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/mail");
    assertThat(nobody.account("ann@here.test")).isEmpty();
  }
}
