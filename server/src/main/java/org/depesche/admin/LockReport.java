package org.depesche.admin;

import java.time.Instant;
import java.util.List;

/// Who is locked out of logging in.
///
/// @param changed whether the call has ended a lock
public record LockReport(List<LockedLogin> locks, boolean changed) {

  public LockReport {
    locks = List.copyOf(locks);
  }

  /// One lock.
  ///
  /// @param key an address, a network or the name of an account
  public record LockedLogin(String key, int failures, Instant until) {}
}
