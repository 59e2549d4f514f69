package org.depesche.admin;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.depesche.directory.AccountBook;
import org.depesche.limits.Allowances;
import org.depesche.limits.LoginGuard;
import org.depesche.mail.EnvelopeId;
import org.depesche.queue.Operator;
import org.depesche.queue.QueueEntry;

/// The running server as the API sees it. Called on virtual threads, by many at once; a call may
/// block for some seconds, not more.
public interface AdminTarget {

  /// What keeps the server from taking mail; empty when nothing does.
  Optional<String> trouble();

  ServerStatus status();

  /// What of a message waits or runs; empty when nothing does.
  List<QueueEntry> queueState(EnvelopeId eid);

  /// What waits, the soonest first, at most `limit`.
  List<QueueEntry> queue(int limit);

  /// What can be done to the queue.
  Operator operator();

  /// Who is locked out of logging in.
  LoginGuard logins();

  /// What an account has used of what it may send; empty when nothing is limited.
  List<Allowances.Use> allowances(String account);

  /// The accounts to look at and to edit.
  AccountBook accounts();

  /// When an application password was last used; empty for never, and for what is forgotten.
  Optional<Instant> lastUse(String account, String name);

  /// What would become of a message.
  ///
  /// @param from the reverse path; empty for the null path
  /// @param client the address it would come from
  /// @throws IllegalArgumentException when one of them is not what it should be
  RoutePreview preview(String from, String to, String client);

  /// Tells the event stream that somebody did something.
  void operated(String action, String subject);

  /// Reads the configuration anew and takes it over as a whole or not at all.
  ReloadOutcome reload();

  /// Begins a graceful stop and returns at once.
  void stop();
}
