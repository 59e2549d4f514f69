package org.depesche.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.depesche.admin.ReloadOutcome;
import org.depesche.app.FirstAccount;
import org.depesche.app.MailServer;
import org.depesche.app.Version;
import org.depesche.config.ConfigurationLoader;
import org.depesche.config.Problem;
import org.depesche.config.Settings;
import org.depesche.spool.SpoolException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `serve`: runs the server in the foreground. SIGTERM and SIGINT stop it gracefully, a second one
/// at once; SIGHUP reloads the configuration.
@Command(
    name = "serve",
    description = "Runs the server in the foreground.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final ConfigOption config = new ConfigOption();

  private final AtomicInteger signals = new AtomicInteger();

  @Override
  public Integer call() throws InterruptedException {
    return switch (config.load()) {
      case ConfigurationLoader.Refused(var problems) -> {
        problems.forEach(this::tell);
        yield 1;
      }
      case ConfigurationLoader.Loaded(var settings, _) -> serve(settings);
    };
  }

  private void tell(Problem problem) {
    spec.commandLine().getErr().println(Plain.text(problem.toString()));
  }

  private int serve(Settings settings) throws InterruptedException {
    if (Superuser.runsThis()) {
      spec.commandLine().getErr().println(Superuser.WARNING);
    }
    MailServer server;
    try {
      if (config.file().isEmpty()) {
        FirstAccount.make(settings).ifPresent(ServeCommand::tell);
      }
      server = new MailServer(settings, config::load, System.out);
      handleSignals(server);
      server.start();
      System.out.println("Depesche " + Version.text() + ", data in " + settings.dataFolder());
      for (String place : server.places()) {
        System.out.println("Taking mail at " + place);
      }
      System.out.flush();
    } catch (IOException | SpoolException e) {
      spec.commandLine().getErr().println("Cannot start: " + Plain.text("" + e.getMessage()));
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
