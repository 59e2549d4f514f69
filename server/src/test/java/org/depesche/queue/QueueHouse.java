package org.depesche.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Transports;
import org.depesche.directory.Directory;
import org.depesche.directory.Resolution;
import org.depesche.dsn.Notification;
import org.depesche.mail.Domain;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.ReversePath;
import org.depesche.routing.Leg;
import org.depesche.routing.RouteTable;
import org.depesche.routing.Router;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.StoredMessage;
import org.depesche.testing.ManualTime;
import org.depesche.testing.MemorySpool;
import org.depesche.testing.RecordingEvents;

/// A queue on the calling thread, with time by hand, a spool in memory and next hops that answer
/// what a test says. `team@here.test` stands for Alice and Bob until a test says otherwise.
final class QueueHouse {

  static final Mailbox ALICE = new Mailbox("alice", "here.test");
  static final Mailbox BOB = new Mailbox("bob", "here.test");
  static final Mailbox TEAM = new Mailbox("team", "here.test");
  static final Mailbox FRIEND = new Mailbox("friend", "there.test");
  static final Mailbox STRANGER = new Mailbox("stranger", "there.test");

  final ManualTime time = new ManualTime();
  final MemorySpool spool = new MemorySpool(time);
  final RecordingEvents events = new RecordingEvents();

  /// What was handed to a transport: `Route: address address`.
  final List<String> attempts = new ArrayList<>();

  private final Map<Mailbox, Function<Leg, Outcome>> answers = new HashMap<>();
  private boolean noRoom;
  private boolean noRoomAtTheEnd;
  private boolean tellingBreaks;
  private boolean asks;
  private boolean away;
  private boolean directoryBroken;
  private List<Mailbox> team = List.of(ALICE, BOB);
  private final Path folder = folder();
  private final Set<Mailbox> killedBy = new HashSet<>();
  private Dispatcher dispatcher = start();

