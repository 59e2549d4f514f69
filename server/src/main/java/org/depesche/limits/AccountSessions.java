package org.depesche.limits;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The sessions that are logged in to each account, and with each password of one, in the order in
/// which they did. A session counts from its login to its end, also when it has lost the login in
/// between (RFC 3207 §4.2). Safe for use by many threads.
public final class AccountSessions {

  private final Map<String, Set<String>> bySender = new HashMap<>();
  private final Map<String, List<String>> senders = new HashMap<>();

  /// A session has logged in, for the first time or to another account.
  ///
  /// @param as the names it counts for
  public synchronized void began(List<String> as, String session) {
    if (!as.equals(senders.get(session))) {
      ended(session);
      senders.put(session, List.copyOf(as));
      as.forEach(
          sender -> bySender.computeIfAbsent(sender, _ -> new LinkedHashSet<>()).add(session));
    }
  }

  /// A session has ended; one that has not logged in is none of ours.
  public synchronized void ended(String session) {
    List<String> was = senders.remove(session);
    if (was != null) {
      was.forEach(
          sender ->
              bySender.computeIfPresent(
                  sender,
                  (_, sessions) -> {
                    sessions.remove(session);
                    return sessions.isEmpty() ? null : sessions;
                  }));
    }
  }

  /// Whether a session is among the first ones of its sender.
  ///
  /// @param most sessions of it that may send; 0 for no limit
  public synchronized boolean maySend(String sender, String session, int most) {
    return most == 0
        || bySender.getOrDefault(sender, Set.of()).stream().limit(most).anyMatch(session::equals);
  }
}
