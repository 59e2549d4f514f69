package org.depesche.login.oauth;

import java.util.Optional;
import org.depesche.directory.Account;
import org.depesche.directory.UnavailableException;

/// Finds accounts by the names tokens have for them.
public interface Accounts {

  /// The account of this name.
  ///
  /// @throws UnavailableException when it cannot be said now
  Optional<Account> named(String name) throws UnavailableException;
}
