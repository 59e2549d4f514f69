package org.depesche.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Transports;
import org.depesche.delivery.local.LocalTransport;
import org.depesche.directory.Directory;
import org.depesche.directory.Resolution;
import org.depesche.dsn.Notification;
import org.depesche.intake.Intake;
import org.depesche.intake.MailReceiver;
import org.depesche.limits.AccountSessions;
import org.depesche.limits.Allowances;
import org.depesche.limits.ConnectionGate;
import org.depesche.mail.Domain;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.Verdict;
import org.depesche.mailbox.MailboxException;
import org.depesche.mailbox.MailboxStore;
import org.depesche.mailbox.UnreadableMessageException;
import org.depesche.message.Content;
import org.depesche.policy.Network;
import org.depesche.policy.ReceivePolicy;
import org.depesche.policy.RelayRules;
import org.depesche.policy.SenderLimits;
import org.depesche.queue.Dispatcher;
import org.depesche.queue.Intents;
import org.depesche.queue.NotificationSettings;
import org.depesche.queue.Notifications;
import org.depesche.queue.QueueSettings;
import org.depesche.queue.RetrySchedule;
import org.depesche.routing.RouteTable;
import org.depesche.routing.Router;
import org.depesche.simulation.Steps.PowerLoss;
import org.depesche.smtp.server.Client;
import org.depesche.smtp.server.Incoming;
import org.depesche.smtp.server.Receipt;
import org.depesche.smtp.server.ReceiveException;
import org.depesche.testing.ManualTime;
import org.depesche.testing.MemoryMailboxStore;
import org.depesche.testing.MemorySpool;

/// The server on one thread, with time by hand and storage that forgets what was not synced.
/// Everything between the receiver port and the mailbox is the real thing.
final class Simulation {

  static final List<String> USERS = List.of("alice", "bob", "carol");

  /// Where a message has its number.
  static final Pattern NUMBER = Pattern.compile("Message-ID: <message-(\\d+)@");

  /// A message the server took responsibility for.
  ///
  /// @param mailboxes of ours it is for
  /// @param elsewhere recipients at other sites
  record Acknowledged(
      EnvelopeId id, int number, String subject, List<Mailbox> mailboxes, List<String> elsewhere) {}

  private final ManualTime time = new ManualTime();
  private final Random random;
  private final Steps steps;
  private final MemorySpool spool;
  private final MemoryMailboxStore mailboxes;
  private final List<Acknowledged> acknowledged = new ArrayList<>();
  private final double brokenMailboxes;
  private final World world;
  private Dispatcher dispatcher;
  private MailReceiver receiver;
  private int sequence;
  private int powerLosses;

  /// @param brokenMailboxes how often a mailbox says that it cannot, 0 to 1
  Simulation(long seed, int plugAt, double brokenMailboxes) {
    this.random = new Random(seed);
    this.steps = new Steps(plugAt);
    this.brokenMailboxes = brokenMailboxes;
    this.spool = new MemorySpool(time, steps);
    this.mailboxes = new MemoryMailboxStore(steps);
    this.world = new World(random, time);
    start();
  }

  private static Directory directory() {
    return new Directory() {
      @Override
      public boolean isLocal(Domain domain) {
        return domain.name().equals("example.org");
      }

      @Override
      public Resolution resolve(Mailbox address) {
        if (!address.host().wire().equals("example.org")) {
          return new Resolution.Foreign();
        }
        if (address.localPart().equals("everybody")) {
          return new Resolution.Found(
              USERS.stream().map(u -> new Mailbox(u, "example.org")).toList());
        }
        return USERS.contains(address.localPart())
            ? new Resolution.Found(List.of(address))
            : new Resolution.Unknown();
      }
    };
  }

  private void start() {
    ReceivePolicy policy =
        new ReceivePolicy(
            new ConnectionGate(new ConnectionGate.Limits(100, 0)),
            directory(),
            new RelayRules(List.of(new Network(InetAddress.getLoopbackAddress(), 32)), List.of()),
            new SenderLimits(
                new Allowances(Allowances.Limits.NONE, InstantSource.system()),
                new AccountSessions(),
                0,
                Map.of()),
            (_, _) -> 0);
    MailboxStore store =
        new MailboxStore() {
          @Override
          public void append(Mailbox mailbox, EnvelopeId id, String prefix, Content content)
              throws MailboxException, UnreadableMessageException {
            Simulation.this.append(mailbox, id, prefix, content);
          }

          @Override
          public long used(Mailbox mailbox, long quota) {
            return 0;
          }
        };
    dispatcher =
        new Dispatcher(
            new QueueSettings(
                new RetrySchedule(
                    List.of(Duration.ofMinutes(1), Duration.ofMinutes(15)),
                    Duration.ofDays(5),
                    Duration.ofHours(4)),
                4,
                5,
                20,
                16,
                16),
            spool,
            new Router(directory(), RouteTable.EMPTY),
            new Transports(new LocalTransport(store, directory()), this::send),
            new Notifications(
                new NotificationSettings(
                    new Notification.Style("mx.example.org", () -> ZoneOffset.UTC, 50_000),
                    Optional.empty()),
                spool,
                time),
            Intents.inMemory(),
            _ -> {},
            time,
            random,
            Runnable::run);
    dispatcher.load();
    receiver =
        new MailReceiver(
            policy,
            new Intake("mx.example.org", () -> ZoneOffset.UTC, 100, policy, spool, _ -> {}, time));
  }

