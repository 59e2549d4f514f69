package org.depesche.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.depesche.directory.Resolution.Foreign;
import org.depesche.directory.Resolution.Found;
import org.depesche.directory.Resolution.Unknown;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who lives here: what an address leads to.
class AccountDirectoryTest {

  @TempDir private Path folder;

  private static Mailbox at(String address) {
    return AddressParser.parseMailbox(address, true).orElseThrow();
  }

  private static List<Mailbox> all(String... addresses) {
    return Stream.of(addresses).map(AccountDirectoryTest::at).toList();
  }

  private static Account account(String address, String... aliases) {
    return Account.of(at(address)).withAliases(all(aliases));
  }

  private static Alias alias(String address, String... to) {
    return new Alias(at(address), all(to));
  }

  private AccountDirectory directory(Alias... aliases) throws IOException {
    return new AccountDirectory(
        List.of(
            new LocalDomain(
                new Domain("here.test"),
                Optional.of(at("rest@here.test")),
                "+",
                List.of(new Domain("also.test"), new Domain("bücher.test"))),
            new LocalDomain(new Domain("plain.test"), Optional.empty(), "")),
        List.of(
            account("ann@here.test", "sales@here.test"),
            account("ben@here.test"),
            account("cat@plain.test"),
            account("rest@here.test"),
            account("dora@also.test", "info@bücher.test")),
        List.of(aliases),
        List.of(),
        new Domain("mx.here.test"),
        new AccountFile(folder.resolve("accounts.toml")),
        () -> 0,
        trouble -> {
          throw new AssertionError(trouble);
        });
  }

  @ParameterizedTest
  @CsvSource({
    "ann@here.test, ann@here.test",
    "ANN@Here.Test, ann@here.test",
    "sales@here.test, ann@here.test",
    "sales+2026@here.test, ann@here.test",
    "ben+any+thing@here.test, ben@here.test",
    "nobody@here.test, rest@here.test",
    "ann@also.test, ann@here.test",
    "sales+x@also.test, ann@here.test",
    "nobody@also.test, rest@here.test",
    "ann@bücher.test, ann@here.test",
    "ann@xn--bcher-kva.test, ann@here.test",
    "dora@also.test, dora@here.test",
    "dora@here.test, dora@here.test",
    "info+x@here.test, dora@here.test",
    "info@also.test, dora@here.test",
    "postmaster@also.test, rest@here.test",
    "postmaster@plain.test, cat@plain.test",
    "postmaster@mx.here.test, rest@here.test"
  })
  void anAddressLeadsToAnAccount(String address, String account) throws IOException {
    assertThat(directory().resolve(at(address))).isEqualTo(new Found(all(account)));
  }

  @Test
  void othersLeadNowhereOrAreNotOurs() throws Exception {
    assertThat(directory().resolve(at("dan@plain.test"))).isInstanceOf(Unknown.class);
    assertThat(directory().resolve(at("cat+x@plain.test"))).isInstanceOf(Unknown.class);
    assertThat(directory().resolve(at("ann@elsewhere.test"))).isInstanceOf(Foreign.class);
    assertThat(directory().resolve(at("ann@sub.here.test"))).isInstanceOf(Foreign.class);
    assertThat(directory().resolve(at("ann@[192.0.2.1]"))).isInstanceOf(Foreign.class);
    assertThat(directory().isLocal(new Domain("also.test"))).isTrue();
    assertThat(directory().canonical(at("Ann@also.test"))).isEqualTo(at("Ann@here.test"));
    assertThat(directory().canonical(at("ann@elsewhere.test"))).isEqualTo(at("ann@elsewhere.test"));
  }

  @Test
  void anAliasLeadsToSeveralHereAndElsewhereAndEachOnce() throws IOException {
    AccountDirectory directory =
        directory(
            alias("team@here.test", "ann@here.test", "sales@here.test", "more@here.test"),
            alias("more@here.test", "ben+team@also.test", "eve@elsewhere.test", "ann@here.test"));

    Found expected = new Found(all("ann@here.test", "ben@here.test"), all("eve@elsewhere.test"));
    assertThat(directory.resolve(at("team@here.test"))).isEqualTo(expected);
    assertThat(directory.resolve(at("Team+minutes@also.test"))).isEqualTo(expected);
  }

  @Test
  void aliasesThatLeadToEachOtherLeadToWhatElseTheyName() throws IOException {
    AccountDirectory directory =
        directory(
            alias("a@here.test", "b@here.test", "ann@here.test"),
            alias("b@here.test", "a@here.test"));

    assertThat(directory.resolve(at("b@here.test"))).isEqualTo(new Found(all("ann@here.test")));
  }

  @Test
  void aliasesThatCannotBeAreRefused() {
    assertThatThrownBy(() -> directory(alias("team@plain.test", "dan@plain.test")))
        .hasMessageContaining("nobody is named dan@plain.test, which team@plain.test leads to");
    assertThatThrownBy(() -> directory(alias("c@plain.test", "c@plain.test")))
        .hasMessageContaining("nobody is named c@plain.test, which c@plain.test leads to");
    assertThatThrownBy(() -> directory(alias("sales@also.test", "ben@here.test")))
        .hasMessageContaining("sales@also.test is given twice");
    assertThatThrownBy(() -> directory(alias("a@elsewhere.test", "ben@here.test")))
        .hasMessageContaining("a@elsewhere.test is in no [[domain]]");
  }
}
