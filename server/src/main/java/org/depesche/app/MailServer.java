package org.depesche.app;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.depesche.admin.AdminException;
import org.depesche.admin.AdminServer;
import org.depesche.admin.AdminSettings;
import org.depesche.admin.ReloadOutcome;
import org.depesche.admin.RoutePreview;
import org.depesche.config.ConfigurationLoader;
import org.depesche.config.Problem;
import org.depesche.config.Role;
import org.depesche.config.Settings;
import org.depesche.delivery.Transports;
import org.depesche.delivery.local.LocalTransport;
import org.depesche.delivery.smtp.Encryption;
import org.depesche.delivery.smtp.OutgoingSettings;
import org.depesche.delivery.smtp.SmtpTransport;
import org.depesche.directory.AccountBook;
import org.depesche.directory.AccountDirectory;
import org.depesche.directory.UnavailableException;
import org.depesche.intake.Intake;
import org.depesche.intake.MailReceiver;
import org.depesche.limits.AccountSessions;
import org.depesche.limits.AllowanceFile;
import org.depesche.limits.Allowances;
import org.depesche.limits.ConnectionGate;
import org.depesche.limits.LoginGuard;
import org.depesche.mail.Mailbox;
import org.depesche.mailbox.MailboxException;
import org.depesche.mailbox.maildir.MaildirStore;
import org.depesche.net.Connector;
import org.depesche.net.TlsEngines;
import org.depesche.policy.ReceivePolicy;
import org.depesche.policy.SenderLimits;
import org.depesche.queue.Dispatcher;
import org.depesche.queue.Intents;
import org.depesche.queue.Notifications;
import org.depesche.queue.Operator;
import org.depesche.routing.Router;
import org.depesche.smtp.server.Security;
import org.depesche.smtp.server.SmtpServer;
import org.depesche.smtp.server.SmtpService;
import org.depesche.spool.log.Damage;
import org.depesche.spool.log.LogSpool;
import org.depesche.spool.log.LogSpoolSettings;
import org.depesche.telemetry.MailEvent;
import org.depesche.time.Ticker;
import org.depesche.tls.Tls;

/// The mail server: what it is built of, and in which order its parts start and stop. Read it from
/// top to bottom.
public final class MailServer {

  private final InstantSource clock = InstantSource.system();
  private final Ticker ticker = Ticker.system();
  private final SecureRandom random = new SecureRandom();
  private final Supplier<ConfigurationLoader.Result> configuration;
  private final PrintStream out;
  private final Settings started;
  private final CountDownLatch ended = new CountDownLatch(1);

  private final Telemetry telemetry;
  private final Residents residents;
  private final LogSpool spool;
  private final MaildirStore mailboxes;
  private final ConnectionGate gate;
  private final Allowances allowances;
  private final SenderLimits senderLimits;
  private final AllowanceFile allowanceFile;
  private final Certificates certificates;
  private final Logins logins;
  private final TlsEngines opportunistic = Tls.opportunistic();
  private final TlsEngines verifying = Tls.verifying();
  private final Intake intake;
  private final MailReceiver receiver;
  private final ReceivePolicy policy;
  private final Router router;
  private final SmtpTransport servers;
  private final Connector connector;
  private final Dispatcher dispatcher;
  private final Operator operator;
  private final List<SmtpServer> listeners = new ArrayList<>();
  private final AdminServer admin;
  private final Instant startedAt = clock.instant();
  private final ScheduledExecutorService housekeeping =
      Executors.newScheduledThreadPool(
          2, Thread.ofPlatform().daemon().name("housekeeping").factory());
  private Optional<ContentCheck> contentCheck = Optional.empty();
  private Optional<Thread> queue = Optional.empty();
  private volatile Settings settings;
  private volatile Instant configuredAt = startedAt;
  private boolean stopping;

