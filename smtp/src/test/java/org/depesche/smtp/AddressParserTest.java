package org.depesche.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressParserTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bob@example.org",
        "b@e",
        "bob@localhost",
        "bob.smith@example.org",
        "!#$%&'*+-/=?^_`{|}~@example.org",
        "bob@1.2.3.4",
        "bob@xn--bcher-kva.example",
        "bob@a-b--c.example",
        "123@456.example",
        "bob@[127.0.0.1]",
        "bob@[0.0.0.0]",
        "bob@[255.255.255.255]",
        "bob@[IPv6:::]",
        "bob@[IPv6:::1]",
        "bob@[IPv6:1::]",
        "bob@[IPv6:2001:db8::1]",
        "bob@[IPv6:1:2:3:4:5:6:7:8]",
        "bob@[IPv6:1:2:3:4:5:6::]",
        "bob@[IPv6:::3:4:5:6:7:8]",
        "bob@[IPv6:1:2:3::7:8:9]",
        "bob@[IPv6:::ffff:192.0.2.1]",
        "bob@[IPv6:1:2:3:4:5:6:192.0.2.1]",
        "bob@[IPv6:1:2:3:4::192.0.2.1]",
        "bob@[IPv6:::192.0.2.1]",
        "bob@[IPv6:1:2::3:192.0.2.1]",
        "bob@[x400:c=de;a=x]",
        "bob@[tag-1:!~]",
        "\"\"@example.org",
        "\"bob\"@example.org",
        "\"bob smith\"@example.org",
        "\"bob@home\"@example.org",
        "\"a\\\\b\"@example.org",
        "\"a\\\"b\"@example.org",
        "\"a\\ b\"@example.org",
        "\"..\"@example.org",
        "\"<>\"@example.org"
      })
  void takesEveryFormOfTheGrammar(String address) {
    assertThat(AddressParser.parseMailbox(address, false)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@",
        "bob",
        "bob@",
        "@example.org",
        ".bob@example.org",
        "bob.@example.org",
        "bob..smith@example.org",
        "bob smith@example.org",
        "bob,smith@example.org",
        "bob@example..org",
        "bob@.example.org",
        "bob@example.org.",
        "bob@-example.org",
        "bob@example-.org",
        "bob@exam_ple.org",
        "bob@exam ple.org",
        "bob@example.org ",
        " bob@example.org",
        "<bob@example.org>",
        "bob@example.org>",
        "bob@home@example.org",
        "bob(comment)@example.org",
        "\"bob@example.org",
        "bob\"@example.org",
        "\"bob\"smith@example.org",
        "\"bob\".smith@example.org",
        "\"a\\\"@example.org",
        "\"a\tb\"@example.org",
        "\"a\nb\"@example.org",
        "bob\r\n@example.org",
        "bob\0@example.org",
        "bob@[127.0.0.1",
        "bob@127.0.0.1]",
        "bob@[127.0.0]",
        "bob@[127.0.0.1.1]",
        "bob@[127.0.0.256]",
        "bob@[127.0.0.0001]",
        "bob@[127.0.0.-1]",
        "bob@[]",
        "bob@[ 127.0.0.1]",
        "bob@[IPv6:]",
        "bob@[IPv6::]",
        "bob@[IPv6::::]",
        "bob@[IPv6:1]",
        "bob@[IPv6:1:2:3:4:5:6:7]",
        "bob@[IPv6:1:2:3:4:5:6:7:8:9]",
        "bob@[IPv6:1:2:3:4:5:6:7::]",
        "bob@[IPv6:1::2::3]",
        "bob@[IPv6:1:::2]",
        "bob@[IPv6:12345::]",
        "bob@[IPv6:g::]",
        "bob@[IPv6:1:2:3:4:5::192.0.2.1]",
        "bob@[IPv6:1:2:3:4:5:192.0.2.1]",
        "bob@[IPv6:1:2:3:4:5:6:7:192.0.2.1]",
        "bob@[IPv6:::192.0.2]",
        "bob@[IPv6:::192.0.2.1:1]",
        "bob@[IPv6:::1%eth0]",
        "bob@[2001:db8::[1]",
        "bob@[tag-:x]",
        "bob@[tag:]",
        "bob@[:x]",
        "bob@[tag:a b]",
        "bob@[tag:a\\b]"
      })
  void refusesEverythingElse(String address) {
    assertThat(AddressParser.parseMailbox(address, false)).isEmpty();
    assertThat(AddressParser.parseMailbox(address, true)).isEmpty();
  }

  @Test
  void quotingIsSpellingNotMeaning() {
    Optional<Mailbox> plain = AddressParser.parseMailbox("bob@example.org", false);

    assertThat(AddressParser.parseMailbox("\"bob\"@EXAMPLE.org", false)).isEqualTo(plain);
    assertThat(AddressParser.parseMailbox("\"b\\ob\"@example.org", false)).isEqualTo(plain);
    assertThat(AddressParser.parseMailbox("Bob@example.org", false)).isNotEqualTo(plain);
  }

  @ParameterizedTest
  @CsvSource({
    "a@[010.001.000.255], 10.1.0.255",
    "a@[IPV6:2001:DB8::A], IPv6:2001:db8::a",
    "a@[ipv6:::FFFF:1.2.3.4], IPv6:::ffff:1.2.3.4"
  })
  void literalsHaveOneForm(String address, String content) {
    assertThat(AddressParser.parseMailbox(address, false))
        .map(Mailbox::host)
        .contains(new AddressLiteral(content));
  }

  @Test
  void lengthsAreLimited() {
    String label = "a".repeat(63);
    String domain = String.join(".", label, label, label, label.substring(2));

    assertThat(AddressParser.parseMailbox("l".repeat(64) + "@x.org", false)).isPresent();
    assertThat(AddressParser.parseMailbox("l".repeat(65) + "@x.org", false)).isEmpty();
    assertThat(AddressParser.parseMailbox("\"" + "l".repeat(64) + "\"@x.org", false)).isPresent();
    assertThat(AddressParser.parseMailbox("\"" + "l".repeat(65) + "\"@x.org", false)).isEmpty();
    assertThat(AddressParser.parseMailbox("ü".repeat(32) + "@x.org", true)).isPresent();
    assertThat(AddressParser.parseMailbox("ü".repeat(33) + "@x.org", true)).isEmpty();
    assertThat(AddressParser.parseDomain(label + ".org", false)).isPresent();
    assertThat(AddressParser.parseDomain(label + "a.org", false)).isEmpty();
    assertThat(domain).hasSize(253);
    assertThat(AddressParser.parseDomain(domain + "aa", false)).isPresent();
    assertThat(AddressParser.parseDomain(domain + "aaa", false)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jürgen@example.org",
        "bob@bücher.example",
        "用户@例え.テスト",
        "\"用 户\"@example.org",
        "bob@xn--bcher-kva.bücher",
        "राम@भारत.भारत",
        "bob@l·l.example",
        "😀@example.org"
      })
  void moreThanAsciiNeedsLeave(String address) {
    assertThat(AddressParser.parseMailbox(address, true)).isPresent();
    assertThat(AddressParser.parseMailbox(address, false)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bob@☃.example", // a symbol
        "bob@😀.example",
        "bob@bu\u0308cher.example", // no normal form C
        "bob@\u0301a.example", // a mark first
        "bob@ab--ü.example", // hyphens of an A-label
        "bob@bücher-.example",
        "bob@例え。テスト", // an ideographic full stop
        "bob@a\u2028b.example",
        "bo\u0085b@example.org", // a control character
        "\"\\ü\"@example.org", // a quoted pair of more than ASCII
        "bob\ud800@example.org" // half a character
      })
  void notAllOfUnicodeIsAnAddress(String address) {
    assertThat(AddressParser.parseMailbox(address, true)).isEmpty();
  }

  @Test
  void agreesWithTheTablesOfOthers() throws IOException {
    try (InputStream in = AddressParserTest.class.getResourceAsStream("/addresses/addresses.txt")) {
      assertThat(in).isNotNull();
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        String address =
            line.substring(line.indexOf(' ') + 1).replace("\\x00", "\0").replace("\\x01", "\1");
        assertThat(AddressParser.parseMailbox(address, true).isPresent())
            .as(line)
            .isEqualTo(line.startsWith("good"));
      }
    }
  }

  @Test
  void domainsFoldCase() {
    assertThat(AddressParser.parseDomain("MX.Example.ORG", false))
        .contains(new Domain("mx.example.org"));
  }

  /// What was read can be written, and reads as the same again.
  @FuzzTest(maxDuration = "1m")
  void whatItTakesItCanReadBack(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);

    for (boolean utf8 : new boolean[] {false, true}) {
      Optional<Mailbox> mailbox = AddressParser.parseMailbox(text, utf8);
      mailbox.ifPresent(m -> assertThat(AddressParser.parseMailbox(m.wire(), utf8)).contains(m));
      assertThat(mailbox.isPresent() && !utf8 && !mailbox.get().isAscii()).isFalse();
    }
  }
}
