package org.depesche.limits;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The sessions that are logged in to each account, in the order in which they did. Safe for use by
/// many threads.
public final class AccountSessions {

  private final Map<String, Set<String>> sessions = new ConcurrentHashMap<>();
  private volatile int most;

  /// @param most sessions of an account that may send; 0 for no limit
  public AccountSessions(int most) {
    this.most = most;
  }

  /// Changes the limit, for those that are logged in too.
  public void limit(int changed) {
    most = changed;
  }

  /// A session has logged in.
  public void began(String account, String session) {
    sessions.compute(
        account,
        (_, known) -> {
          Set<String> all = known == null ? new LinkedHashSet<>() : known;
          all.add(session);
          return all;
        });
  }

  /// A session has ended.
  public void ended(String account, String session) {
    sessions.computeIfPresent(
        account,
        (_, known) -> {
          known.remove(session);
          return known.isEmpty() ? null : known;
        });
  }

  /// Whether a session is among the first ones of its account, as many as may send.
  public boolean maySend(String account, String session) {
    int limit = most;
    if (limit == 0) {
      return true;
    }
    boolean[] may = {true};
    sessions.computeIfPresent(
        account,
        (_, known) -> {
          may[0] = known.stream().limit(limit).anyMatch(session::equals);
          return known;
        });
    return may[0];
  }
}
