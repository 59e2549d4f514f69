package org.depesche.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.depesche.directory.Directory;
import org.depesche.directory.Resolution;
import org.depesche.dsn.Notification;
import org.depesche.mail.Domain;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.queue.Dispatcher;
import org.depesche.queue.Intents;
import org.depesche.queue.NotificationSettings;
import org.depesche.queue.Notifications;
import org.depesche.queue.QueueSettings;
import org.depesche.queue.RetrySchedule;
import org.depesche.routing.RouteTable;
import org.depesche.routing.Router;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.log.LogSpool;
import org.depesche.spool.log.LogSpoolSettings;
import org.depesche.time.Ticker;

/// What a big queue costs: heap a message, and the time a start takes. Fills a new spool with
/// messages to one recipient each, opens it with and without its hints, and loads a queue from it.
public final class SpoolScale {

  private static final String USAGE =
      "usage: SpoolScale [--fill] FOLDER [MESSAGES [BYTES [DESTINATIONS]]]\n"
          + "FOLDER is made, filled and deleted; 1000000 messages of 1024 bytes, 100000"
          + " destinations. With --fill it stays, and nothing else is done.";

  private static final int SENDERS = 64;

  private final Path folder;
  private final int messages;
  private final int bytes;
  private final int destinations;

  private SpoolScale(Path folder, int messages, int bytes, int destinations) {
    this.folder = folder;
    this.messages = messages;
    this.bytes = bytes;
    this.destinations = destinations;
  }

  public static void main(String[] all) throws Exception {
    boolean fillOnly = all.length > 0 && all[0].equals("--fill");
    String[] arguments = fillOnly ? Arrays.copyOfRange(all, 1, all.length) : all;
    if (arguments.length == 0 || arguments.length > 4 || Files.exists(Path.of(arguments[0]))) {
      System.err.println(USAGE);
      System.exit(2);
    }
    int[] numbers = {1_000_000, 1_024, 100_000};
    for (int i = 1; i < arguments.length; i++) {
      numbers[i - 1] = Integer.parseInt(arguments[i]);
    }
    SpoolScale scale = new SpoolScale(Path.of(arguments[0]), numbers[0], numbers[1], numbers[2]);
    if (fillOnly) {
      scale.fill();
      return;
    }
    try {
      scale.run();
    } finally {
      scale.delete(_ -> true);
    }
  }

  private void fill() throws Exception {
    long from = System.nanoTime();
    try (LogSpool spool = open()) {
      fill(spool);
    }
    said("filled", from);
  }

  private void run() throws Exception {
    fill();
    open("with hints, first");
    open("with hints");
    delete(path -> path.toString().endsWith(".hint"));
    open("without hints");
    load();
  }

  private LogSpool open() {
    return LogSpool.open(
        new LogSpoolSettings(folder, 64 << 20, 0, Duration.ofMinutes(1)),
        InstantSource.system(),
        Ticker.system());
  }

  private void fill(LogSpool spool) throws InterruptedException, ExecutionException {
    byte[] content = new byte[bytes];
    new Random(1).nextBytes(content);
    AtomicLong next = new AtomicLong();
    List<Future<?>> senders = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < SENDERS; i++) {
        senders.add(executor.submit(() -> send(spool, content, next)));
      }
      for (Future<?> sender : senders) {
        sender.get();
      }
    }
  }

  private void send(LogSpool spool, byte[] content, AtomicLong next) {
    for (long i = next.getAndIncrement(); i < messages; i = next.getAndIncrement()) {
      SpoolWriter writer = spool.begin();
      writer.write(content, 0, content.length);
      Mailbox to = new Mailbox("user", "d" + i % destinations + ".example.org");
      writer.describe(
          new Envelope(new Mailbox("sender", "client.test"), List.of(new Recipient(to))),
          "Received: from client.test (client.test [192.0.2.1])\r\n by mx.example.org;"
              + " Sun, 1 Mar 2026 12:00:00 +0000\r\n",
          InstantSource.system().instant());
      writer.commit();
    }
  }

  private void open(String how) {
    long before = heap();
    long from = System.nanoTime();
    try (LogSpool spool = open()) {
      said(how + ": opened", from);
      from = System.nanoTime();
      AtomicLong found = new AtomicLong();
      spool.scan(_ -> found.incrementAndGet());
      said(how + ": scanned " + found, from);
      // The housekeeper writes hints that were missing, and lets go of them.
      waitForHints();
      System.out.printf("%s: %.1f bytes of heap a message%n", how, perMessage(before));
    }
  }

  private void waitForHints() {
    try {
      Thread.sleep(1_500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void load() {
    try (LogSpool spool = open()) {
      long before = heap();
      long from = System.nanoTime();
      Dispatcher dispatcher =
          new Dispatcher(
              new QueueSettings(
                  new RetrySchedule(
                      List.of(Duration.ofMinutes(5)), Duration.ofDays(5), Duration.ofHours(4)),
                  64,
                  5,
                  20,
                  512,
                  1000),
              spool,
              new Router(new NobodyLivesHere(), RouteTable.EMPTY),
              _ -> List.of(),
              new Notifications(
                  new NotificationSettings(
                      new Notification.Style("bench.test", () -> ZoneOffset.UTC, 50_000),
                      Optional.empty()),
                  spool,
                  InstantSource.system()),
              Intents.inMemory(),
              _ -> {},
              InstantSource.system(),
              new Random(1),
              _ -> {});
      dispatcher.load();
      said("queue: loaded, " + destinations + " destinations", from);
      System.out.printf("queue: %.1f bytes of heap a message%n", perMessage(before));
      dispatcher.stop();
    }
  }

  private static final class NobodyLivesHere implements Directory {

    @Override
    public boolean isLocal(Domain domain) {
      return false;
    }

    @Override
    public Resolution resolve(Mailbox address) {
      return new Resolution.Foreign();
    }
  }

  private double perMessage(long before) {
    return (double) (heap() - before) / messages;
  }

  private static long heap() {
    System.gc();
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void said(String what, long from) {
    System.out.printf("%s in %.2f s%n", what, (System.nanoTime() - from) / 1e9);
  }

  private void delete(java.util.function.Predicate<Path> which) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(which).toList().reversed()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
