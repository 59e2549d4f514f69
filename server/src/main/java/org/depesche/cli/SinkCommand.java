package org.depesche.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.depesche.admin.Json;
import org.depesche.app.Version;
import org.depesche.smtp.server.SessionSettings;
import org.depesche.smtp.server.SmtpServer;
import org.depesche.smtp.server.SmtpService;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `sink`: a server that accepts everything, counts it and shows it. For trying things out.
@Command(
    name = "sink",
    description = {
      "Accepts every message for anybody, counts it and forgets it.",
      "Ctrl-C ends it with a summary."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class SinkCommand implements Callable<Integer> {

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final SessionSettings SETTINGS =
      SessionSettings.defaults("sink.localhost")
          .withListener("sink")
          .withLimits(1L << 30, 10_000, Integer.MAX_VALUE, 1000, 20_000);

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS:PORT",
      description = "Where to listen; default ${DEFAULT-VALUE}.",
      defaultValue = "127.0.0.1:2526")
  private String listen = "";

  @Option(names = "--show", description = "Prints each message, up to 64 KiB of it.")
  private boolean show;

  @Option(
      names = "--save",
      paramLabel = "DIR",
      description = "Saves each message in a file of its own, byte for byte.")
  private @Nullable Path save;

  @Option(
      names = "--json",
      description = "A line of JSON for each message, and one for the summary.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    Signals.handle("INT", stop::countDown);
    Signals.handle("TERM", stop::countDown);
    return run(stop, LiveLine.isTerminal());
  }

  /// Serves until told to stop.
  int run(CountDownLatch stop, boolean terminal) throws InterruptedException {
    SinkTally tally = new SinkTally();
    PrintWriter err = spec.commandLine().getErr();
    PrintWriter out = spec.commandLine().getOut();
    Pace pace = new Pace(tally, Ticker.system());
    try (LiveLine line = new LiveLine(err, terminal, pace)) {
      Optional<Path> folder = Optional.ofNullable(save);
      if (folder.isPresent()) {
        Files.createDirectories(folder.get());
      }
      SinkReceiver receiver =
          new SinkReceiver(
              tally, folder, show ? SinkReceiver.SHOWN_BYTES : 0, taken -> print(taken, out));
      try (SmtpServer server =
          new SmtpServer(address(), new SmtpService(SETTINGS, receiver, InstantSource.system()))) {
        server.start();
        line.print("Taking everything at " + Version.address(server.localAddress()));
        line.start();
        stop.await();
        server.stop(PATIENCE);
      }
    } catch (IOException e) {
      err.println("Cannot serve at " + listen + ": " + Plain.text(String.valueOf(e.getMessage())));
      return 1;
    }
    report(tally.summary(pace.millis()), out);
    return 0;
  }

  private InetSocketAddress address() {
    int colon = listen.lastIndexOf(':');
    String host = listen.substring(0, Math.max(0, colon)).replaceFirst("^\\[(.*)]$", "$1");
    String port = listen.substring(colon + 1);
    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 0xffff) {
      throw new ParameterException(spec.commandLine(), "not address:port: " + listen);
    }
    int number = Integer.parseInt(port);
    return host.isEmpty() ? new InetSocketAddress(number) : new InetSocketAddress(host, number);
  }

  private void print(SinkReceiver.Taken taken, PrintWriter out) {
    if (!json && !show) {
      return;
    }
    StringBuilder text = new StringBuilder();
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("client", taken.client());
      line.put("helo", taken.helo());
      line.put("from", taken.from());
      line.put("to", taken.to());
      line.put("bytes", taken.bytes());
      taken.file().ifPresent(file -> line.put("file", file.toString()));
      if (show) {
        line.put("content", new String(taken.start(), StandardCharsets.UTF_8));
      }
      text.append(oneLine(line));
    } else {
      text.append("--- from <").append(Plain.text(taken.from())).append("> to ");
      text.append(Plain.text(String.join(", ", taken.to())));
      text.append(", ").append(Plain.size(taken.bytes())).append('\n');
      new String(taken.start(), StandardCharsets.UTF_8)
          .lines()
          .forEach(line -> text.append(Plain.text(line.replace('\t', ' '))).append('\n'));
    }
    synchronized (out) {
      out.println(text.toString().stripTrailing());
      out.flush();
    }
  }

  private static String oneLine(Object value) {
    return new String(Json.write(value), StandardCharsets.UTF_8)
        .replaceAll("\\s*\n\\s*", " ")
        .strip();
  }

  private void report(SinkTally.Summary s, PrintWriter out) {
    out.println(
        json
            ? oneLine(s)
            : String.format(
                Locale.ROOT,
                "Took %s for %s, %s, over %s in %s.",
                Plain.count(s.messages(), "message"),
                Plain.count(s.recipients(), "recipient"),
                Plain.size(s.bytes()),
                Plain.count(s.sessions(), "connection"),
                Plain.duration(Duration.ofMillis(s.millis()))));
    out.flush();
  }

  /// The live line: totals, and the rate since it was last shown.
  private static final class Pace implements Supplier<String> {

    private final SinkTally tally;
    private final Ticker ticker;
    private final long start;
    private long shownMessages = -1;
    private long shownMillis;

    Pace(SinkTally tally, Ticker ticker) {
      this.tally = tally;
      this.ticker = ticker;
      this.start = ticker.nanos();
    }

    long millis() {
      return (ticker.nanos() - start) / NANOS_PER_MILLI;
    }

    /// Empty while nothing has changed.
    @Override
    public synchronized String get() {
      long now = millis();
      SinkTally.Summary s = tally.summary(now);
      long before = Math.max(0, shownMessages);
      double rate = (s.messages() - before) * 1000.0 / Math.max(1, now - shownMillis);
      boolean changed = s.messages() != shownMessages;
      shownMessages = s.messages();
      shownMillis = now;
      return changed || rate > 0
          ? String.format(
              Locale.ROOT,
              "%s, %.0f/s, %s, %s",
              Plain.count(s.messages(), "message"),
              rate,
              Plain.size(s.bytes()),
              Plain.count(s.sessions(), "connection"))
          : "";
    }
  }
}
