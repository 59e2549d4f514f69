package org.depesche.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.depesche.config.DnsServer;
import org.depesche.config.ListenAddress;
import org.depesche.config.RateLimit;
import org.depesche.config.Role;
import org.depesche.config.Settings;
import org.depesche.delivery.smtp.Door;
import org.depesche.delivery.smtp.HopFinder;
import org.depesche.delivery.smtp.MxHosts;
import org.depesche.delivery.smtp.Ourselves;
import org.depesche.delivery.smtp.OutgoingSettings;
import org.depesche.directory.Account;
import org.depesche.directory.AccountBook;
import org.depesche.directory.AccountFile;
import org.depesche.directory.Alias;
import org.depesche.directory.DomainNames;
import org.depesche.directory.Forwarding;
import org.depesche.directory.Listed;
import org.depesche.directory.LocalDomain;
import org.depesche.directory.SendingLimits;
import org.depesche.directory.Source;
import org.depesche.dns.CachingResolver;
import org.depesche.dns.DnsResolver;
import org.depesche.dns.DnsSettings;
import org.depesche.dns.LateResolver;
import org.depesche.dns.Resolver;
import org.depesche.dsn.Notification;
import org.depesche.intake.SubmissionRules;
import org.depesche.limits.Allowances;
import org.depesche.limits.ConnectionGate;
import org.depesche.mail.Domain;
import org.depesche.net.Connection;
import org.depesche.net.Connector;
import org.depesche.net.ListenPlace;
import org.depesche.policy.Network;
import org.depesche.policy.RelayRules;
import org.depesche.queue.NotificationSettings;
import org.depesche.queue.QueueSettings;
import org.depesche.queue.RetrySchedule;
import org.depesche.routing.RelayTarget;
import org.depesche.routing.Route;
import org.depesche.routing.RouteTable;
import org.depesche.routing.TlsUse;
import org.depesche.sasl.Mechanism;
import org.depesche.sasl.ScramHash;
import org.depesche.smtp.AddressParser;
import org.depesche.smtp.client.Timeouts;
import org.depesche.smtp.server.DataRate;
import org.depesche.smtp.server.Doorway;
import org.depesche.smtp.server.Security;
import org.depesche.smtp.server.SessionSettings;
import org.depesche.time.Ticker;

/// What each part of the server is told of the configuration.
public final class Parts {

  private static final String LOCALHOST = "localhost";
  private static final int DEFAULT_PORT = 2525;
  private static final int DEFAULT_SUBMISSION_PORT = 2587;
  private static final int DEFAULT_SUBMISSIONS_PORT = 2465;

  /// Deliveries at once into one mailbox, and in all. A delivery holds a file and waits for a sync
  /// that is shared: many at once cost little and share more.
  private static final int PER_MAILBOX = 64;

  private static final int MAILBOXES = 512;

