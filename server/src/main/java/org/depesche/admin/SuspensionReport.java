package org.depesche.admin;

import java.util.List;

/// The destinations deliveries are stopped to.
///
/// @param changed whether the call has changed anything
public record SuspensionReport(List<String> suspended, boolean changed) {

  public SuspensionReport {
    suspended = List.copyOf(suspended);
  }
}
