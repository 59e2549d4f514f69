package org.depesche.app;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
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
import java.util.concurrent.ExecutorService;
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
import org.depesche.directory.AccountFile;
import org.depesche.directory.UnavailableException;
import org.depesche.directory.password.NewPassword;
import org.depesche.directory.password.PasswordVerifier;
import org.depesche.intake.Intake;
import org.depesche.intake.MailReceiver;
import org.depesche.limits.AccountSessions;
import org.depesche.limits.AllowanceFile;
import org.depesche.limits.Allowances;
import org.depesche.limits.ConnectionGate;
import org.depesche.limits.LoginGuard;
import org.depesche.login.AccountLogins;
import org.depesche.login.GuardedAttempt;
import org.depesche.login.LastUses;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.mail.ReversePath;
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
import org.depesche.sasl.Credentials;
import org.depesche.sasl.Decoys;
import org.depesche.smtp.server.Client;
import org.depesche.smtp.server.Security;
import org.depesche.smtp.server.SmtpServer;
import org.depesche.smtp.server.SmtpService;
import org.depesche.spool.log.Damage;
import org.depesche.spool.log.LogSpool;
import org.depesche.spool.log.LogSpoolSettings;
import org.depesche.srs.SenderRewriting;
import org.depesche.telemetry.MailEvent;
import org.depesche.time.Ticker;
import org.depesche.tls.KeyPairFile;
import org.depesche.tls.Tls;
import org.depesche.tls.acme.AcmeCertificate;

/// The mail server: what it is built of, and in which order its parts start and stop. Read it from
/// top to bottom.
public final class MailServer {

  /// Password hashes computed at a time, and how long a login waits for its turn.
  private static final int PASSWORDS_AT_ONCE =
      Math.max(1, Runtime.getRuntime().availableProcessors());

  private static final Duration PASSWORD_PATIENCE = Duration.ofSeconds(10);
  private static final int SECRET_OCTETS = 32;

  /// How long before its end a certificate is complained of.
  private static final Duration CERTIFICATE_WARNING = Duration.ofDays(14);

  private final InstantSource clock = InstantSource.system();
  private final Ticker ticker = Ticker.system();
  private final SecureRandom random = new SecureRandom();
  private final Supplier<ConfigurationLoader.Result> configuration;
  private final PrintStream out;
  private final Settings started;
  private final CountDownLatch ended = new CountDownLatch(1);

  private final SenderRewriting rewriting;
  private final AccountFile accountFile;
  private final AccountDirectory directory;
  private OtherDirectories others;
  private final Telemetry telemetry;
  private final LogSpool spool;
  private final MaildirStore mailboxes;
  private final ConnectionGate gate;
  private final Allowances allowances;
  private final SenderLimits senderLimits;
  private final AllowanceFile allowanceFile;
  private final Optional<AcmeCertificate> acme;
  private final Tls tls;
  private final Security.Login login;
  private final LoginGuard logins;
  private final LastUses lastUses;
  private final TlsEngines opportunistic = Tls.opportunistic();
  private final TlsEngines verifying = Tls.verifying();
  private final ExecutorService passwords;
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
  private Thread queue = Thread.currentThread();
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
    Path data = settings.dataFolder();
    makeFolder(data);

    String hostname = Parts.hostname(settings);
    telemetry = new Telemetry(settings, clock, ticker);
    byte[] secret = secret(data.resolve("secret"));
    rewriting = new SenderRewriting(Parts.rewritingSecret(secret), clock);
    accountFile = new AccountFile(accountFile(settings));
    others = OtherDirectories.of(settings, ticker, this::tellDirectory);
    directory =
        new AccountDirectory(
            Parts.listed(settings, others.sources()),
            new Domain(hostname),
            accountFile,
            rewriting::back,
            ticker,
            trouble -> telemetry.note("accounts-refused", trouble));
    spool = LogSpool.open(spoolSettings(settings), clock, ticker);
    mailboxes =
        new MaildirStore(settings.expand(settings.mailboxes().path()), hostname, clock, ticker);

