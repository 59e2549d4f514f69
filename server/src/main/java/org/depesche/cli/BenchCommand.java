package org.depesche.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.depesche.admin.Json;
import org.depesche.config.Durations;
import org.depesche.load.Amount;
import org.depesche.load.IdleResult;
import org.depesche.load.IdleRun;
import org.depesche.load.LoadResult;
import org.depesche.load.LoadRun;
import org.depesche.load.Post;
import org.depesche.load.RecipientPool;
import org.depesche.load.SizeMix;
import org.depesche.load.Target;
import org.depesche.sasl.ClientCredentials;
import org.depesche.smtp.client.Capability;
import org.depesche.time.Ticker;
import org.depesche.tls.Tls;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `bench`: loads a server with messages, or with idle connections, and measures what it does.
@Command(
    name = "bench",
    description = {
      "Loads a mail server and measures how fast it answers.",
      "",
      "Without --rate each session sends its next message when it has the answer to the last. With"
          + " it messages are due by the clock, and their time counts from the moment they were"
          + " due, so that a server that stalls is not spared (coordinated omission).",
      "",
      "Ends with 0 when every message was accepted for every recipient, else with 1. Ctrl-C ends it"
          + " early with what was measured."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class BenchCommand implements Callable<Integer> {

  private static final int MAX_SESSIONS = 100_000;
  private static final long DEFAULT_MESSAGES = 1000;
  private static final Duration DEFAULT_HOLD = Duration.ofSeconds(10);

  /// Sizes are drawn the same way in every run, so that two runs send the same.
  private static final long SEED = 5321;

  /// What has a meaning for connections that are only held.
  private static final Set<String> OF_IDLE =
      Set.of(
          "--server",
          "--idle",
          "--duration",
          "--tls",
          "--user",
          "--password-stdin",
          "--helo",
          "--timeout",
          "--json");

  private final Consumer<Runnable> whenToldToEnd;

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description = "The server; default ${DEFAULT-VALUE}.",
      defaultValue = "127.0.0.1:2525")
  private String server = "";

  @Mixin private final Letters letters = new Letters();

  /// What the messages are.
  static final class Letters {

    @Option(
        names = "--from",
        paramLabel = "ADDRESS",
        description = "The sender; '<>' for none; default ${DEFAULT-VALUE}.",
        defaultValue = "sender@client.test")
    private String from = "";

    @Option(
        names = "--to",
        paramLabel = "ADDRESS",
        description = {
          "A recipient; may be repeated, they take turns.",
          "u{0-9}@example.org stands for ten, u{n}@example.org for another one every time."
        })
    private List<String> to = new ArrayList<>();

    @Option(
        names = "--recipients",
        paramLabel = "N",
        description = "Recipients of each message; default ${DEFAULT-VALUE}.",
        defaultValue = "1")
    private int recipients = 1;

    @Option(
        names = "--size",
        paramLabel = "SIZE",
        description =
            "Size of a message with its header: 10KiB, a range 1KiB-20KiB, or a mix"
                + " 1KiB:70,10KiB:25,1MiB:5; default ${DEFAULT-VALUE}.",
        defaultValue = "1KiB")
    private String size = "";

    private Post.Style style(boolean chunked) {
      if (to.isEmpty()) {
        throw new IllegalArgumentException("--to is needed");
      }
      return new Post.Style(
          SendAddresses.sender(from),
          new RecipientPool(to),
          recipients,
          SizeMix.parse(size),
          chunked);
    }
  }

  @Mixin private final Load load = new Load();

  /// How many, and how fast.
  static final class Load {

    @Option(
        names = "--sessions",
        paramLabel = "N",
        description = "Sessions at the same time; default ${DEFAULT-VALUE}.",
        defaultValue = "20")
    private int sessions = 1;

    @Option(
        names = "--messages",
        paramLabel = "N",
        description = "How many; default " + DEFAULT_MESSAGES + " when there is no --duration.")
    private @Nullable Long messages;

    @Option(
        names = "--duration",
        paramLabel = "TIME",
        description = "How long, such as 30s or 5m; with --messages whichever ends first.")
    private @Nullable String duration;

    @Option(
        names = "--rate",
        paramLabel = "N",
        description = "Messages that are due in a second, whether or not the server keeps up.")
    private @Nullable Double rate;

    @Option(
        names = "--messages-per-connection",
        paramLabel = "N",
        description = "Messages over one connection; default: as many as the server takes.")
    private @Nullable Long perConnection;

    @Option(
        names = "--warm-up",
        paramLabel = "N|TIME",
        description = "So many messages, or so much time, before anything counts.")
    private @Nullable String warmUp;

    private Amount amount() {
      check("--messages", messages);
      check("--messages-per-connection", perConnection);
      Optional<Duration> time = Optional.ofNullable(duration).map(text -> time(text));
      OptionalLong most =
          messages != null
              ? OptionalLong.of(messages)
              : time.isPresent() ? OptionalLong.empty() : OptionalLong.of(DEFAULT_MESSAGES);
      String warm = warmUp == null ? "0" : warmUp;
      boolean number = warm.matches("[0-9]{1,12}");
      if (rate != null && !(rate > 0)) {
        throw new IllegalArgumentException("--rate is more than 0");
      }
      return new Amount(
          most,
          time,
          rate == null ? 0 : rate,
          number ? Long.parseLong(warm) : 0,
          number ? Duration.ZERO : time(warm));
    }

    private static void check(String option, @Nullable Long value) {
      if (value != null && value < 1) {
        throw new IllegalArgumentException(option + " is at least 1");
      }
    }
  }

  @Mixin private final Wire wire = new Wire();

  /// How the server is spoken to.
  static final class Wire {

    @Option(
        names = "--tls",
        paramLabel = "none|starttls|implicit",
        description = "When TLS begins; certificates are not checked; default ${DEFAULT-VALUE}.",
        defaultValue = "none")
    private Target.Encryption tls = Target.Encryption.NONE;

    @ArgGroup(exclusive = false)
    private @Nullable Account account;

    @Option(
        names = "--helo",
        paramLabel = "NAME",
        description = "Our name; default: our address in brackets.")
    private String helo = "";

    @Option(names = "--no-pipelining", description = "Waits for the answer to each command.")
    private boolean noPipelining;

    @Option(
        names = "--chunking",
        description = "Declares messages binary, so that they go by BDAT instead of DATA.")
    private boolean chunking;

    @Option(
        names = "--timeout",
        paramLabel = "TIME",
        description = "How long to wait for a connection or an answer; default ${DEFAULT-VALUE}.",
        defaultValue = "60s")
    private String timeout = "";

    private Target target(InetSocketAddress server) throws IOException {
      if (!helo.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
        throw new IllegalArgumentException("not a name: " + helo);
      }
      Duration patience = time(timeout);
      if (!patience.isPositive()) {
        throw new IllegalArgumentException("--timeout is more than 0");
      }
      Set<Capability> without = EnumSet.noneOf(Capability.class);
      if (noPipelining) {
        without.add(Capability.PIPELINING);
      }
      return new Target(
          server,
          helo,
          tls,
          Tls.opportunistic(),
          account == null ? Optional.empty() : Optional.of(account.credentials()),
          without,
          patience);
    }
  }

  /// Who logs in.
  static final class Account {

    @Option(
        names = "--user",
        required = true,
        paramLabel = "NAME",
        description = "Logs in with that name.")
    private String user = "";

    @Option(
        names = "--password-stdin",
        description = "Reads its password from standard input, instead of asking for it.")
    private boolean stdin;

    private ClientCredentials credentials() throws IOException {
      return new ClientCredentials.Password(
          user,
          stdin ? SecretLine.read(System.in) : SecretLine.ask("Password: ", "--password-stdin"));
    }
  }

  @Option(
      names = "--idle",
      paramLabel = "N",
      description =
          "Sends nothing: opens N connections, holds them for --duration (default 10s), and tells"
              + " how many have stayed.")
  private @Nullable Integer idle;

  @Option(names = "--json", description = "The result as JSON.")
  private boolean json;

  /// @param whenToldToEnd takes what ends a run early
  BenchCommand(Consumer<Runnable> whenToldToEnd) {
    this.whenToldToEnd = whenToldToEnd;
  }

  @Override
  public Integer call() throws InterruptedException {
    try {
      Target target = wire.target(ServerAddress.parse(server));
      return idle == null ? load(target) : hold(target, idle);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      spec.commandLine().getErr().println(Plain.text(String.valueOf(e.getMessage())));
      return 1;
    }
  }

  private int load(Target target) throws InterruptedException {
    if (load.sessions < 1 || load.sessions > MAX_SESSIONS) {
      throw new IllegalArgumentException("--sessions is 1 to " + MAX_SESSIONS);
    }
    Amount amount = load.amount();
    LoadRun.Plan plan =
        new LoadRun.Plan(
            target,
            amount,
            load.sessions,
            load.perConnection == null ? Long.MAX_VALUE : load.perConnection,
            wire.chunking);
    Post post =
        new Post(
            letters.style(wire.chunking),
            UUID.randomUUID().toString(),
            InstantSource.system(),
            new SplittableRandom(SEED));
    LoadRun run = new LoadRun(plan, post, Ticker.system(), new SecureRandom());
    whenToldToEnd.accept(run::stop);
    LoadResult result = live(new BenchProgress(run::progress, Ticker.system()), () -> run.run());
    print(result, () -> BenchText.of(result, amount.perSecond()));
    return result.failed() == 0 && result.troubles().isEmpty() ? 0 : 1;
  }

  private int hold(Target target, int wanted) throws InterruptedException {
    if (wanted < 1 || wanted > MAX_SESSIONS) {
      throw new IllegalArgumentException("--idle is 1 to " + MAX_SESSIONS);
    }
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
      if (!OF_IDLE.contains(option.longestName())) {
        throw new IllegalArgumentException("--idle sends nothing: " + option.longestName());
      }
    }
    Duration time = Optional.ofNullable(load.duration).map(BenchCommand::time).orElse(DEFAULT_HOLD);
    IdleRun run = new IdleRun(target, wanted, time, Ticker.system(), new SecureRandom());
    whenToldToEnd.accept(run::stop);
    IdleResult result = live(() -> BenchText.of(run.progress()), () -> run.run());
    print(result, () -> BenchText.of(result));
    return result.stayed() == wanted ? 0 : 1;
  }

  /// Something that takes its time.
  private interface Work<T> {
    T run() throws InterruptedException;
  }

  private <T> T live(Supplier<String> progress, Work<T> work) throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    try (LiveLine line = new LiveLine(err, LiveLine.isTerminal(), progress)) {
      line.start();
      return work.run();
    }
  }

  private void print(Object result, Supplier<String> text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        json ? new String(Json.write(result), StandardCharsets.UTF_8).strip() + "\n" : text.get());
    out.flush();
  }

  private static Duration time(String text) {
    return Durations.parse(text)
        .orElseThrow(() -> new IllegalArgumentException("not a time such as 30s or 5m: " + text));
  }
}
