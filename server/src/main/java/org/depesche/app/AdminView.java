package org.depesche.app;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.depesche.admin.AdminTarget;
import org.depesche.admin.ReloadOutcome;
import org.depesche.admin.RoutePreview;
import org.depesche.admin.ServerStatus;
import org.depesche.config.Settings;
import org.depesche.directory.AccountBook;
import org.depesche.limits.Allowances;
import org.depesche.limits.LoginGuard;
import org.depesche.mail.EnvelopeId;
import org.depesche.queue.Operator;
import org.depesche.queue.QueueCounts;
import org.depesche.queue.QueueEntry;
import org.depesche.spool.Spool;

/// The running server as the HTTP API sees it.
final class AdminView implements AdminTarget {

  private static final long PATIENCE_SECONDS = 10;

  private final MailServer server;

  AdminView(MailServer server) {
    this.server = server;
  }

  @Override
  public Optional<String> trouble() {
    Spool.Usage usage = server.spool().usage();
    long low = server.settings().spool().lowSpace().bytes();
    return usage.usableBytes() < low
        ? Optional.of(
            usage.usableBytes() + " bytes are left on the disk, spool.low-space is " + low)
        : Optional.empty();
  }

  @Override
  public ServerStatus status() {
    Spool.Usage usage = server.spool().usage();
    return new ServerStatus(
        Version.text(),
        Parts.hostname(server.settings()),
        server.startedAt(),
        Duration.between(server.startedAt(), server.now()),
        server.configuredAt(),
        trouble(),
        listeners(),
        server.sessions(),
        queue(),
        new ServerStatus.SpoolStatus(usage.messages(), usage.bytes(), usage.usableBytes()));
  }

  @Override
  public LoginGuard logins() {
    return server.logins();
  }

  @Override
  public List<Allowances.Use> allowances(String account) {
    return server.allowances(account);
  }

  @Override
  public AccountBook accounts() {
    return server.accounts();
  }

  @Override
  public Optional<Instant> lastUse(String account, String name) {
    return server.lastUse(account, name);
  }

  private ServerStatus.QueueStatus queue() {
    QueueCounts counts = answer(server.dispatcher().counts(), new QueueCounts(0, 0, 0, 0, 0));
    return new ServerStatus.QueueStatus(
        counts.messages(),
        counts.waiting(),
        counts.running(),
        counts.held(),
        counts.destinations());
  }

  private List<ServerStatus.ListenerStatus> listeners() {
    List<ServerStatus.ListenerStatus> listeners = new ArrayList<>();
    try {
      List<String> addresses = server.places();
      List<Settings.Listener> configured = Parts.listeners(server.settings());
      for (int i = 0; i < addresses.size(); i++) {
        String role = configured.get(Math.min(i, configured.size() - 1)).role().name();
        listeners.add(
            new ServerStatus.ListenerStatus(addresses.get(i), role.toLowerCase(Locale.ROOT)));
      }
    } catch (IOException e) {
      // It has stopped listening, so that there is nothing to show.
      return List.of();
    }
    return listeners;
  }

  @Override
  public List<QueueEntry> queueState(EnvelopeId eid) {
    return answer(server.dispatcher().entries(Set.of(eid)), List.of());
  }

  @Override
  public List<QueueEntry> queue(int limit) {
    return answer(server.dispatcher().entries(limit), List.of());
  }

  @Override
  public Operator operator() {
    return server.operator();
  }

  @Override
  public RoutePreview preview(String from, String to, String client) {
    return server.preview(from, to, client);
  }

  @Override
  public void operated(String action, String subject) {
    server.operated(action, subject);
  }

  @Override
  public ReloadOutcome reload() {
    server.operated("reload", "");
    return server.reload();
  }

  @Override
  public void stop() {
    server.operated("stop", "");
    Thread.ofPlatform().name("stop").start(server::stop);
  }

  /// The queue answers between two of its rounds; when it does not, it is about to end.
  private static <T> T answer(CompletableFuture<T> future, T otherwise) {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return otherwise;
    } catch (ExecutionException | TimeoutException e) {
      return otherwise;
    }
  }
}
