package org.depesche.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.depesche.directory.Resolution.Disabled;
import org.depesche.directory.Resolution.Foreign;
import org.depesche.directory.Resolution.Found;
import org.depesche.directory.Resolution.Unknown;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What an address leads to and who may log in, wherever that is kept.
public abstract class DirectoryContract {

  /// A directory with these domains, accounts and aliases.
  protected abstract Directory directory(
      List<LocalDomain> domains, List<Account> accounts, List<Alias> aliases) throws Exception;

  /// An address.
  protected static Mailbox at(String address) {
    return AddressParser.parseMailbox(address, true).orElseThrow();
  }

  /// Several addresses.
  protected static List<Mailbox> all(String... addresses) {
    return Stream.of(addresses).map(DirectoryContract::at).toList();
  }

  /// An account with other addresses.
  protected static Account account(String address, String... aliases) {
    return Account.of(at(address)).withAliases(all(aliases));
  }

  /// An alias.
  protected static Alias alias(String address, String... to) {
    return new Alias(at(address), all(to));
  }

  /// The domains of all tests.
  protected static List<LocalDomain> domains() {
    return List.of(
        new LocalDomain(
            new Domain("here.test"),
            Optional.of(at("rest@here.test")),
            "+",
            List.of(new Domain("also.test"), new Domain("bücher.test"))),
        new LocalDomain(new Domain("plain.test"), Optional.empty(), ""));
  }

  /// The accounts of all tests.
  protected static List<Account> accounts() {
    return List.of(
        account("ann@here.test", "sales@here.test")
            .withPassword(Optional.of("{PLAIN-HASH}ann"), Optional.empty())
            .withSendAs(List.of("@lists.test", "boss@here.test"))
            .withQuota(OptionalLong.of(5_000_000)),
        account("ben@here.test"),
        account("cat@plain.test"),
        account("rest@here.test"),
        account("dora@here.test", "info@here.test"),
        account("gone@here.test").withDisabled(true),
        account("far@here.test").withForwarding(new Forwarding(all("eve@elsewhere.test"), false)),
        account("both@here.test")
            .withForwarding(new Forwarding(all("ben@here.test", "eve@elsewhere.test"), true)));
  }

  private Directory directory(Alias... aliases) throws Exception {
    return directory(domains(), accounts(), List.of(aliases));
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
    "postmaster@also.test, rest@here.test"
  })
  void anAddressLeadsToAnAccount(String address, String account) throws Exception {
    assertThat(directory().resolve(at(address))).isEqualTo(new Found(all(account)));
  }

  @Test
  void othersLeadNowhereOrAreNotOurs() throws Exception {
    Directory directory = directory();

    assertThat(directory.resolve(at("dan@plain.test"))).isInstanceOf(Unknown.class);
    assertThat(directory.resolve(at("cat+x@plain.test"))).isInstanceOf(Unknown.class);
    assertThat(directory.resolve(at("ann@elsewhere.test"))).isInstanceOf(Foreign.class);
    assertThat(directory.resolve(at("ann@sub.here.test"))).isInstanceOf(Foreign.class);
    assertThat(directory.resolve(at("ann@[192.0.2.1]"))).isInstanceOf(Foreign.class);
    assertThat(directory.isLocal(new Domain("also.test"))).isTrue();
    assertThat(directory.canonical(at("Ann@also.test"))).isEqualTo(at("Ann@here.test"));
    assertThat(directory.canonical(at("ann@elsewhere.test"))).isEqualTo(at("ann@elsewhere.test"));
  }

  @Test
  void anAliasLeadsToSeveralHereAndElsewhereAndEachOnce() throws Exception {
    Directory directory =
        directory(
            alias("team@here.test", "ann@here.test", "sales@here.test", "more@here.test"),
            alias("more@here.test", "ben+team@also.test", "eve@elsewhere.test", "ann@here.test"));

    Found expected = new Found(all("ann@here.test", "ben@here.test"), all("eve@elsewhere.test"));
    assertThat(directory.resolve(at("team@here.test"))).isEqualTo(expected);
    assertThat(directory.resolve(at("Team+minutes@also.test"))).isEqualTo(expected);
  }

  @Test
  void aliasesThatLeadToEachOtherLeadToWhatElseTheyName() throws Exception {
    Directory directory =
        directory(
            alias("a@here.test", "b@here.test", "ann@here.test"),
            alias("b@here.test", "a@here.test"));

    assertThat(directory.resolve(at("b@here.test"))).isEqualTo(new Found(all("ann@here.test")));
  }

  @Test
  void aDisabledAccountGetsNoMailAndIsSkippedInAliases() throws Exception {
    Directory directory =
        directory(
            alias("all@here.test", "gone@here.test", "ben@here.test"),
            alias("none@here.test", "gone@here.test"));

    assertThat(directory.resolve(at("gone@here.test")))
        .isEqualTo(new Disabled(at("gone@here.test")));
    assertThat(directory.resolve(at("none@here.test")))
        .isEqualTo(new Disabled(at("gone@here.test")));
    assertThat(directory.resolve(at("all@here.test"))).isEqualTo(new Found(all("ben@here.test")));
  }

  @Test
  void forwardedMailGoesOnWithOrWithoutACopy() throws Exception {
    Directory directory = directory();

    assertThat(directory.resolve(at("far@here.test")))
        .isEqualTo(new Found(List.of(), all("eve@elsewhere.test")));
    assertThat(directory.resolve(at("both@here.test")))
        .isEqualTo(new Found(all("both@here.test", "ben@here.test"), all("eve@elsewhere.test")));
  }

  @Test
  void whoLogsInIsFoundWithEverythingThatIsKept() throws Exception {
    Directory directory = directory();
    Account ann = directory.login("Ann@here.test").orElseThrow();

    assertThat(ann.address()).isEqualTo(at("ann@here.test"));
    assertThat(ann.password()).contains("{PLAIN-HASH}ann");
    assertThat(ann.sendAs()).containsExactly("@lists.test", "boss@here.test");
    assertThat(ann.quota()).hasValue(5_000_000);
    assertThat(directory.account(at("ann@here.test"))).contains(ann);
    assertThat(directory.login("ann@also.test")).map(Account::address).contains(ann.address());
    assertThat(directory.login("nobody@here.test")).isEmpty();
    assertThat(directory.login("ann@elsewhere.test")).isEmpty();
    assertThat(directory.login("' OR 1=1 --")).isEmpty();
    assertThat(directory.login("*@here.test")).isEmpty();
    assertThat(directory.login("gone@here.test")).map(Account::isDisabled).contains(true);
  }
}