  /// Deliveries at once to a server nothing is known of.
  private static final int FIRST_PER_DESTINATION = 5;

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
        ? List.of(
            new Settings.Listener(new ListenAddress("127.0.0.1", DEFAULT_PORT), Role.MX),
            new Settings.Listener(
                new ListenAddress("127.0.0.1", DEFAULT_SUBMISSION_PORT), Role.SUBMISSION),
            new Settings.Listener(
                new ListenAddress("127.0.0.1", DEFAULT_SUBMISSIONS_PORT), Role.SUBMISSIONS))
        : settings.listener();
  }

  /// The local domains; without any, and nobody else to ask, localhost.
  public static List<LocalDomain> domains(Settings settings) {
    if (settings.domain().isEmpty() && settings.asksOthers()) {
      return List.of();
    }
    if (settings.domain().isEmpty()) {
      return List.of(new LocalDomain(new Domain(LOCALHOST), Optional.empty(), "+"));
    }
    return settings.domain().stream()
        .map(d -> new LocalDomain(d.name(), d.catchAll(), d.subaddressSeparator(), d.aliases()))
        .toList();
  }

  /// The accounts of the configuration.
  public static List<Account> accounts(Settings settings) {
    return settings.account().stream()
        .map(
            a ->
                Account.of(a.address())
                    .withPassword(a.password(), a.scram())
                    .withAliases(a.aliases())
                    .withSendAs(a.sendAs())
                    .withForwarding(new Forwarding(a.forwardTo(), a.keepCopy()))
                    .withQuota(
                        a.quota().map(q -> OptionalLong.of(q.bytes())).orElse(OptionalLong.empty()))
                    .withLimits(limits(a))
                    .withDisabled(a.disabled()))
        .toList();
  }

  private static SendingLimits limits(Settings.Account account) {
    return new SendingLimits(
        account.messages().map(Parts::amount),
        account.recipients().map(Parts::amount),
        account.data().map(Parts::amount),
        account.sessions().map(OptionalInt::of).orElse(OptionalInt.empty()),
        account
            .messageSize()
            .map(size -> OptionalLong.of(size.bytes()))
            .orElse(OptionalLong.empty()));
  }

  /// So much in a time, as the directory has it.
  public static SendingLimits.Amount amount(RateLimit limit) {
    return new SendingLimits.Amount(limit.amount(), limit.per());
  }

  /// What may come in by each listener, by its name.
  static Map<String, SendingLimits> listenerLimits(Settings settings) {
    return listeners(settings).stream()
        .collect(
            Collectors.toMap(
                Parts::name,
                l ->
                    SendingLimits.NONE
                        .withMessages(l.messages().map(Parts::amount))
                        .withRecipients(l.recipients().map(Parts::amount))
                        .withOctets(l.data().map(Parts::amount)),
                // Two that let the system choose their port have one name, and are one here.
                (first, _) -> first));
  }

  private static String name(Settings.Listener listener) {
    return listener.role().name().toLowerCase(Locale.ROOT) + " " + listener.address();
  }

  /// What the configuration says of who lives here.
  public static Listed listed(Settings settings, List<Source> others) {
    return new Listed(
        domains(settings),
        accounts(settings),
        settings.alias().stream().map(a -> new Alias(a.address(), a.to())).toList(),
        others,
        settings.directory().postmaster());
  }

  /// Accounts to be edited.
  ///
  /// @param edited called after each edit
  public static AccountBook accountBook(Settings settings, AccountFile file, Runnable edited) {
    return new AccountBook(
        listed(settings, List.of()),
        !settings.asksOthers(),
        file,
        edited,
        scramHashes(settings),
        InstantSource.system(),
        new SecureRandom());
  }

  /// What verifiers for SCRAM are kept of new passwords: the older hash only where somebody has
  /// switched its mechanism on.
  private static List<ScramHash> scramHashes(Settings settings) {
    List<Mechanism> allowed = settings.auth().mechanisms();
    return allowed.contains(Mechanism.SCRAM_SHA_1) || allowed.contains(Mechanism.SCRAM_SHA_1_PLUS)
        ? List.of(ScramHash.SHA_256, ScramHash.SHA_1)
        : List.of(ScramHash.SHA_256);
  }

  static ConnectionGate.Limits gateLimits(Settings settings) {
    return new ConnectionGate.Limits(
        settings.limits().connections(), settings.limits().connectionsPerClient());
  }

  static Allowances.Limits allowances(Settings settings) {
    Settings.Limits limits = settings.limits();
    Map<Allowances.Kind, Allowances.Rate> network =
        rates(limits.clientMessages(), limits.clientRecipients(), limits.clientData());
    limits
        .clientConnections()
        .map(Parts::rate)
        .ifPresent(r -> network.put(Allowances.Kind.CONNECTIONS, r));
    return new Allowances.Limits(
        rates(limits.accountMessages(), limits.accountRecipients(), limits.accountData()), network);
  }

  private static Map<Allowances.Kind, Allowances.Rate> rates(
      Optional<RateLimit> messages, Optional<RateLimit> recipients, Optional<RateLimit> octets) {
    Map<Allowances.Kind, Allowances.Rate> rates = new HashMap<>();
    messages.map(Parts::rate).ifPresent(r -> rates.put(Allowances.Kind.MESSAGES, r));
    recipients.map(Parts::rate).ifPresent(r -> rates.put(Allowances.Kind.RECIPIENTS, r));
    octets.map(Parts::rate).ifPresent(r -> rates.put(Allowances.Kind.OCTETS, r));
    return rates;
  }

  private static Allowances.Rate rate(RateLimit limit) {
    return new Allowances.Rate(limit.amount(), limit.per());
  }

  static QueueSettings queue(Settings settings) {
    return new QueueSettings(
        new RetrySchedule(
            settings.queue().retry(), settings.queue().giveUpAfter(), settings.queue().warnAfter()),
        PER_MAILBOX,
        FIRST_PER_DESTINATION,
        settings.delivery().perDestination(),
        MAILBOXES,
        settings.delivery().concurrency());
  }

  static NotificationSettings notifications(Settings settings) {
    return new NotificationSettings(
        new Notification.Style(
            hostname(settings), ZoneId::systemDefault, (int) settings.queue().returnSize().bytes()),
        settings.queue().doubleBounces());
  }

  /// @throws IOException when the machine does not tell its addresses
  static HopFinder hops(Settings settings, Ticker ticker, RandomGenerator random)
      throws IOException {
    return new MxHosts(
        new LateResolver(() -> resolver(settings.dns(), ticker)),
        new Ourselves(
            Set.of(DomainNames.ascii(new Domain(hostname(settings)))), ownAddresses(settings)),
        random);
  }

  private static Resolver resolver(Settings.Dns dns, Ticker ticker) {
    Resolver resolver =
        new DnsResolver(
            new DnsSettings(
                dns.servers().stream().map(DnsServer::address).toList(),
                dns.timeout(),
                dns.tries(),
                false));
    return dns.cache() == 0 ? resolver : new CachingResolver(resolver, dns.cache(), ticker);
  }

  /// Where mail that is sent to the port of other servers would come to this one.
  private static Set<InetAddress> ownAddresses(Settings settings) throws IOException {
    Set<InetAddress> own = new HashSet<>();
    for (Settings.Listener listener : listeners(settings)) {
      if (listener.address().socket().isPresent()) {
        continue;
      }
      InetSocketAddress address = listener.address().socketAddress();
      if (address.getPort() != settings.delivery().mxPort() || address.isUnresolved()) {
        continue;
      }
      own.add(address.getAddress());
      if (address.getAddress().isAnyLocalAddress()) {
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .forEach(own::add);
      }
    }
    return own;
  }

  static Door door(Connector connector) {
    return new Door() {
      @Override
      public Connection connect(InetSocketAddress to, Duration within) throws IOException {
        return connector.connect(to, within);
      }

      @Override
      public Connection connect(Path socket) throws IOException {
        return connector.connect(socket);
      }
    };
  }

  static RouteTable routes(Settings settings) {
    return new RouteTable(
        settings.route().stream()
            .map(r -> new RouteTable.Entry(r.domain().text(), r.to()))
            .toList());
  }

  static RelayRules relay(Settings settings) {
    return new RelayRules(
        settings.relay().networks(),
        settings.relayDomain().stream()
            .map(d -> new RelayRules.RelayDomain(d.name(), d.recipients()))
            .toList(),
        settings.clientCertificate().stream()
            .filter(Settings.ClientCertificate::relay)
            .map(each -> each.fingerprint().hex())
            .collect(Collectors.toSet()));
  }

  static OutgoingSettings outgoing(Settings settings) {
    Settings.Delivery delivery = settings.delivery();
    return new OutgoingSettings(
        hostname(settings),
        delivery.mxPort(),
        delivery.connect(),
        new Timeouts(
            delivery.greeting(),
            delivery.command(),
            delivery.dataStart(),
            delivery.dataBlock(),
            delivery.dataEnd(),
            Timeouts.RFC_5321.quit()),
        delivery.hosts(),
        delivery.recipientsPerMessage(),
        delivery.messagesPerConnection(),
        delivery.idle(),
        delivery.concurrency());
  }

  /// What a route says of TLS.
  static Function<Route, TlsUse> tlsUse(Settings settings) {
    Map<RelayTarget, TlsUse> byTarget = new HashMap<>();
    settings.route().forEach(r -> r.tls().ifPresent(use -> byTarget.put(r.to(), use)));
    TlsUse usual = settings.delivery().tls();
    return route ->
        route instanceof Route.Relay(var target) ? byTarget.getOrDefault(target, usual) : usual;
  }

  static SubmissionRules submissions(Settings settings) {
    return new SubmissionRules(
        settings.submission().hideClient(),
        settings
            .submission()
            .completeAddresses()
            .map(domain -> new Domain(DomainNames.ascii(domain))));
  }

  static SessionSettings session(Settings settings, Settings.Listener listener, Security security) {
    Role role = listener.role();
    int messages = settings.limits().messagesPerSession();
    SessionSettings usual = SessionSettings.defaults(hostname(settings));
    return (role == Role.LMTP ? usual.speakingLmtp() : usual)
        .withListener(name(listener))
        .withLimits(
            listener.messageSize().orElse(settings.limits().messageSize()).bytes(),
            settings.limits().recipients(),
            messages == 0 ? Integer.MAX_VALUE : messages,
            settings.limits().errors(),
            // How many sessions there are in all is for the gate to say.
            listener.connections().orElse(Integer.MAX_VALUE))
        .withIdleCommands(settings.limits().idleCommands())
        .withTimeouts(settings.timeouts().command(), settings.timeouts().data())
        .withSecurity(security)
        .withCompleting(role.isSubmission() ? submissions(settings).completing() : Optional.empty())
        .withDoorway(doorway(settings, listener));
  }

  /// Only the world is made to wait: those who log in, and servers before this one, are known soon
  /// enough.
  private static Doorway doorway(Settings settings, Settings.Listener listener) {
    Doorway open =
        Doorway.OPEN
            .behind(peer -> anyContains(listener.proxyProtocol(), peer))
            .believing(peer -> anyContains(listener.xclient(), peer));
    if (listener.role() == Role.LMTP) {
      return open;
    }
    RateLimit least = settings.limits().minimumDataRate();
    Doorway watched =
        open.sparing(
                client ->
                    client.isLoopbackAddress() || anyContains(settings.relay().networks(), client))
            .demanding(new DataRate(least.amount(), least.per()));
    return listener.role() == Role.MX
        ? watched.greetingAfter(settings.limits().greetingDelay())
        : watched;
  }

  /// Whether a client may speak for others at any listener.
  static Predicate<InetAddress> spokesmen(Settings settings) {
    List<Network> networks =
        listeners(settings).stream().flatMap(listener -> listener.xclient().stream()).toList();
    return client -> anyContains(networks, client);
  }

  static ListenPlace place(Settings.Listener listener) {
    Optional<Path> socket = listener.address().socket();
    return socket.isPresent()
        ? new ListenPlace.Unix(socket.get(), permissions(listener.socketMode()))
        : new ListenPlace.Tcp(listener.address().socketAddress());
  }

  /// Permissions from their octal form.
  private static Set<PosixFilePermission> permissions(String octal) {
    int mode = Integer.parseInt(octal, 8);
    StringBuilder letters = new StringBuilder("rwxrwxrwx");
    for (int bit = 0; bit < letters.length(); bit++) {
      if ((mode >> (letters.length() - 1 - bit) & 1) == 0) {
        letters.setCharAt(bit, '-');
      }
    }
    return PosixFilePermissions.fromString(letters.toString());
  }

  private static boolean anyContains(List<Network> networks, InetAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }

  /// What a changed configuration says that only a restart brings about.
  static List<String> pending(Settings started, Settings changed) {
    List<String> pending = new ArrayList<>();
    pending(pending, "hostname", started.hostname(), changed.hostname());
    pending(pending, "data-dir", started.dataFolder(), changed.dataFolder());
    pending(pending, "[[listener]]", started.listener(), changed.listener());
    pending(pending, "[oauth]", started.oauth(), changed.oauth());
    pending(pending, "[acme]", started.acme(), changed.acme());
    pending(pending, "[mailboxes]", started.mailboxes(), changed.mailboxes());
    pending(pending, "[delivery]", started.delivery(), changed.delivery());
    pending(pending, "[dns]", started.dns(), changed.dns());
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
