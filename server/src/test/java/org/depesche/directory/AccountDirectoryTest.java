package org.depesche.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.depesche.directory.Resolution.Found;
import org.depesche.mail.Domain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The contract with configuration and account file, and what these refuse.
class AccountDirectoryTest extends DirectoryContract {

  @TempDir private Path folder;

  @Override
  protected Directory directory(
      List<LocalDomain> domains, List<Account> accounts, List<Alias> aliases) throws IOException {
    return new AccountDirectory(
        new Listed(domains, accounts, aliases, List.of(), Optional.empty()),
        new Domain("mx.here.test"),
        new AccountFile(folder.resolve("accounts.toml")),
        local -> local.equals("SRS0=x") ? Optional.of(at("eve@elsewhere.test")) : Optional.empty(),
        () -> 0,
        trouble -> {
          throw new AssertionError(trouble);
        });
  }

  private Directory directory(Alias... aliases) throws IOException {
    return directory(domains(), accounts(), List.of(aliases));
  }

  @ParameterizedTest
  @CsvSource({
    "postmaster@plain.test, cat@plain.test",
    "postmaster@here.test, rest@here.test",
    "postmaster@mx.here.test, rest@here.test"
  })
  void postmasterIsAlwaysSomebody(String address, String account) throws IOException {
    assertThat(directory().resolve(at(address))).isEqualTo(new Found(all(account)));
  }

  @Test
  void aNotificationToARewrittenSenderGoesOn() throws IOException {
    assertThat(directory().resolve(at("SRS0=x@also.test")))
        .isEqualTo(new Found(List.of(), all("eve@elsewhere.test")));
    assertThat(directory().resolve(at("SRS0=x@elsewhere.test")))
        .isInstanceOf(Resolution.Foreign.class);
    assertThat(directory().resolve(at("SRS0=y@plain.test"))).isInstanceOf(Resolution.Unknown.class);
  }

  @Test
  void addressesInAnotherNameOfADomainAreFound() throws IOException {
    Directory directory =
        directory(
            domains(),
            List.of(account("ann@also.test", "info@bücher.test"), account("rest@here.test")),
            List.of());

    for (String address : List.of("ann@here.test", "info@here.test", "info+x@also.test")) {
      assertThat(directory.resolve(at(address))).isEqualTo(new Found(all("ann@here.test")));
    }
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
