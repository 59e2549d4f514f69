package org.depesche.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.depesche.admin.AdminServer;
import org.depesche.admin.AdminSettings;
import org.depesche.admin.AdminTarget;
import org.depesche.admin.ReloadOutcome;
import org.depesche.admin.RoutePreview;
import org.depesche.admin.ServerStatus;
import org.depesche.directory.AccountBook;
import org.depesche.limits.Allowances;
import org.depesche.limits.LoginGuard;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Reply;
import org.depesche.queue.Operator;
import org.depesche.queue.QueueEntry;
import org.depesche.telemetry.History;
import org.depesche.telemetry.HistorySettings;
import org.depesche.telemetry.MailEvent;
import org.depesche.testing.MemoryTimelines;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The commands against a server's API on loopback, and without one.
@Timeout(60)
class CommandTest {

  private static final Instant AT = Instant.parse("2026-11-23T09:05:07.042Z");
  private static final EnvelopeId EID = EnvelopeId.firstAt(AT.toEpochMilli());

  private static final List<MailEvent> STORY =
      List.of(
          new MailEvent.Accepted(
              AT,
              EID,
              "s7",
              "192.0.2.1",
              "client.test",
              "ESMTP",
              "s@client.test",
              List.of("sales@example.org", "x@example.org"),
              10_240,
              Duration.ofMillis(12)),
          new MailEvent.Routed(
              AT.plusMillis(1), EID, "sales@example.org", "local alice@example.org"),
          new MailEvent.Waiting(
              AT.plusMillis(9),
              EID,
              "sales@example.org",
              "retry",
              "disk full",
              1,
              AT.plusSeconds(60)),
          new MailEvent.Waiting(
              AT.plusMillis(10), EID, "x@example.org", "hold", "given up", 3, Instant.MAX),
          new MailEvent.Operated(AT.plusSeconds(30), "root", "release", EID.toString()),
          new MailEvent.Delivered(
              AT.plusSeconds(60),
              EID,
              "sales@example.org",
              "alice@example.org",
              2,
              Duration.ofSeconds(60),
              Duration.ofMillis(3),
              "stored"),
          new MailEvent.Failed(
              AT.plusSeconds(90), EID, "x@example.org", 4, Duration.ofHours(30), "no such box"),
          new MailEvent.Settled(AT.plusSeconds(90), EID, Duration.ofSeconds(90)));

  private static final MailEvent.Refused REFUSED =
      new MailEvent.Refused(
          AT,
          "s9",
          "192.0.2.1",
          "client.test",
          "RCPT",
          "s@client.test",
          "nobody@example.org",
          Reply.of(550, "5.1.1", "no such mailbox"),
          "unknown in domain example.org");

  @TempDir Path folder;

  private final Target target = new Target();
  private final MemoryTimelines history = new MemoryTimelines();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private AdminServer server;

