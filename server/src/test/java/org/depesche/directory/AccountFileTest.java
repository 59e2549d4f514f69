package org.depesche.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.depesche.mail.Mailbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The file of accounts that commands have made.
class AccountFileTest {

  private static final String HASH =
      "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2E$9xS3pkVq0hn8Rk8yM4PZcCJ3m6b1mSg1J4n7r1mSg1I";

  @TempDir private Path folder;

  private Path path() {
    return folder.resolve("accounts.toml");
  }

  private AccountFile file() {
    return new AccountFile(path());
  }

  private static Account account(String name) {
    return Account.of(new Mailbox(name, "example.org"));
  }

  private static Account full() {
    Instant made = Instant.parse("2026-11-27T12:00:00Z");
    return account("an \"odd\\name")
        .withPassword(Optional.of(HASH), Optional.empty())
        .withApplications(
            List.of(
                ApplicationPassword.of("printer", "secret", made, SendingLimits.NONE),
                ApplicationPassword.of(
                    "crm.v2",
                    "other",
                    made,
                    new SendingLimits(
                        Optional.of(new SendingLimits.Amount(500, Duration.ofHours(1))),
                        Optional.of(new SendingLimits.Amount(2000, Duration.ofDays(1))),
                        Optional.of(new SendingLimits.Amount(1 << 30, Duration.ofDays(1))),
                        OptionalInt.of(3),
                        OptionalLong.of(10_000_000)))))
        .withLimits(
            SendingLimits.NONE.withMessages(
                Optional.of(new SendingLimits.Amount(7, Duration.ofSeconds(90)))))
        .withAliases(List.of(new Mailbox("sales", "example.org")))
        .withSendAs(List.of("@example.net", "*"))
        .withForwarding(new Forwarding(List.of(new Mailbox("a", "example.com")), false))
        .withQuota(OptionalLong.of(5_000_000_000L))
        .withDisabled(true);
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    List<Account> accounts = List.of(full(), account("plain"));
    file().edit(_ -> accounts);

    assertThat(file().read()).isEqualTo(accounts);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
        .isEqualTo("rw-------");
  }

  @Test
  void manyEditorsLoseNothing() throws Exception {
    AccountFile one = file();
    List<CompletableFuture<Void>> edits =
        IntStream.range(0, 20)
            .mapToObj(
                n ->
                    CompletableFuture.runAsync(
                        () -> {
                          try {
                            one.edit(before -> plus(before, account("a" + n)));
                          } catch (IOException e) {
                            throw new UncheckedIOException(e);
                          }
                        }))
            .toList();
    edits.forEach(CompletableFuture::join);

    assertThat(one.read()).hasSize(20);
  }

  private static List<Account> plus(List<Account> before, Account more) {
    List<Account> after = new ArrayList<>(before);
    after.add(more);
    return after;
  }

  @Test
  void anAddressIsThereOnceOrNothingIsChanged() throws IOException {
    file().edit(_ -> List.of(account("ann")));

    assertThatThrownBy(() -> file().edit(before -> plus(before, account("ANN"))))
        .hasMessageContaining("belongs to ann@example.org already");
    assertThat(file().read()).containsExactly(account("ann"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "quota = -1 | 3:1: quota is a number of octets",
        "messages = 500 | 3:1: messages are a number and in how many seconds",
        "recipients = [1, 9223372036854775807] | 3:1: recipients are a number and in how many"
            + " seconds",
        "octets = [1, 0] | 3:1: octets are a number and in how many seconds",
        "sessions = 'many' | 3:1: sessions are a number",
        "disabled = 1 | 3:1: disabled is true or false",
        "forward-to = 'x' | 3:1: addresses stand in brackets",
        "forward-to = ['x'] | 3:15: 'x' is no address",
        "colour = 'red' | 3:1: unknown key account.colour",
        "application-password = 1 | 3:1: they stand each under",
        "application-password = [{name = 'x'}] | 3:25: an application password has name",
        "password = 'x' | 3:1: a password that is no hash"
      })
  void mistakesAreSaidWithTheirPlace(String line, String message) throws IOException {
    Files.writeString(path(), "[[account]]\naddress = 'a@example.org'\n" + line + "\n");

    assertThatThrownBy(() -> file().read())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("accounts.toml:" + message);
  }
}