  private static Path folder() {
    try {
      Path folder = Files.createTempDirectory("queue");
      folder.toFile().deleteOnExit();
      folder.resolve("intents").toFile().deleteOnExit();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Dispatcher start() {
    Spool guarded = guarded();
    Dispatcher made =
        new Dispatcher(
            new QueueSettings(
                new RetrySchedule(
                    List.of(Duration.ofMinutes(1), Duration.ofMinutes(10)),
                    Duration.ofDays(2),
                    Duration.ofHours(4)),
                4,
                5,
                20,
                16,
                16),
            guarded,
            new Router(directory(), RouteTable.EMPTY),
            this::deliver,
            new Notifications(
                new NotificationSettings(
                    new Notification.Style("mx.here.test", () -> ZoneOffset.UTC, 50_000),
                    Optional.empty()),
                guarded,
                time),
            intents(),
            events,
            time,
            new Random(7),
            Runnable::run);
    made.load();
    return made;
  }

  /// As every process finds them.
  private Intents intents() {
    try {
      return Intents.open(folder.resolve("intents"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Directory directory() {
    return new Directory() {
      @Override
      public boolean isImmediate() {
        return !asks;
      }

      @Override
      public boolean isLocal(Domain domain) {
        return domain.name().equals("here.test");
      }

      @Override
      public Resolution resolve(Mailbox address) {
        if (directoryBroken) {
          throw new IllegalStateException("a bug of the directory");
        }
        if (away) {
          return new Resolution.Unavailable("no answer at " + time.instant());
        }
        if (!address.host().wire().equals("here.test")) {
          return new Resolution.Foreign();
        }
        List<Mailbox> behind = address.equals(TEAM) ? team : List.of(address);
        return behind.isEmpty() ? new Resolution.Unknown() : found(behind);
      }
    };
  }

  private static Resolution found(List<Mailbox> addresses) {
    Map<Boolean, List<Mailbox>> ours =
        addresses.stream()
            .collect(Collectors.partitioningBy(a -> a.host().wire().equals("here.test")));
    return new Resolution.Found(
        ours.getOrDefault(true, List.of()), ours.getOrDefault(false, List.of()));
  }

  /// Whom the alias stands for from now on; nobody takes it away.
  void team(Mailbox... addresses) {
    team = List.of(addresses);
  }

  private List<Outcome> deliver(DeliveryJob job) {
    StringBuilder line = new StringBuilder(job.route().toString()).append(':');
    job.legs().forEach(leg -> line.append(' ').append(leg.address().wire()));
    attempts.add(line.toString());
    if (job.legs().stream().anyMatch(leg -> killedBy.contains(leg.address()))) {
      job.doubt().begins("mx.there.test");
      throw new Killed();
    }
    return new Transports(
            each -> each.legs().stream().map(this::answer).toList(),
            each -> each.legs().stream().map(this::answer).toList())
        .deliver(job);
  }

  private Outcome answer(Leg leg) {
    return answers
        .getOrDefault(
            leg.address(),
            _ -> new Outcome.Delivered("there", "250 ok", Outcome.Handover.WISH_PASSED_ON))
        .apply(leg);
  }

  /// From now on this is what is said about an address.
  void says(Mailbox address, Outcome outcome) {
    answers.put(address, _ -> outcome);
  }

  /// From now on the directory has to ask somebody else, who answers or not.
  void directoryAsks(boolean answers) {
    asks = true;
    away = !answers;
  }

  /// The directory has a bug, or has it no more.
  void directoryBreaks(boolean broken) {
    directoryBroken = broken;
  }

  /// From now on the transport has a bug that shows with an address.
  void breaks(Mailbox address) {
    answers.put(
        address,
        _ -> {
          throw new IllegalStateException("a bug");
        });
  }

  /// The process is killed between the end of a message to an address and the answer.
  void killedBy(Mailbox address) {
    killedBy.add(address);
  }

  /// Not an exception that anybody takes care of.
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /// From now on the transport has too little stack for what comes for an address.
  void descends(Mailbox address) {
    answers.put(
        address,
        _ -> {
          throw new StackOverflowError();
        });
  }

  /// A message comes in.
  EnvelopeId receive(ReversePath from, Mailbox... to) {
    List<Recipient> recipients = new ArrayList<>();
    for (Mailbox address : to) {
      recipients.add(new Recipient(address));
    }
    return receive(new Envelope(from, recipients));
  }

  EnvelopeId receive(Envelope envelope) {
    SpoolWriter writer = spool.begin();
    byte[] text = "Subject: Lunch\r\n\r\nAt noon?\r\n".getBytes(UTF_8);
    writer.write(text, 0, text.length);
    writer.describe(envelope, "Received: by mx.here.test\r\n", time.instant());
    writer.commit();
    run();
    return writer.id();
  }

  /// Turns until nothing is due any more.
  void run() {
    for (int i = 0; i < 100; i++) {
      dispatcher.turn();
    }
  }

  /// Stops the queue, and runs it until it has stopped.
  void stop() throws InterruptedException {
    dispatcher.stop();
    dispatcher.run();
  }

  void pass(Duration by) {
    time.advance(by);
    run();
  }

  /// The process is killed and starts again.
  void restart() {
    spool.crash();
    killedBy.clear();
    dispatcher = start();
    run();
  }

  Altered alter(Verb verb, EnvelopeId... ids) {
    CompletableFuture<Altered> answer = dispatcher.alter(List.of(ids), verb, Selection.ALL);
    run();
    return answer.join();
  }

  List<RecipientState> states(EnvelopeId id) {
    try (StoredMessage message = spool.open(id).orElse(null)) {
      return message == null ? List.of() : message.envelope().states();
    }
  }

  QueueCounts counts() {
    CompletableFuture<QueueCounts> counts = dispatcher.counts();
    run();
    return counts.join();
  }

  /// The messages in the spool from the null sender, as text.
  List<String> notifications() {
    List<String> found = new ArrayList<>();
    spool.scan(
        stored -> {
          if (stored.envelope().sender().wire().isEmpty()) {
            found.add(text(stored.id()));
          }
        });
    return found;
  }

  private String text(EnvelopeId id) {
    try (StoredMessage message = spool.open(id).orElseThrow()) {
      ByteBuffer bytes = ByteBuffer.allocate((int) message.content().size());
      while (bytes.hasRemaining() && message.content().read(bytes.position(), bytes) > 0) {
        // As much as a read gives.
      }
      return new String(bytes.array(), UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// No new message can be begun: the disk is full.
  void noRoom(boolean full) {
    noRoom = full;
  }

  /// A notification can be begun, and is not on disk in the end.
  void noRoomAtTheEnd(boolean full) {
    noRoomAtTheEnd = full;
  }

  /// Whoever makes a notification has too little stack for it.
  void tellingBreaks(boolean breaks) {
    tellingBreaks = breaks;
  }

  private Spool guarded() {
    return new Spool() {
      @Override
      public SpoolWriter begin() {
        if (tellingBreaks) {
          throw new StackOverflowError();
        }
        if (noRoom) {
          throw new SpoolException(SpoolException.Kind.FULL, "no space left on device");
        }
        return spool.begin();
      }

      @Override
      public Optional<StoredMessage> open(EnvelopeId id) {
        return spool.open(id);
      }

      @Override
      public CompletableFuture<Void> settle(Settlement settlement) {
        if (noRoomAtTheEnd && !settlement.notifications().isEmpty()) {
          return CompletableFuture.failedFuture(
              new SpoolException(SpoolException.Kind.FULL, "no space left on device"));
        }
        return spool.settle(settlement);
      }

      @Override
      public void scan(Consumer<StoredEnvelope> each) {
        spool.scan(each);
      }

      @Override
      public void onCommit(Consumer<StoredEnvelope> listener) {
        spool.onCommit(listener);
      }

      @Override
      public Usage usage() {
        return spool.usage();
      }

      @Override
      public void close() {
        spool.close();
      }
    };
  }
}