  @BeforeEach
  void start() {
    STORY.forEach(history::emit);
    history.emit(REFUSED);
    server =
        new AdminServer(
            AdminSettings.local(""), folder, target, history, () -> "", new SecureRandom());
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void explainTellsTheStoryOfAMessage() {
    assertThat(run(explain(), EID.toString())).isZero();

    assertThat(out.toString())
        .isEqualTo(
            """
            Message EID
              from     s@client.test
              to       sales@example.org, x@example.org
              size     10.0 KiB
              client   192.0.2.1 (client.test) by ESMTP, session s7

            2026-11-23 09:05:07.042Z  accepted                      on disk after 12 ms
            2026-11-23 09:05:07.043Z  routed     sales@example.org  goes to local alice@example.org
            2026-11-23 09:05:07.051Z  waiting    sales@example.org  attempt 1: disk full; waits until 2026-11-23 09:06:07.042Z (retry)
            2026-11-23 09:05:07.052Z  waiting    x@example.org      attempt 3: given up; waits for an order (hold)
            2026-11-23 09:05:37.042Z  operated   root               release
            2026-11-23 09:06:07.042Z  delivered  sales@example.org  to alice@example.org, attempt 2, after 1.0 min: stored
            2026-11-23 09:06:37.042Z  failed     x@example.org      given up after 1.3 d, 4 attempts: no such box
            2026-11-23 09:06:37.042Z  settled                       done after 1.5 min
            """
                .replace("EID", EID.toString()));
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void explainShowsWhatIsInTheQueueNow() {
    target.queue =
        List.of(
            new QueueEntry(EID, "local alice@example.org", 1, 1, AT.plusSeconds(60), "retry", ""));

    run(explain(), EID.toString());

    assertThat(out.toString())
        .endsWith(
            """

            In the queue now:

            2026-11-23 09:06:07.042Z  retry  local alice@example.org  1 recipient, 1 attempt so far
            """);
  }

  @Test
  void explainFindsMessagesAndRefusalsOfAnAddress() {
    assertThat(run(explain(), "S@client.test")).isZero();

    assertThat(out.toString())
        .isEqualTo(
            """
            Messages from or to S@client.test, newest first:

            EID  2026-11-23 09:05:07.042Z  s@client.test -> sales@example.org, x@example.org  10.0 KiB  1 delivered, 1 failed

            Refusals of mail from or to S@client.test, newest first:

            2026-11-23 09:05:07.042Z  refused  nobody@example.org  RCPT: from s@client.test, reply 550 5.1.1 no such mailbox; because unknown in domain example.org
            """
                .replace("EID", EID.toString()));
  }

  @Test
  void explainTellsWhatWasRefusedInASession() {
    assertThat(run(explain(), "s9")).isZero();

    assertThat(out.toString())
        .startsWith("Refused in session s9:\n\n2026-11-23 09:05:07.042Z  refused  nobody@")
        .endsWith("because unknown in domain example.org\n");
  }

  @Test
  void explainAsJsonIsTheAnswerOfTheApi() {
    assertThat(run(explain(), EID.toString(), "--json")).isZero();

    assertThat(out.toString())
        .startsWith("{\n")
        .contains("\"event\" : \"delivered\"")
        .endsWith("}\n");
  }

  @Test
  void unknownThingsAreSaidAndFail() {
    assertThat(run(explain(), "0000000000000")).isEqualTo(1);
    assertThat(run(explain(), "s8")).isEqualTo(1);
    assertThat(run(explain(), "nobody@nowhere.test")).isEqualTo(1);

    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .isEqualTo(
            """
            nothing is known of message 0000000000000
            no refusal is known of session s8
            nothing is known of mail from or to nobody@nowhere.test
            """);
  }

  @Test
  void explainReadsTheHistoryFileWhenNoServerRuns() {
    server.close();
    writeHistoryFile();

    assertThat(run(explain(), EID.toString())).isZero();
    assertThat(run(explain(), "s9")).isZero();
    assertThat(run(explain(), "s@client.test")).isZero();
    assertThat(run(explain(), EID.toString(), "--json")).isZero();
    assertThat(run(explain(), "0000000000000")).isEqualTo(1);

    assertThat(out.toString())
        .contains(
            "to alice@example.org, attempt 2", "Refused in session s9", "1 delivered, 1 failed")
        .contains("\"event\" : \"delivered\"");
    assertThat(err.toString())
        .contains("No server is running on " + folder + ". This is what its history says.")
        .contains("nothing is known of 0000000000000");
  }

  @Test
  void explainWithoutServerAndHistoryFails() {
    server.close();

    assertThat(run(explain(), EID.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("No server is running", "there is no history at");
  }

  @Test
  void hostileTextDoesNotReachTheTerminal() {
    EnvelopeId eid = new EnvelopeId(EID.value() + 1);
    history.emit(
        new MailEvent.Waiting(AT, eid, "a\u001b[2J@b", "retry", "\u202eevil\r\n\u0007", 1, AT));

    run(explain(), eid.toString());

    assertThat(out.toString())
        .contains("a\\u001b[2J@b", "\\u202eevil\\u000d\\u000a\\u0007")
        .doesNotContain("\u001b", "\u202e", "\r", "\u0007");
  }

  @Test
  void statusShowsTheServerAtAGlance() {
    assertThat(run(new StatusCommand(_ -> folder))).isZero();

    assertThat(out.toString())
        .isEqualTo(
            """
            Depesche 0.1.0, mx.example.org
              TROUBLE     the disk is full
              up          5.0 s, since 2026-11-23 09:05:07.042Z
              configured  2026-11-23 09:05:07.042Z
              listening   127.0.0.1:2525 (mx)
              sessions    3
              queue       1 message; deliveries: 5 waiting, 1 running; 0 held; 2 destinations
              spool       4 messages, 64.0 KiB used, 1.0 TiB free
            """);
  }

  @Test
  void statusAsJsonHasTheNumbersScriptsWant() {
    assertThat(run(new StatusCommand(_ -> folder), "--json")).isZero();

    assertThat(out.toString()).contains("\"queue\" : {", "\"messages\" : 1", "\"spool\" : {");
  }

  @Test
  void loginsShowsWhoIsLockedOutAndLetsThemInAgain() {
    assertThat(run(new LoginsCommand(_ -> folder))).isZero();
    assertThat(out.toString()).isEqualTo("Nobody is locked out.\n");
    var _ =
        target.logins().failed(InetAddress.getLoopbackAddress(), "alice@example.org", new byte[0]);

    assertThat(run(new LoginsCommand(_ -> folder))).isZero();
    assertThat(out.toString()).contains("127.0.0.1", "1 failed login, locked until 2026-11-23 ");
    assertThat(run(new LoginsCommand(_ -> folder), "--unlock", "192.0.2.1")).isEqualTo(1);
    assertThat(err.toString()).contains("Nothing is known of 192.0.2.1.");
    assertThat(run(new LoginsCommand(_ -> folder), "--unlock", "127.0.0.1")).isZero();
    assertThat(out.toString()).endsWith("Nobody is locked out.\n");
  }

  @Test
  void reloadTellsWhatTakesEffectLater() {
    target.reload = new ReloadOutcome.Reloaded(List.of("listener.0.address: at the next start"));

    assertThat(run(new ReloadCommand(_ -> folder))).isZero();
    assertThat(out.toString())
        .isEqualTo("The configuration was read anew.\nlistener.0.address: at the next start\n");
  }

  @Test
  void reloadTellsAllProblemsAndFails() {
    target.reload = new ReloadOutcome.Refused(List.of("depesche.toml:3:1 unknown key limit", "b"));

    assertThat(run(new ReloadCommand(_ -> folder))).isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo(
            """
            depesche.toml:3:1 unknown key limit
            b
            the configuration has mistakes, nothing was changed
            """);
  }

  @Test
  void stopWaitsForTheEndOfTheProcess() {
    assertThat(run(new StopCommand(_ -> folder, pid -> pid == ProcessHandle.current().pid())))
        .isZero();
    assertThat(target.stopped).isTrue();
    assertThat(out.toString()).isEqualTo("The server has stopped.\n");

    assertThat(run(new StopCommand(_ -> folder, _ -> false))).isEqualTo(1);
    assertThat(err.toString()).contains("still finishing");
  }

  @Test
  void withoutAServerCommandsSaySo() {
    server.close();

    assertThat(run(new StatusCommand(_ -> folder))).isEqualTo(1);
    assertThat(run(new ReloadCommand(_ -> folder))).isEqualTo(1);
    assertThat(run(new StopCommand(_ -> folder))).isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo("No server is running on %s.\n".formatted(folder).repeat(3));
  }

  @Test
  void theDataFolderComesFromTheOptionOrTheConfiguration() {
    assertThat(run(new StatusCommand(_ -> Path.of("nowhere")), "--data", folder.toString()))
        .isZero();
    assertThat(
            run(
                new StatusCommand(
                    config ->
                        config.equals(Optional.of(Path.of("c.toml"))) ? folder : Path.of("x")),
                "--config",
                "c.toml"))
        .isZero();
  }

  @Test
  void usageErrorsExitWith2() {
    assertThat(run(explain())).isEqualTo(2);
    assertThat(run(explain(), "a", "b")).isEqualTo(2);
    assertThat(run(new StatusCommand(_ -> folder), "--nonsense")).isEqualTo(2);
  }

  private ExplainCommand explain() {
    return new ExplainCommand(_ -> folder);
  }

  private int run(Object command, String... args) {
    return new CommandLine(command)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  private void writeHistoryFile() {
    History file =
        new History(folder.resolve("history.db"), HistorySettings.DEFAULT, () -> AT, () -> 0);
    file.consume(STORY);
    file.consume(List.of(REFUSED));
    file.start();
    file.close();
  }

  private static final class Target implements AdminTarget {
    List<QueueEntry> queue = List.of();
    ReloadOutcome reload = new ReloadOutcome.Reloaded(List.of());
    boolean stopped;

    @Override
    public Optional<String> trouble() {
      return Optional.of("the disk is full");
    }

    @Override
    public ServerStatus status() {
      return new ServerStatus(
          "0.1.0",
          "mx.example.org",
          AT,
          Duration.ofSeconds(5),
          AT,
          trouble(),
          List.of(new ServerStatus.ListenerStatus("127.0.0.1:2525", "mx")),
          3,
          new ServerStatus.QueueStatus(1, 5, 1, 0, 2),
          new ServerStatus.SpoolStatus(4, 65_536, 1L << 40));
    }

    @Override
    public List<QueueEntry> queueState(EnvelopeId eid) {
      return queue;
    }

    @Override
    public List<QueueEntry> queue(int limit) {
      return queue;
    }

    private final LoginGuard guard =
        new LoginGuard(
            new LoginGuard.Settings(1, 0, Duration.ofHours(1), _ -> false),
            InstantSource.fixed(AT),
            new byte[32]);

    @Override
    public LoginGuard logins() {
      return guard;
    }

    @Override
    public AccountBook accounts() {
      throw new UnsupportedOperationException("nothing is behind this target");
    }

    @Override
    public Optional<Instant> lastUse(String account, String name) {
      return Optional.empty();
    }

    @Override
    public List<Allowances.Use> allowances(String account) {
      return List.of();
    }

    @Override
    public Operator operator() {
      throw new UnsupportedOperationException("nothing is behind this target");
    }

    @Override
    public RoutePreview preview(String from, String to, String client) {
      throw new IllegalArgumentException("nothing is behind this target");
    }

    @Override
    public void operated(String action, String subject) {}

    @Override
    public ReloadOutcome reload() {
      return reload;
    }

    @Override
    public void stop() {
      stopped = true;
    }
  }
}