    acme =
        Parts.acme(settings)
            .map(s -> AcmeCertificate.by(s, new CertificateOwner(), clock, ticker, random));
    tls = new Tls(certificates(settings), Parts.asksClients(settings));
    passwords =
        Executors.newFixedThreadPool(
            PASSWORDS_AT_ONCE, Thread.ofPlatform().daemon().name("password-", 0).factory());
    Credentials credentials =
        new AccountLogins(
            directory,
            new PasswordVerifier(
                passwords, PASSWORDS_AT_ONCE, PASSWORD_PATIENCE, NewPassword.decoy(random)),
            TokenParts.tokens(settings, directory, clock, ticker));
    logins = new LoginGuard(Parts.guard(settings), clock, secret);
    lastUses = new LastUses(lastUses(settings), clock);
    login =
        new Security.Login(
            client ->
                new GuardedAttempt(
                    credentials, logins, client.remote().getAddress(), lastUses, MailServer::pause),
            TokenParts.mechanisms(settings),
            this::isPrivate,
            certificates -> Parts.account(this.settings, certificates),
            new Decoys(secret, NewPassword.SCRAM_ITERATIONS),
            TokenParts.service(settings),
            random);
    gate = new ConnectionGate(Parts.gateLimits(settings));
    allowances = new Allowances(Parts.allowances(settings), clock);
    allowanceFile = new AllowanceFile(data.resolve("allowances"));
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
            this::forwardedSender,
            ticker,
            attempts);
    dispatcher =
        new Dispatcher(
            Parts.queue(settings),
            spool,
            router,
            new Transports(new LocalTransport(mailboxes, directory), servers),
            new Notifications(Parts.notifications(settings), spool, clock),
            Intents.open(data.resolve("intents")),
            telemetry.events(),
            clock,
            random,
            attempts);

    operator = new Operator(spool, dispatcher, router, clock, data.resolve("suspended"));

    AdminView view = new AdminView(this);
    telemetry.measure(spool, dispatcher, this::sessions, this::firstExpiry);
    admin =
        new AdminServer(
            new AdminSettings(
                settings.admin().address().host(), settings.admin().address().port(), hostname),
            data,
            view,
            telemetry.timelines(),
            telemetry::text,
            random);
  }

  private List<KeyPairFile> certificates(Settings from) {
    return Parts.certificates(from, acme.flatMap(AcmeCertificate::file), clock, random);
  }

  /// Takes a certificate as soon as it is there; sessions that are open keep the one they have.
  private final class CertificateOwner implements AcmeCertificate.Owner {

    @Override
    public void take() throws IOException {
      synchronized (MailServer.this) {
        tls.reload(certificates(settings), Parts.asksClients(settings));
      }
    }

    @Override
    public void hear(String what, String detail) {
      telemetry.note(what, detail);
      out.println(what.replace("certificate-", "Certificate ") + " " + detail);
    }
  }

  private SmtpService service(Settings from, Settings.Listener listener) {
    Role role = listener.role();
    Security security =
        new Security(
            Optional.of(role.isSubmission() ? tls.forLogins() : tls.forServers()),
            role == Role.SUBMISSIONS,
            from.tls().handshake(),
            role.isSubmission() ? Optional.of(login) : Optional.empty(),
            role.isSubmission());
    return new SmtpService(Parts.session(from, listener, security), receiver, clock);
  }

  private Encryption encryption(Settings from) {
    return new Encryption(Parts.tlsUse(from), opportunistic, verifying, from.tls().handshake());
  }

  /// Whether passwords of a client may go without TLS.
  private boolean isPrivate(Client client) {
    return settings.auth().plainOnLoopback() && client.remote().getAddress().isLoopbackAddress();
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  List<Allowances.Use> allowances(String account) {
    try {
      return directory.login(account).map(senderLimits::uses).orElse(List.of());
    } catch (UnavailableException _) {
      return List.of();
    }
  }

  AccountBook accounts() {
    return Parts.accountBook(settings, accountFile, directory::lookAgain);
  }

  Optional<Instant> lastUse(String account, String name) {
    return lastUses.last(account, name);
  }

  LoginGuard logins() {
    return logins;
  }

  /// Mail of our own domains may come from us, and mail to them goes to no stranger, wherever their
  /// mailboxes are; all other is given a sender of ours.
  private ReversePath forwardedSender(ReversePath sender, Mailbox recipient, Mailbox to) {
    return settings.directory().rewriteSender()
            && sender instanceof Mailbox from
            && recipient.host() instanceof Domain through
            && !isOurs(from)
            && !isOurs(to)
        ? rewriting.forward(from, through)
        : sender;
  }

  private boolean isOurs(Mailbox address) {
    try {
      return address.host() instanceof Domain domain && directory.isLocal(domain);
    } catch (UnavailableException _) {
      return false;
    }
  }

  private long usedOf(Mailbox mailbox, long quota) {
    try {
      return mailboxes.used(mailbox, quota);
    } catch (MailboxException e) {
      telemetry.note("quota-unknown", String.valueOf(e.getMessage()));
      return 0;
    }
  }

  private void tellDirectory(String what) {
    telemetry.note("directory", what);
  }

  /// What nobody else knows, the same after a restart.
  private byte[] secret(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] made = new byte[SECRET_OCTETS];
      random.nextBytes(made);
      Path fresh = file.resolveSibling("secret.new");
      Files.deleteIfExists(fresh);
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(fresh, made);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
    byte[] kept = Files.readAllBytes(file);
    if (kept.length != SECRET_OCTETS) {
      throw new IOException(file + " does not have " + SECRET_OCTETS + " octets; remove it");
    }
    return kept;
  }

  private static void makeFolder(Path data) throws IOException {
    if (!Files.isDirectory(data)) {
      Files.createDirectories(
          data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  private static LogSpoolSettings spoolSettings(Settings settings) {
    return new LogSpoolSettings(
        settings.dataFolder().resolve("spool"),
        (int) settings.spool().segmentSize().bytes(),
        settings.spool().lowSpace().bytes(),
        settings.spool().commitTimeout());
  }

  /// The accounts that commands have made.
  public static Path accountFile(Settings settings) {
    return settings.accountFile();
  }

  /// When application passwords were used.
  public static Path lastUses(Settings settings) {
    return settings.dataFolder().resolve("last-uses");
  }

  /// Starts everything: what stores mail first, what takes it last.
  ///
  /// @throws IOException when an address cannot be had
  public void start() throws IOException {
    telemetry.start();
    spool.damages().forEach(this::tellDamage);
    contentCheck = Optional.of(new ContentCheck(spool, this::tellDamage));
    dispatcher.load();
    connector.start();
    var _ = housekeeping.scheduleWithFixedDelay(servers::closeIdle, 1, 1, TimeUnit.SECONDS);
    var _ = housekeeping.scheduleWithFixedDelay(this::keepAllowances, 1, 1, TimeUnit.MINUTES);
    contentCheck.ifPresent(housekeeping::execute);
    queue = Thread.ofPlatform().name("queue").start(this::runQueue);
    try {
      for (SmtpServer listener : listeners) {
        listener.start();
      }
    } catch (IOException e) {
      stopParts(Duration.ZERO);
      throw e;
    }
    var _ = housekeeping.scheduleWithFixedDelay(this::watchCertificates, 0, 12, TimeUnit.HOURS);
    // The HTTP server takes longer to start than all the rest, and mail does not need it.
    Thread.ofPlatform().daemon().name("admin-start").start(this::startAdmin);
    acme.ifPresent(AcmeCertificate::start);
    telemetry.note("started", "pid " + ProcessHandle.current().pid());
  }

  /// Whoever comes first must not have to wait for certificates to be read: this reads them.
  private void watchCertificates() {
    try {
      tls.firstExpiry()
          .filter(end -> end.isBefore(clock.instant().plus(CERTIFICATE_WARNING)))
          .ifPresent(
              end -> {
                telemetry.note("certificate-expires", "good until " + end);
                out.println("A certificate is good until " + end + " only.");
              });
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      telemetry.note("certificate-unreadable", why);
      out.println("There is no TLS until it is put right, or removed for another: " + why);
    }
  }

  /// Empty also where there is no TLS, which is told by then.
  private Optional<Instant> firstExpiry() {
    try {
      return tls.firstExpiry();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private void keepAllowances() {
    try {
      allowanceFile.save(allowances);
      lastUses.save();
    } catch (IOException e) {
      telemetry.note("allowances-not-kept", String.valueOf(e.getMessage()));
    }
  }

  private void tellDamage(Damage damage) {
    telemetry.note("damaged", damage.toString());
    out.println(
        "Damage in the spool: " + damage + "; a copy is in spool/damaged, all else is kept.");
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
          // What may fail comes first, and last of it what changes something.
          Runnable certificates = tls.reading(certificates(changed), Parts.asksClients(changed));
          configureDirectory(changed);
          certificates.run();
          gate.limits(Parts.gateLimits(changed));
          allowances.limits(Parts.allowances(changed));
          senderLimits.accountSessions(changed.limits().accountSessions());
          policy.relay(Parts.relay(changed));
          router.table(Parts.routes(changed));
          logins.settings(Parts.guard(changed));
          acme.ifPresent(AcmeCertificate::hurry);
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

  /// Takes over domains, accounts and whoever else is asked for them.
  private void configureDirectory(Settings changed) throws IOException {
    boolean anew = OtherDirectories.differ(settings, changed);
    OtherDirectories asked =
        anew ? OtherDirectories.of(changed, ticker, this::tellDirectory) : others;
    try {
      directory.configure(Parts.listed(changed, asked.sources()));
    } catch (IOException e) {
      if (anew) {
        asked.close();
      }
      throw e;
    }
    if (anew) {
      others.close();
      others = asked;
    }
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
    acme.ifPresent(AcmeCertificate::close);
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
      queue.join(bound.plusSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    contentCheck.ifPresent(ContentCheck::stop);
    housekeeping.shutdown();
    keepAllowances();
    passwords.shutdown();
    servers.close();
    connector.close();
    mailboxes.close();
    spool.close();
    others.close();
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
