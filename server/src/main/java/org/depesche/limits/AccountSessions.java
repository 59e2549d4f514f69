package org.depesche.limits;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// The sessions that are logged in to each account, in the order in which they did. A session
/// counts from its login to its end, also when it has lost the login in between (RFC 3207 §4.2).
/// Safe for use by many threads.
public final class AccountSessions {

  private final Map<String, Set<String>> byAccount = new HashMap<>();
  private final Map<String, String> accounts = new HashMap<>();
  private int most;

  /// @param most sessions of an account that may send; 0 for no limit
  public AccountSessions(int most) {
    this.most = most;
  }

  /// Changes the limit, for those that are logged in too.
  public synchronized void limit(int changed) {
    most = changed;
  }

  /// A session has logged in, for the first time or to another account.
  public synchronized void began(String account, String session) {
    if (!account.equals(accounts.get(session))) {
      ended(session);
      accounts.put(session, account);
      byAccount.computeIfAbsent(account, _ -> new LinkedHashSet<>()).add(session);
    }
  }

  /// A session has ended; one that has not logged in is none of ours.
  public synchronized void ended(String session) {
    String account = accounts.remove(session);
    if (account != null) {
      byAccount.computeIfPresent(
          account,
          (_, sessions) -> {
            sessions.remove(session);
            return sessions.isEmpty() ? null : sessions;
          });
    }
  }

  /// Whether a session is among the first ones of its account, as many as may send.
  public synchronized boolean maySend(String account, String session) {
    return most == 0
        || byAccount.getOrDefault(account, Set.of()).stream().limit(most).anyMatch(session::equals);
  }
}
