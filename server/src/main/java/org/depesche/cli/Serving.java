package org.depesche.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.depesche.admin.ReloadOutcome;
import org.depesche.app.FirstAccount;
import org.depesche.app.MailServer;
import org.depesche.app.Version;
import org.depesche.config.ConfigurationLoader;
import org.depesche.config.Problem;
import org.depesche.config.Settings;
import org.depesche.spool.SpoolException;

/// The server in the foreground. SIGTERM and SIGINT stop it gracefully, a second one at once;
/// SIGHUP reloads the configuration.
final class Serving {

  private final ConfigChoice config;
  private final PrintWriter err;
  private final Consumer<MailServer> started;
  private final AtomicInteger signals = new AtomicInteger();

  /// @param err for complaints
  Serving(ConfigChoice config, PrintWriter err) {
    this(config, err, _ -> {});
  }

  /// @param started is told of the server as soon as it takes mail
  Serving(ConfigChoice config, PrintWriter err, Consumer<MailServer> started) {
    this.config = config;
    this.err = err;
    this.started = started;
  }

  /// What `serve` was asked for, when it was asked in the plainest way: with options of
  /// `ConfigOption` that are complete and given once. Empty for all else, which is for the library:
  /// it reads the same and more, but takes a quarter of a second for it at each start, as no cache
  /// of the JDK 25 holds classes as old as its are.
  static Optional<ConfigChoice> plainly(String[] args) {
    if (args.length % 2 == 0 || !args[0].equals("serve")) {
      return Optional.empty();
    }
    Map<String, String> given = new LinkedHashMap<>();
    Map<String, String> set = new LinkedHashMap<>();
    for (int i = 1; i < args.length; i += 2) {
      String value = args[i + 1];
      int equals = value.indexOf('=');
      boolean sets = args[i].equals("--set");
      boolean known = sets ? equals > 0 : args[i].equals("--config") || args[i].equals("--data");
      String former =
          sets && equals > 0
              ? set.put(value.substring(0, equals), value.substring(equals + 1))
              : given.put(args[i], value);
      // The library has meanings for what begins in these ways.
      if (!known || former != null || value.isEmpty() || "-@\"'".indexOf(value.charAt(0)) >= 0) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new ConfigChoice(
            Optional.ofNullable(given.get("--config")).map(Path::of),
            Optional.ofNullable(given.get("--data")).map(Path::of),
            set));
  }

  /// Runs until it is stopped.
  ///
  /// @return the exit code
  int run() throws InterruptedException {
    return switch (config.load()) {
      case ConfigurationLoader.Refused(var problems) -> {
        problems.forEach(this::tell);
        yield 1;
      }
      case ConfigurationLoader.Loaded(var settings, _) -> serve(settings);
    };
  }

  private void tell(Problem problem) {
    err.println(Plain.text(problem.toString()));
  }

  private int serve(Settings settings) throws InterruptedException {
    if (Superuser.runsThis()) {
      err.println(Superuser.WARNING);
    }
    MailServer server;
    try {
      if (config.file().isEmpty()) {
        FirstAccount.make(settings).ifPresent(Serving::tell);
      }
      server = new MailServer(settings, config::load, System.out);
      handleSignals(server);
      if (server.start()) {
        System.out.println("Depesche " + Version.text() + ", data in " + settings.dataFolder());
        for (String place : server.places()) {
          System.out.println("Taking mail at " + place);
        }
        System.out.flush();
        started.accept(server);
      }
    } catch (IOException | SpoolException e) {
      err.println("Cannot start: " + Plain.text("" + e.getMessage()));
      return 1;
    }
    server.await();
    System.out.println("Stopped.");
    return 0;
  }

  private static void tell(FirstAccount.Made made) {
    System.out.println("Made an account: " + made.address() + ", password: " + made.password());
    System.out.println("The password is shown this once and kept as a hash only.");
  }

  private void handleSignals(MailServer server) {
    Signals.handle("TERM", () -> stop(server));
    Signals.handle("INT", () -> stop(server));
    Signals.handle("HUP", () -> Thread.ofPlatform().name("reload").start(() -> reload(server)));
  }

  private void stop(MailServer server) {
    if (signals.incrementAndGet() == 1) {
      System.out.println("Stopping; a second signal stops at once.");
      Thread.ofPlatform().name("stop").start(server::stop);
    } else {
      // What was acknowledged is on disk: there is nothing to tidy up.
      Runtime.getRuntime().halt(1);
    }
  }

  private static void reload(MailServer server) {
    switch (server.reload()) {
      case ReloadOutcome.Reloaded(var pending) -> {
        System.out.println("Reloaded the configuration.");
        pending.forEach(System.out::println);
      }
      case ReloadOutcome.Refused(var problems) -> {
        System.out.println("The configuration was not reloaded, the old one stays:");
        problems.forEach(System.out::println);
      }
    }
  }
}
