package org.depesche.admin;

import java.util.List;
import java.util.Optional;

/// What an account has used of what it may send.
///
/// @param account its address
/// @param allowances one for each limit there is
public record AllowanceReport(String account, List<Allowance> allowances) {

  public AllowanceReport {
    allowances = List.copyOf(allowances);
  }

  /// One limit.
  ///
  /// @param kind `messages`, `recipients` or `octets`
  /// @param used what is used of it now
  /// @param amount what may be used
  /// @param seconds in this time
  /// @param program the application password it is for; empty for the account as a whole
  public record Allowance(
      String kind, long used, long amount, long seconds, Optional<String> program) {}
}