  /// Builds a server; nothing runs before `start`.
  ///
  /// @param configuration reads the configuration anew, for a reload
  /// @param out for people: what is listening where, what a reload came to
  /// @throws IOException when the data folder or the accounts cannot be used
  public MailServer(
      Settings settings, Supplier<ConfigurationLoader.Result> configuration, PrintStream out)
      throws IOException {
    this.settings = settings;
    this.started = settings;
    this.configuration = configuration;
    this.out = out;
    DataFolder data = DataFolder.of(settings).make();

    String hostname = Parts.hostname(settings);
    byte[] secret = data.secret(random);
    telemetry = new Telemetry(settings, clock, ticker);
    residents = new Residents(settings, secret, telemetry, clock, ticker);
    AccountDirectory directory = residents.directory();
    spool = LogSpool.open(spoolSettings(settings), clock, ticker);
    mailboxes =
        new MaildirStore(settings.expand(settings.mailboxes().path()), hostname, clock, ticker);

    certificates = new Certificates(settings, telemetry, out, clock, ticker, random);
    logins = new Logins(settings, directory, data.lastUses(), secret, clock, ticker, random);
    gate = new ConnectionGate(Parts.gateLimits(settings));
    allowances = new Allowances(Parts.allowances(settings), clock);
    allowanceFile = new AllowanceFile(data.allowances());
    allowanceFile.restore(allowances);
    senderLimits =
        new SenderLimits(
            allowances,
            new AccountSessions(),
            settings.limits().accountSessions(),
            Parts.listenerLimits(settings));
    policy = new ReceivePolicy(gate, directory, Parts.relay(settings), senderLimits, this::usedOf);
    policy.spokesmen(Parts.spokesmen(settings));
    intake =
        new Intake(
            hostname,
            ZoneId::systemDefault,
            settings.limits().receivedLines(),
            policy,
            spool,
            telemetry.events(),
            clock);
    intake.submissions(Parts.submissions(settings));
    receiver = new MailReceiver(policy, intake);
    for (Settings.Listener listener : Parts.listeners(settings)) {
      listeners.add(new SmtpServer(Parts.place(listener), service(settings, listener)));
    }

    router = new Router(directory, Parts.routes(settings));
    Executor attempts =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("attempt-", 0).factory());
    connector = new Connector(ticker);
    OutgoingSettings outgoing = Parts.outgoing(settings);
    servers =
        new SmtpTransport(
            outgoing,
            Parts.hops(settings, ticker, random),
            Parts.door(connector),
            encryption(settings),
            residents::forwardedSender,
            ticker,
            attempts);
    dispatcher =
        new Dispatcher(
            Parts.queue(settings),
            spool,
            router,
            new Transports(new LocalTransport(mailboxes, directory), servers),
            new Notifications(Parts.notifications(settings), spool, clock),
            Intents.open(data.intents()),
            telemetry.events(),
            clock,
            random,
            attempts);

    operator = new Operator(spool, dispatcher, router, clock, data.suspended());

