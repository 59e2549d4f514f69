package org.depesche.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.depesche.mail.Reply;
import org.depesche.smtp.server.SessionSettings;
import org.depesche.smtp.server.SmtpServer;
import org.depesche.smtp.server.SmtpService;
import org.depesche.testing.RecordingReceiver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// `bench` against a real session over loopback.
@Timeout(120)
class BenchCommandTest {

  private final RecordingReceiver receiver = new RecordingReceiver();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private SmtpServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        new SmtpServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new SmtpService(SessionSettings.defaults("mx.test"), receiver, InstantSource.system()));
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private int bench(String... args) {
    List<String> all = new ArrayList<>(List.of("--server"));
    all.add("127.0.0.1:" + server.localAddress().getPort());
    all.addAll(Arrays.asList(args));
    return new CommandLine(new BenchCommand(_ -> {}))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }

  @Test
  void allThatWasAcceptedIsAGoodEnd() {
    int code =
        bench("--to", "u{0-9}@there.test", "--messages", "50", "--sessions", "3", "--warm-up", "5");

    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    assertThat(receiver.messages()).hasSize(55);
    assertThat(out.toString())
        .startsWith("Accepted: 50 messages for 50 recipients over 3 connections in ")
        .contains("5 messages to warm up", "\ntransaction", "\nwhole");
  }

  @Test
  void theResultMayBeJson() {
    int code =
        bench(
            "--to",
            "b@there.test",
            "--messages",
            "5",
            "--rate",
            "1000",
            "--size",
            "2KiB-3KiB",
            "--json");

    assertThat(code).isZero();
    assertThat(out.toString().replace(" ", ""))
        .startsWith("{\n\"messages\":5,\n\"recipients\":5,\n\"bytes\":")
        .contains("\"whole\":{\n\"count\":5,\n\"meanMs\":", "\"p999Ms\":", "\"replies\":[");
  }

  @Test
  void whatIsRefusedIsABadEnd() {
    receiver.refuse("recipient", Reply.of(450, "4.2.0", "later"));

    int code = bench("--to", "b@there.test", "--messages", "2", "--sessions", "1");

    assertThat(code).isEqualTo(1);
    assertThat(out.toString()).contains("2  RCPT 450 4.2.0 later");
  }

  @Test
  void idleConnectionsAreHeldForATime() {
    int code = bench("--idle", "7", "--duration", "1ms");

    assertThat(code).isZero();
    assertThat(out.toString())
        .startsWith("Held: 7 of 7 connections for ")
        .contains("; 7 stayed to the end.");
    assertThat(receiver.messages()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--to b@x.test --messages 0",
        "--to b@x.test --rate 0",
        "--to b@x.test --rate -5",
        "--to b@x.test --sessions 0",
        "--to b@x.test --recipients 2",
        "--to b@x.test --duration soon",
        "--to b@x.test --warm-up long",
        "--to b@x.test --size huge",
        "--to b@x.test --tls sometimes",
        "--to b@x.test --password-stdin",
        "--to b@x.test --timeout 0s",
        "--to b@x.test --server nowhere",
        "--to nobody",
        "--messages 5",
        "--idle 0",
        "--idle 5 --rate 3",
        "--idle 5 --sessions 20",
        "--idle 5 --to b@x.test --no-pipelining"
      })
  void mistakesOfUsageEndWithTwo(String args) {
    assertThat(bench(args.split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains("Usage: bench");
    assertThat(receiver.messages()).isEmpty();
  }
}
