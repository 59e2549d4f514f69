package org.depesche.directory.dovecot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.depesche.directory.Account;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is asked of Dovecot and what its answers mean.
class DovecotSourceTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(200);

  @TempDir private Path folder;

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private ScriptedDovecot dovecot(
      String name, List<String> greeting, Function<String, List<String>> script)
      throws IOException {
    ScriptedDovecot made = new ScriptedDovecot(folder.resolve(name), greeting, script);
    open.add(made);
    return made;
  }

  /// One that answers each request with a line; `ID` stands for its number.
  private ScriptedDovecot saying(String name, List<String> greeting, String answer)
      throws IOException {
    return dovecot(
        name,
        greeting,
        line ->
            line.startsWith("USER\t") || line.startsWith("AUTH\t")
                ? List.of(answer.replace("ID", id(line)))
                : List.of());
  }

  private static String id(String line) {
    return line.split("\t", -1)[1];
  }

  private DovecotSource source(DovecotAddress users, Duration timeout) {
    return source(Optional.empty(), users, timeout);
  }

  private DovecotSource source(
      Optional<DovecotAddress> auth, DovecotAddress users, Duration timeout) {
    DovecotSource made =
        new DovecotSource(new DovecotSettings(auth, users, timeout), new Random(7));
    open.add(made);
    return made;
  }

  /// A source whose Dovecot says this to every login.
  private DovecotSource saysToLogins(String answer) throws IOException {
    DovecotAddress auth = saying("auth", ScriptedDovecot.LOGINS, answer).address();
    return source(Optional.of(auth), auth, LONG);
  }

  private static Mailbox at(String address) {
    return AddressParser.parseMailbox(address, true).orElseThrow();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static final Account ANN = Account.of(at("ann@here.test"));

  @Test
  void aUserIsAnAccount() throws Exception {
    ScriptedDovecot dovecot =
        saying("users", ScriptedDovecot.USERS, "USER\tID\tann@here.test\tuid=8\thome=/srv");
    DovecotSource source = source(dovecot.address(), LONG);

    assertThat(source.account("ann@here.test")).contains(ANN);
    assertThat(source.matches(ANN, utf8("secret"))).as("nobody to ask").isEmpty();
    assertThat(source.domain("here.test")).isEmpty();
    assertThat(source.alias("ann@here.test")).isEmpty();
    assertThat(dovecot.heard)
        .containsExactly("VERSION\t1\t0", "USER\t1\tann@here.test\tservice=smtp");
  }

  @Test
  void aUserThatIsNoAddressIsWhoWasAskedFor() throws Exception {
    DovecotSource source =
        source(saying("users", ScriptedDovecot.USERS, "USER\tID\tann").address(), LONG);

    assertThat(source.account("ann@here.test")).contains(ANN);
  }

  @Test
  void whoIsNotFoundIsNobodyAndAFailureIsNot() throws Exception {
    DovecotSource none =
        source(saying("none", ScriptedDovecot.USERS, "NOTFOUND\tID").address(), LONG);
    DovecotSource fails =
        source(
            saying("fails", ScriptedDovecot.USERS, "FAIL\tID\treason=no database").address(), LONG);

    assertThat(none.account("no@here.test")).isEmpty();
    assertThatThrownBy(() -> fails.account("ann@here.test"))
        .isInstanceOfSatisfying(UnavailableException.class, e -> assertThat(e.isOfEntry()).isTrue())
        .hasMessageContaining("no database");
  }

  @ParameterizedTest
  @CsvSource({
    "*:storage=1G, 1073741824",
    "*:storage=500, 512000",
    "*:storage=10M:messages=1000, 10485760",
    "*:messages=9:bytes=77, 77",
    "*:storage=3b, 3",
    "*:storage=0, ",
    "*:storage=50%, ",
    "*:storage=9999999999T, ",
    "Trash:storage=+10%, ",
    "*:messages=9, "
  })
  void aPlainRuleOfStorageIsAQuota(String rule, Long octets) throws Exception {
    DovecotSource source =
        source(
            saying("users", ScriptedDovecot.USERS, "USER\tID\tann@here.test\tquota_rule=" + rule)
                .address(),
            LONG);

    assertThat(source.account("ann@here.test").orElseThrow().quota().stream().boxed().findFirst())
        .isEqualTo(Optional.ofNullable(octets));
  }

  @Test
  void aPasswordIsShownToDovecot() throws Exception {
    ScriptedDovecot auth = saying("auth", ScriptedDovecot.LOGINS, "OK\tID\tuser=ann@here.test\t");
    DovecotSource source = source(Optional.of(auth.address()), auth.address(), LONG);

    assertThat(source.matches(ANN, utf8("pässword"))).contains(true);
    List<String> heard = List.copyOf(auth.heard);
    assertThat(heard.get(0)).isEqualTo("VERSION\t1\t1");
    assertThat(heard.get(1)).matches("CPID\t[0-9]{7,10}");
    assertThat(heard.get(2))
        .isEqualTo(
            "AUTH\t1\tPLAIN\tservice=smtp\tnologin\tsecured\tresp="
                + Base64.getEncoder().encodeToString(utf8("\0ann@here.test\0pässword")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "FAIL\tID\tuser=ann@here.test",
        "FAIL\tID\tuser=ann@here.test\tuser_disabled",
        "FAIL\tID\tuser=temp\tauthz"
      })
  void aRefusalIsAWrongPassword(String answer) throws Exception {
    assertThat(saysToLogins(answer).matches(ANN, utf8("x"))).contains(false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "FAIL\tID\tuser=ann@here.test\ttemp",
        "FAIL\tID\tuser=ann@here.test\tcode=temp_fail",
        "CONT\tID\tYWJj"
      })
  void anythingElseIsNone(String answer) throws Exception {
    DovecotSource source = saysToLogins(answer);

    assertThatThrownBy(() -> source.matches(ANN, utf8("x")))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void whatIsNoPasswordIsNotAskedAbout() throws Exception {
    ScriptedDovecot auth = saying("auth", ScriptedDovecot.LOGINS, "OK\tID");
    DovecotSource source = source(Optional.of(auth.address()), auth.address(), LONG);

    assertThat(source.matches(ANN, new byte[0])).contains(false);
    assertThat(source.matches(ANN, utf8("a\0b"))).contains(false);
    assertThat(source.matches(ANN, new byte[5000])).contains(false);
    assertThat(source.matches(ANN, utf8("x".repeat(5000)))).contains(false);
    assertThat(auth.connections()).isZero();
  }

  @Test
  void manyAskOverOneConnectionAndASlowAnswerHoldsUpNobody() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    List<String> held = new ArrayList<>();
    ScriptedDovecot dovecot =
        dovecot(
            "users",
            ScriptedDovecot.USERS,
            line -> {
              if (line.contains("slow@here.test")) {
                held.add("USER\t" + id(line) + "\tslow@here.test");
                first.countDown();
                return List.of();
              }
              if (line.contains("last@here.test")) {
                return List.of(held.getFirst(), "USER\t" + id(line) + "\tlast@here.test");
              }
              return line.startsWith("USER")
                  ? List.of("USER\t" + id(line) + "\t" + line.split("\t", -1)[2])
                  : List.of();
            });
    DovecotSource source = source(dovecot.address(), LONG);
    try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<Account>> slow = others.submit(() -> source.account("slow@here.test"));
      first.await();
      List<Future<Optional<Account>>> quick = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String address = "a" + i + "@here.test";
        quick.add(others.submit(() -> source.account(address)));
      }
      for (int i = 0; i < 100; i++) {
        assertThat(quick.get(i).get()).contains(Account.of(at("a" + i + "@here.test")));
      }
      assertThat(slow.isDone()).isFalse();
      assertThat(source.account("last@here.test")).isPresent();
      assertThat(slow.get()).contains(Account.of(at("slow@here.test")));
    }
    assertThat(dovecot.connections()).isEqualTo(1);
  }

  @Test
  void aDovecotThatWasRestartedIsAskedAnew() throws Exception {
    ScriptedDovecot dovecot = saying("users", ScriptedDovecot.USERS, "USER\tID\tann@here.test");
    DovecotSource source = source(dovecot.address(), LONG);
    assertThat(source.account("ann@here.test")).isPresent();

    dovecot.hangUp();

    assertThat(source.account("ann@here.test")).isPresent();
    assertThat(dovecot.connections()).isEqualTo(2);
  }

  @Test
  void aDovecotThatIsAwayIsAskedAgain() throws Exception {
    DovecotSource source = source(new DovecotAddress.Unix(folder.resolve("users")), LONG);
    assertThatThrownBy(() -> source.account("ann@here.test"))
        .isInstanceOfSatisfying(
            UnavailableException.class, e -> assertThat(e.isOfEntry()).isFalse())
        .hasMessageContaining("users");

    saying("users", ScriptedDovecot.USERS, "USER\tID\tann@here.test");

    assertThat(source.account("ann@here.test")).isPresent();
  }

  @Test
  void oneThatSaysNothingIsNotWaitedForAndNotKept() throws Exception {
    ScriptedDovecot mute = dovecot("mute", List.of(), line -> List.of());
    ScriptedDovecot stuck = dovecot("stuck", ScriptedDovecot.USERS, line -> List.of());
    for (ScriptedDovecot each : List.of(mute, stuck)) {
      DovecotSource source = source(each.address(), SHORT);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> source.account("ann@here.test"))
            .isInstanceOf(UnavailableException.class)
            .hasMessageContaining("no answer within");
      }
      assertThat(each.accepts(2)).isTrue();
    }
  }

  @Test
  void othersThanDovecotAreNotSpokenTo() throws Exception {
    List<List<String>> greetings =
        List.of(
            List.of("VERSION\t2\t0", "SPID\t1"),
            List.of("SPID\t1"),
            List.of("220 mx.here.test", "x".repeat(70_000)));
    for (int i = 0; i < greetings.size(); i++) {
      DovecotSource source =
          source(dovecot("other" + i, greetings.get(i), line -> List.of()).address(), LONG);
      assertThatThrownBy(() -> source.account("ann@here.test"))
          .isInstanceOf(UnavailableException.class);
    }
    List<String> withoutPlain = List.of("VERSION\t1\t2", "MECH\tCRAM-MD5", "SPID\t1", "DONE");
    DovecotAddress auth = dovecot("scram", withoutPlain, line -> List.of()).address();
    DovecotSource source = source(Optional.of(auth), auth, LONG);
    assertThatThrownBy(() -> source.matches(ANN, utf8("x")))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("does not offer");
  }

  @Test
  void linesAreEscaped() {
    Line line = Line.of("USER", "1", "a\tb\nc\u0001d\0e\r");

    assertThat(line.wire()).isEqualTo("USER\t1\ta\u0001tb\u0001nc\u00011d\u00010e\u0001r\n");
    assertThat(Line.parse(line.wire().strip())).isEqualTo(line);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/run/dovecot/auth-userdb", "dovecot.test:12345", "[::1]:12345"})
  void addressesAreReadAndWritten(String text) {
    assertThat(DovecotAddress.parse(text).orElseThrow()).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "auth", "host:", ":1", "host:0", "host:70000", "ho st:1"})
  void othersAreNone(String text) {
    assertThat(DovecotAddress.parse(text)).isEmpty();
  }
}