    AdminView view = new AdminView(this);
    telemetry.measure(spool, dispatcher, this::sessions, certificates::firstExpiry);
    admin =
        new AdminServer(
            new AdminSettings(
                settings.admin().address().host(), settings.admin().address().port(), hostname),
            data.path(),
            view,
            telemetry.timelines(),
            telemetry::text,
            random);
  }

  private SmtpService service(Settings from, Settings.Listener listener) {
    Role role = listener.role();
    Security security =
        new Security(
            Optional.of(role.isSubmission() ? certificates.forLogins() : certificates.forServers()),
            role == Role.SUBMISSIONS,
            from.tls().handshake(),
            role.isSubmission() ? Optional.of(logins.offered(from)) : Optional.empty(),
            role.isSubmission());
    return new SmtpService(Parts.session(from, listener, security), receiver, clock);
  }

  private Encryption encryption(Settings from) {
    return new Encryption(Parts.tlsUse(from), opportunistic, verifying, from.tls().handshake());
  }

  List<Allowances.Use> allowances(String account) {
    try {
      return residents.directory().login(account).map(senderLimits::uses).orElse(List.of());
    } catch (UnavailableException _) {
      return List.of();
    }
  }

  AccountBook accounts() {
    return residents.book();
  }

  Optional<Instant> lastUse(String account, String name) {
    return logins.lastUse(account, name);
  }

  LoginGuard logins() {
    return logins.guard();
  }

  private long usedOf(Mailbox mailbox, long quota) {
    try {
      return mailboxes.used(mailbox, quota);
    } catch (MailboxException e) {
      telemetry.note("quota-unknown", String.valueOf(e.getMessage()));
      return 0;
    }
  }

  private static LogSpoolSettings spoolSettings(Settings settings) {
    return new LogSpoolSettings(
        DataFolder.of(settings).spool(),
        (int) settings.spool().segmentSize().bytes(),
        settings.spool().lowSpace().bytes(),
        settings.spool().commitTimeout());
  }

  /// Starts everything: what stores mail first, what takes it last. A stop that comes meanwhile
  /// ends it.
  ///
  /// @return false when it was ended so
  /// @throws IOException when an address cannot be had
  public boolean start() throws IOException {
    try {
      startParts();
    } catch (IOException | RuntimeException e) {
      if (isStopping()) {
        // What it was about to use is closed.
        return false;
      }
      throw e;
    }
    return !isStopping();
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  private void startParts() throws IOException {
    telemetry.start();
    spool.damages().forEach(this::tellDamage);
    contentCheck = Optional.of(new ContentCheck(spool, this::tellDamage));
    dispatcher.load();
    connector.start();
    var _ = housekeeping.scheduleWithFixedDelay(servers::closeIdle, 1, 1, TimeUnit.SECONDS);
    var _ = housekeeping.scheduleWithFixedDelay(this::keepAllowances, 1, 1, TimeUnit.MINUTES);
    contentCheck.ifPresent(housekeeping::execute);
    if (!open()) {
      return;
    }
    var _ = housekeeping.scheduleWithFixedDelay(certificates::watch, 0, 12, TimeUnit.HOURS);
    // The HTTP server takes longer to start than all the rest, and mail does not need it.
    Thread.ofPlatform().daemon().name("admin-start").start(this::startAdmin);
    certificates.start();
    telemetry.note("started", "pid " + ProcessHandle.current().pid());
  }

  /// Begins to deliver and to take mail, unless a stop has come.
  private synchronized boolean open() throws IOException {
    if (stopping) {
      return false;
    }
    queue = Optional.of(Thread.ofPlatform().name("queue").start(this::runQueue));
    try {
      for (SmtpServer listener : listeners) {
        listener.start();
      }
    } catch (IOException e) {
      stopParts(Duration.ZERO);
      throw e;
    }
    return true;
  }

  private void keepAllowances() {
    try {
      allowanceFile.save(allowances);
      logins.save();
    } catch (IOException e) {
      telemetry.note("allowances-not-kept", String.valueOf(e.getMessage()));
    }
  }

  private void tellDamage(Damage damage) {
    telemetry.note("damaged", damage.toString());
    out.println(
        "Damage in the spool: "
            + damage
            + "; what could be kept of it is in spool/damaged, all else is served.");
  }

  private void runQueue() {
    try {
      dispatcher.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void startAdmin() {
    try {
      admin.start();
    } catch (AdminException e) {
      telemetry.note("admin-failed", String.valueOf(e.getMessage()));
      out.println("The admin API does not run: " + e.getMessage());
    }
  }

  /// Where it listens for mail, with the ports the system chose.
  public List<InetSocketAddress> addresses() throws IOException {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (SmtpServer listener : listeners) {
      addresses.add(listener.localAddress());
    }
    return addresses;
  }

  /// The same as people write it, sockets of this machine too.
  public List<String> places() throws IOException {
    List<InetSocketAddress> bound = addresses();
    List<Settings.Listener> configured = Parts.listeners(started);
    List<String> places = new ArrayList<>();
    for (int i = 0; i < bound.size(); i++) {
      places.add(
          configured.get(i).address().socket().isPresent()
              ? configured.get(i).address().toString()
              : Version.address(bound.get(i)));
    }
    return places;
  }

  /// Reads the configuration anew and takes it over as a whole, or not at all.
  public synchronized ReloadOutcome reload() {
    List<String> problems;
    switch (configuration.get()) {
      case ConfigurationLoader.Refused(var found) ->
          problems = found.stream().map(Problem::toString).toList();
      case ConfigurationLoader.Loaded(var changed, _) -> {
        try {
          // What may fail comes first.
          certificates.change(changed, () -> residents.change(changed));
          gate.limits(Parts.gateLimits(changed));
          allowances.limits(Parts.allowances(changed));
          senderLimits.accountSessions(changed.limits().accountSessions());
          policy.relay(Parts.relay(changed));
          router.table(Parts.routes(changed));
          logins.change(changed);
          intake.receivedLines(changed.limits().receivedLines());
          intake.submissions(Parts.submissions(changed));
          servers.encryption(encryption(changed));
          List<Settings.Listener> roles = Parts.listeners(started);
          for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).service(service(changed, roles.get(i)));
          }
          settings = changed;
          configuredAt = clock.instant();
          telemetry.note("reloaded", "");
          return new ReloadOutcome.Reloaded(Parts.pending(started, changed));
        } catch (IOException e) {
          problems = List.of(String.valueOf(e.getMessage()));
        }
      }
    }
    telemetry.note("reload-refused", String.join("; ", problems));
    return new ReloadOutcome.Refused(problems);
  }

  /// Stops gracefully: takes no new sessions, lets open transactions and running attempts finish
  /// within the bound of the settings, closes what stores mail last. Only the first call does
  /// anything; returns when all has stopped.
  public void stop() {
    synchronized (this) {
      if (stopping) {
        return;
      }
      stopping = true;
    }
    telemetry.note("stopping", "");
    certificates.close();
    stopParts(settings.timeouts().stop());
    ended.countDown();
  }

  private void stopParts(Duration bound) {
    try {
      List<Thread> stops = new ArrayList<>();
      for (SmtpServer listener : listeners) {
        stops.add(Thread.ofVirtual().start(() -> listener.stop(bound)));
      }
      for (Thread stop : stops) {
        stop.join();
      }
      dispatcher.stop();
      if (queue.isPresent()) {
        queue.get().join(bound.plusSeconds(1));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    contentCheck.ifPresent(ContentCheck::stop);
    housekeeping.shutdown();
    keepAllowances();
    logins.close();
    servers.close();
    connector.close();
    mailboxes.close();
    spool.close();
    residents.close();
    admin.close();
    telemetry.note("stopped", "");
    telemetry.close();
  }

  /// Waits for the end of a stop.
  public void await() throws InterruptedException {
    ended.await();
  }

  /// Messages with something to do.
  public long waiting() {
    return dispatcher.counts().join().messages();
  }

  int sessions() {
    return listeners.stream().mapToInt(SmtpServer::sessions).sum();
  }

  Settings settings() {
    return settings;
  }

  LogSpool spool() {
    return spool;
  }

  Operator operator() {
    return operator;
  }

  RoutePreview preview(String from, String to, String client) {
    return new Preview(policy, router, servers).of(from, to, client);
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  Instant startedAt() {
    return startedAt;
  }

  Instant configuredAt() {
    return configuredAt;
  }

  Instant now() {
    return clock.instant();
  }

  /// Tells the event stream that somebody did something.
  void operated(String action, String subject) {
    telemetry.events().emit(new MailEvent.Operated(clock.instant(), "admin", action, subject));
  }
}
