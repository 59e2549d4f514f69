package org.depesche.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.depesche.config.ListenAddress;
import org.depesche.config.Role;
import org.depesche.config.Settings;
import org.depesche.directory.Account;
import org.depesche.directory.LocalDomain;
import org.depesche.limits.ConnectionGate;
import org.depesche.mail.Domain;
import org.depesche.queue.QueueSettings;
import org.depesche.queue.RetrySchedule;
import org.depesche.smtp.AddressParser;
import org.depesche.smtp.server.SessionSettings;

/// What each part of the server is told of the configuration.
public final class Parts {

  private static final String LOCALHOST = "localhost";
  private static final int DEFAULT_PORT = 2525;

  /// Deliveries at once into one mailbox, and in all. A delivery holds a file and waits for a sync
  /// that is shared: many at once cost little and share more.
  private static final int PER_MAILBOX = 64;

  private static final int IN_ALL = 512;

  private Parts() {}

  static String hostname(Settings settings) {
    return settings.hostname().map(Domain::name).or(Parts::machineName).orElse(LOCALHOST);
  }

  /// The machine's name, when it is one that mail can be sent from.
  private static Optional<String> machineName() {
    try {
      String name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
      return AddressParser.parseDomain(name, false).map(Domain::name).filter(n -> n.contains("."));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static List<Settings.Listener> listeners(Settings settings) {
    return settings.listener().isEmpty()
        ? List.of(new Settings.Listener(new ListenAddress("127.0.0.1", DEFAULT_PORT), Role.MX))
        : settings.listener();
  }

  /// The local domains; without any, localhost.
  public static List<LocalDomain> domains(Settings settings) {
    if (settings.domain().isEmpty()) {
      return List.of(new LocalDomain(new Domain(LOCALHOST), Optional.empty(), "+"));
    }
    return settings.domain().stream()
        .map(d -> new LocalDomain(d.name(), d.catchAll(), d.subaddressSeparator()))
        .toList();
  }

  /// The accounts of the configuration.
  public static List<Account> accounts(Settings settings) {
    return settings.account().stream()
        .map(a -> new Account(a.address(), a.password(), a.aliases()))
        .toList();
  }

  static ConnectionGate.Limits gateLimits(Settings settings) {
    return new ConnectionGate.Limits(
        settings.limits().connections(), settings.limits().connectionsPerClient());
  }

  static QueueSettings queue(Settings settings) {
    return new QueueSettings(
        new RetrySchedule(settings.queue().retry(), settings.queue().giveUpAfter()),
        PER_MAILBOX,
        IN_ALL);
  }

  static SessionSettings session(Settings settings, Role role) {
    int messages = settings.limits().messagesPerSession();
    return SessionSettings.defaults(hostname(settings))
        .withListener(role.name().toLowerCase(Locale.ROOT))
        .withLimits(
            settings.limits().messageSize().bytes(),
            settings.limits().recipients(),
            messages == 0 ? Integer.MAX_VALUE : messages,
            settings.limits().errors(),
            // How many sessions there are is for the gate to say, which counts over all listeners.
            Integer.MAX_VALUE)
        .withTimeouts(settings.timeouts().command(), settings.timeouts().data());
  }

  /// What a changed configuration says that only a restart brings about.
  static List<String> pending(Settings started, Settings changed) {
    List<String> pending = new ArrayList<>();
    pending(pending, "hostname", started.hostname(), changed.hostname());
    pending(pending, "data-dir", started.dataFolder(), changed.dataFolder());
    pending(pending, "[[listener]]", started.listener(), changed.listener());
    pending(pending, "[mailboxes]", started.mailboxes(), changed.mailboxes());
    pending(pending, "[queue]", started.queue(), changed.queue());
    pending(pending, "[spool]", started.spool(), changed.spool());
    pending(pending, "[admin]", started.admin(), changed.admin());
    pending(pending, "[log]", started.log(), changed.log());
    pending(pending, "[history]", started.history(), changed.history());
    return pending;
  }

  private static void pending(List<String> to, String key, Object before, Object after) {
    if (!before.equals(after)) {
      to.add(key + " has changed; that takes effect at the next start");
    }
  }
}
