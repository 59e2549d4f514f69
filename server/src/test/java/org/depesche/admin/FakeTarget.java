package org.depesche.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.depesche.directory.AccountBook;
import org.depesche.limits.Allowances;
import org.depesche.limits.LoginGuard;
import org.depesche.mail.EnvelopeId;
import org.depesche.queue.Operator;
import org.depesche.queue.QueueEntry;
import org.jspecify.annotations.Nullable;

/// A server without anything behind it.
final class FakeTarget implements AdminTarget {

  static final Instant STARTED = Instant.parse("2026-11-23T09:00:00Z");

  Optional<String> trouble = Optional.empty();
  List<QueueEntry> queue = List.of();
  ReloadOutcome reload = new ReloadOutcome.Reloaded(List.of());
  @Nullable RuntimeException fault;
  @Nullable AccountBook accounts;
  final List<String> operated = new ArrayList<>();
  int askedLimit;
  boolean stopped;

  @Override
  public Optional<String> trouble() {
    return trouble;
  }

  @Override
  public ServerStatus status() {
    if (fault != null) {
      throw fault;
    }
    return new ServerStatus(
        "0.1.0",
        "mx.example.org",
        STARTED,
        Duration.ofSeconds(5),
        STARTED,
        trouble,
        List.of(new ServerStatus.ListenerStatus("127.0.0.1:2525", "mx")),
        3,
        new ServerStatus.QueueStatus(4, 5, 1, 0, 2),
        new ServerStatus.SpoolStatus(4, 65_536, 1L << 40));
  }

  @Override
  public List<QueueEntry> queueState(EnvelopeId eid) {
    return queue.stream().filter(e -> e.id().equals(eid)).toList();
  }

  @Override
  public List<QueueEntry> queue(int limit) {
    askedLimit = limit;
    return queue.stream().limit(limit).toList();
  }

  @Override
  public AccountBook accounts() {
    return Objects.requireNonNull(accounts);
  }

  @Override
  public Optional<Instant> lastUse(String account, String name) {
    return name.equals("crm") ? Optional.of(STARTED) : Optional.empty();
  }

  @Override
  public List<Allowances.Use> allowances(String account) {
    return List.of(
        use(Allowances.Scope.ACCOUNT, account, 3),
        use(Allowances.Scope.PROGRAM, account + " crm", 2));
  }

  private static Allowances.Use use(Allowances.Scope scope, String name, long used) {
    return new Allowances.Use(
        new Allowances.Sender(scope, name),
        Allowances.Kind.MESSAGES,
        used,
        new Allowances.Rate(500, Duration.ofHours(1)));
  }

  @Override
  public LoginGuard logins() {
    throw new UnsupportedOperationException("nothing is behind this target");
  }

  @Override
  public Operator operator() {
    throw new UnsupportedOperationException("nothing is behind this target");
  }

  @Override
  public RoutePreview preview(String from, String to, String client) {
    throw new IllegalArgumentException("nothing is behind this target");
  }

  @Override
  public void operated(String action, String subject) {
    operated.add(action + " " + subject);
  }

  @Override
  public ReloadOutcome reload() {
    return reload;
  }

  @Override
  public void stop() {
    stopped = true;
  }
}
