package org.depesche.app;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.config.Settings;
import org.depesche.directory.Account;
import org.depesche.directory.AccountFile;
import org.depesche.directory.password.KeptPassword;
import org.depesche.directory.password.NewPassword;
import org.depesche.mail.Mailbox;
import org.depesche.sasl.ScramHash;

/// The account a server without any configuration makes for itself, so that there is somebody to
/// send to.
public final class FirstAccount {

  private FirstAccount() {}

  /// An account that was made.
  ///
  /// @param password known to nobody else, and kept nowhere
  public record Made(Mailbox address, String password) {}

  /// Makes the account unless there is one.
  public static Optional<Made> make(Settings settings) throws IOException {
    AccountFile file = new AccountFile(settings.accountFile());
    if (!settings.account().isEmpty() || settings.asksOthers() || !file.read().isEmpty()) {
      return Optional.empty();
    }
    Mailbox address = new Mailbox("user", Parts.domains(settings).getFirst().name());
    SecureRandom random = new SecureRandom();
    String password = NewPassword.random(random);
    Account account =
        Account.of(address)
            .withPassword(KeptPassword.of(password, List.of(ScramHash.SHA_256), random));
    file.edit(
        accounts -> {
          List<Account> changed = new ArrayList<>(accounts);
          changed.add(account);
          return changed;
        });
    return Optional.of(new Made(address, password));
  }
}