  /// Something may happen before another server has heard of a message, and before we have noted
  /// its answer.
  private List<Outcome> send(DeliveryJob job) {
    steps.run();
    List<Outcome> outcomes = world.deliver(job);
    steps.run();
    return outcomes;
  }

  World world() {
    return world;
  }

  private void append(Mailbox mailbox, EnvelopeId id, String prefix, Content content)
      throws MailboxException, UnreadableMessageException {
    if (random.nextDouble() < brokenMailboxes) {
      throw new MailboxException("simulated", new java.io.IOException("simulated"));
    }
    mailboxes.append(mailbox, id, prefix, content);
  }

  /// Runs something; when the plug is pulled in it, the machine starts again and what was not
  /// synced is gone.
  void survive(Runnable action) {
    try {
      action.run();
    } catch (PowerLoss e) {
      powerLosses++;
      boolean up = false;
      while (!up) {
        spool.crash();
        mailboxes.crash();
        try {
          start();
          up = true;
        } catch (PowerLoss again) {
          powerLosses++;
        }
      }
    }
  }

  /// One of the things that happen to a mail server.
  void step() {
    survive(
        () -> {
          switch (random.nextInt(4)) {
            case 0, 1 -> receive();
            case 2 -> dispatcher.turn();
            default -> {
              time.advance(
                  Duration.ofSeconds(random.nextInt(random.nextInt(50) == 0 ? 90_000 : 600)));
              dispatcher.turn();
            }
          }
        });
  }

  /// Goes on without faults until nothing waits.
  void comeToRest() {
    steps.neverAgain();
    world.calmDown();
    for (int i = 0; i < 20_000 && spool.usage().messages() > 0; i++) {
      dispatcher.turn();
      time.advance(Duration.ofMinutes(1));
    }
    dispatcher.turn();
  }

  void pullPlugIn(int further) {
    steps.pullIn(further);
  }

  private void receive() {
    int number = sequence++;
    String subject = "message " + number;
    List<String> to = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      to.add(random.nextInt(5) == 0 ? "everybody" : USERS.get(random.nextInt(USERS.size())));
    }
    List<String> elsewhere = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      String user = random.nextInt(6) == 0 ? "nobody" : "user" + random.nextInt(3);
      elsewhere.add(user + "@r" + random.nextInt(200) + ".test");
    }
    Client client =
        new Client(
                "s" + sequence,
                "mx",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 25),
                time.instant())
            .named("client.test", Client.Mode.ESMTP);
    Envelope envelope =
        new Envelope(
            new Mailbox("s", World.SENDERS),
            Stream.concat(to.stream().map(u -> u + "@example.org"), elsewhere.stream())
                .map(a -> a.split("@"))
                .map(a -> new Recipient(new Mailbox(a[0], a[1])))
                .toList());
    for (Recipient recipient : envelope.recipients()) {
      if (!(receiver.recipient(client, envelope, recipient) instanceof Verdict.Accept)) {
        throw new AssertionError("refused " + recipient);
      }
    }
    try {
      Incoming incoming = receiver.begin(client, envelope);
      byte[] text =
          ("Message-ID: <message-"
                  + number
                  + "@client.test>\r\nSubject: "
                  + subject
                  + "\r\n\r\n"
                  + "x".repeat(random.nextInt(300))
                  + "\r\n")
              .getBytes(UTF_8);
      incoming.write(text, 0, text.length);
      Receipt receipt = incoming.finish();
      if (receipt instanceof Receipt.Accepted(var reply)) {
        EnvelopeId id = EnvelopeId.parse(reply.lines().getFirst().replaceFirst("^Queued as ", ""));
        acknowledged.add(
            new Acknowledged(
                id, number, subject, mailboxesOf(to), elsewhere.stream().distinct().toList()));
      }
    } catch (ReceiveException e) {
      // Not acknowledged: the sender keeps it.
      throw new AssertionError("this simulation has no reason to refuse", e);
    }
  }

  private static List<Mailbox> mailboxesOf(List<String> to) {
    return to.stream()
        .flatMap(u -> u.equals("everybody") ? USERS.stream() : List.of(u).stream())
        .distinct()
        .map(u -> new Mailbox(u, "example.org"))
        .toList();
  }

  List<Acknowledged> acknowledged() {
    return acknowledged;
  }

  int powerLosses() {
    return powerLosses;
  }

  int stepsTaken() {
    return steps.taken();
  }

  long inSpool() {
    return spool.usage().messages();
  }

  /// How often each mailbox has each subject.
  Map<Mailbox, Map<String, Integer>> copies() {
    Map<Mailbox, Map<String, Integer>> copies = new HashMap<>();
    for (String user : USERS) {
      Mailbox mailbox = new Mailbox(user, "example.org");
      Map<String, Integer> found = copies.computeIfAbsent(mailbox, _ -> new HashMap<>());
      for (String message : mailboxes.messages(mailbox)) {
        found.merge(subjectOf(message), 1, Integer::sum);
      }
    }
    return copies;
  }

  private static String subjectOf(String message) {
    return Optional.of(message.indexOf("Subject: "))
        .filter(at -> at >= 0)
        .map(at -> message.substring(at + 9, message.indexOf("\r\n", at)))
        .orElse("");
  }
}
