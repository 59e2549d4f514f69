package org.depesche.mailbox.maildir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.Mailbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailboxPathTest {

  private static final MailboxPath USUAL = MailboxPath.parse("/data/mail/{domain}/{local}/Maildir");

  private static String local(String local) {
    return USUAL.resolve(new Mailbox(local, "example.org")).subpath(3, 4).toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"alice", "Alice", "a.b", "a+tag", "a_b-c", "o'brien", "x=y", "a.", "0", "a..b"})
  void commonNamesStandForThemselves(String local) {
    assertThat(local(local)).isEqualTo(local);
  }

  @ParameterizedTest
  @CsvSource({
    "../../etc,       %2E.%2F..%2Fetc",
    "..,              %2E.",
    ".,               %2E",
    ".hidden,         %2Ehidden",
    "a/b,             a%2Fb",
    "/,               %2F",
    "100%,            100%25",
    "%2F,             %252F",
    "a b,             a%20b",
    "a@b,             a%40b",
    "~root,           %7Eroot",
    "jürgen,          j%C3%BCrgen",
    "a\\b,            a%5Cb",
    "a:2;S,           a%3A2%3BS",
    "*,               %2A",
    "'a\u202eb',      a%E2%80%AEb",
    "'',              %",
  })
  void everythingElseIsSpelledOut(String local, String name) {
    assertThat(local(local)).isEqualTo(name);
  }

  @Test
  void controlCharactersAreSpelledOut() {
    assertThat(local("a\0b\r\n\t\u007f")).isEqualTo("a%00b%0D%0A%09%7F");
  }

  @Test
  void addressLiteralsAreNamesToo() {
    assertThat(USUAL.resolve(new Mailbox("a", new AddressLiteral("IPv6:2001:db8::1"))))
        .isEqualTo(Path.of("/data/mail/%5BIPv6%3A2001%3Adb8%3A%3A1%5D/a/Maildir"));
  }

  @Test
  void aLongestLocalPartFitsAndWhatIsLongerKeepsItsDifference() {
    String longest = "ü".repeat(32);
    String overlong = "ü".repeat(60);

    assertThat(local(longest)).isEqualTo("%C3%BC".repeat(32)).hasSize(192);
    assertThat(local(overlong)).startsWith("%C3%BC").contains("%%").hasSizeLessThan(256);
    assertThat(local(overlong)).isNotEqualTo(local(overlong + "x"));
  }

  static Stream<String> templates() {
    return Stream.of(
        "/data/mail/{domain}/{local}/Maildir",
        "/data/mail/{local}@{domain}",
        "/data/mail/{domain}/users/{local}",
        "/data/{local},{domain}/x",
        "{domain}/{local}");
  }

  @ParameterizedTest
  @MethodSource("templates")
  void noAddressLeavesTheRootAndNoTwoShareAFolder(String template) {
    MailboxPath paths = MailboxPath.parse(template);
    String alphabet = "./%\\ab:@~ \0\nü+'-\u202e";
    Random random = new Random(42);
    Map<Path, Mailbox> owners = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      StringBuilder local = new StringBuilder();
      for (int n = random.nextInt(i % 10 == 0 ? 70 : 6); n > 0; n--) {
        local.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      StringBuilder domain = new StringBuilder("d");
      for (int n = random.nextInt(4); n > 0; n--) {
        domain.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      Mailbox mailbox = new Mailbox(local.toString(), domain.toString());

      Path path = paths.resolve(mailbox);

      assertThat(path).startsWithRaw(paths.root()).isEqualTo(path.normalize());
      assertThat(path.getNameCount())
          .isEqualTo(paths.resolve(new Mailbox("a", "b")).getNameCount());
      for (Path name : path) {
        assertThat(name.toString().getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(255);
      }
      Mailbox other = owners.putIfAbsent(path, mailbox);
      assertThat(other == null || other.equals(mailbox)).as("%s and %s", other, mailbox).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/data/mail/Maildir",
        "/data/{domain}/Maildir",
        "/data/{user}/Maildir",
        "/data/{local",
        "/data/local}",
        "/data/}{local}",
        "/data/{{local}}",
        "/data/{local}{domain}",
        "/data/{domain}_{local}",
        "/data/{local}/../{domain}",
        "/data/{local}/.",
        "/data/{local}%{domain}",
        ""
      })
  void aTemplateThatCannotTellMailboxesApartIsRefused(String template) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> MailboxPath.parse(template))
        .withMessageStartingWith("mailbox path " + template);
  }

  @Test
  void theRootIsWhatStandsBeforeTheFirstPlaceholder() {
    assertThat(MailboxPath.parse("/a//b/../c/{local}/x").root()).isEqualTo(Path.of("/a/c"));
    assertThat(MailboxPath.parse("mail/{local}").root())
        .isEqualTo(Path.of("mail").toAbsolutePath());
  }
}
