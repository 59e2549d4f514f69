package org.depesche.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.depesche.smtp.server.Client;
import org.depesche.smtp.server.Incoming;
import org.depesche.smtp.server.ReceiveException;
import org.depesche.smtp.server.Receiver;
import org.depesche.smtp.server.SessionSettings;
import org.depesche.smtp.server.SmtpServer;
import org.depesche.smtp.server.SmtpService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// `send` against a real session over loopback, with what the sink keeps.
@Timeout(60)
class SendCommandTest {

  @TempDir Path folder;
  private final SinkTally tally = new SinkTally();
  private final ConcurrentLinkedQueue<SinkReceiver.Taken> taken = new ConcurrentLinkedQueue<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private SmtpServer server;

  @BeforeEach
  void start() throws IOException {
    Receiver sink = new SinkReceiver(tally, Optional.of(folder), 0, taken::add);
    Receiver picky =
        new Receiver() {
          @Override
          public Verdict recipient(Client client, Envelope envelope, Recipient recipient) {
            return recipient.address().localPart().startsWith("nobody")
                ? Verdict.refuse(Reply.of(550, "5.1.1", "no such user here"), "test")
                : Verdict.accept();
          }

          @Override
          public Incoming begin(Client client, Envelope envelope) throws ReceiveException {
            return sink.begin(client, envelope);
          }
        };
    SessionSettings settings =
        SessionSettings.defaults("mx.test").withLimits(100_000, 1000, 10, 100, 100);
    server =
        new SmtpServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new SmtpService(settings, picky, InstantSource.system()));
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private int send(String... args) {
    List<String> all = new ArrayList<>(List.of("--from", "a@here.test", "--server"));
    all.add("127.0.0.1:" + server.localAddress().getPort());
    all.addAll(Arrays.asList(args));
    return new CommandLine(new SendCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }

  private String saved() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.filter(f -> f.toString().endsWith(".eml")).toList();
      assertThat(all).hasSize(1);
      return Files.readString(all.getFirst());
    }
  }

  @Test
  void aMessageIsSentAndTheServersWordsAreTold() throws Exception {
    int code = send("--to", "b@there.test", "--subject", "Hi", "--body", ".dot\nline");

    assertThat(code).isZero();
    assertThat(out.toString())
        .startsWith("Accepted: 1 message for 1 recipient, ")
        .endsWith(": 250 2.0.0 kept." + System.lineSeparator());
    assertThat(saved())
        .startsWith("Message-ID: <")
        .contains("@here.test>\r\n", "\r\nSubject: Hi\r\n")
        .endsWith("\r\n\r\n.dot\r\nline\r\n");
    assertThat(taken.element().helo()).isEqualTo("[127.0.0.1]");
  }

  @Test
  void aRefusedRecipientIsNamedWithTheServersWordsAndTheOthersGetIt() {
    int code = send("--to", "b@there.test", "--to", "nobody@there.test", "--json");

    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .contains("nobody@there.test: refused at RCPT: 550 5.1.1 no such user here");
    assertThat(out.toString().replace(" ", ""))
        .contains("\"messages\":1", "\"accepted\":1", "\"refused\":1");
    assertThat(taken.element().to()).containsExactly("b@there.test");
  }

  @Test
  void manyRecipientsShareMessagesByTheHundred() throws Exception {
    Path list = folder.resolve("list.txt");
    Files.writeString(
        list,
        "# people\n\n"
            + String.join(
                "\n", IntStream.range(0, 250).mapToObj(i -> "u" + i + "@x.test").toList()));

    int code = send("--to-file", list.toString());

    assertThat(code).isZero();
    assertThat(taken.stream().map(t -> t.to().size())).containsExactlyInAnyOrder(100, 100, 50);
  }

  @Test
  void manyMessagesGoOverSeveralConnectionsAndPastTheLimitOfASession() {
    int code = send("--to", "b@there.test", "--count", "95", "--connections", "3", "--json");

    assertThat(code).isZero();
    assertThat(taken).hasSize(95);
    assertThat(out.toString().replace(" ", "")).contains("\"messages\":95", "\"refused\":0");
  }

  @Test
  void everyMessageHasANameOfItsOwn() throws Exception {
    send("--to", "b@there.test", "--count", "3");

    List<String> names = new ArrayList<>();
    for (SinkReceiver.Taken each : taken) {
      names.add(Files.readAllLines(each.file().orElseThrow()).getFirst());
    }
    assertThat(names)
        .hasSize(3)
        .doesNotHaveDuplicates()
        .allMatch(n -> n.startsWith("Message-ID: <"));
  }

  @Test
  void aRawMessageIsSentAsItIs() throws Exception {
    Path raw = folder.resolve("raw");
    Files.writeString(raw, "Subject: täst\r\n\r\n..x\r\n.\r\nend\r\n");

    int code = send("--to", "b@there.test", "--raw", raw.toString());

    assertThat(code).isZero();
    assertThat(saved()).isEqualTo("Subject: täst\r\n\r\n..x\r\n.\r\nend\r\n");
  }

  @Test
  void aRawMessageThatCouldSmuggleIsNotSent() throws Exception {
    Path raw = folder.resolve("raw");
    Files.writeString(raw, "Subject: x\r\n\r\na\n.\r\nMAIL FROM:<x@x.test>\r\n");

    int code = send("--to", "b@there.test", "--raw", raw.toString());

    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("not sent: 5.6.0 a LF stands alone at octet 15");
    assertThat(taken).isEmpty();
  }

  @Test
  void anInternationalAddressGoesWithSmtputf8() throws Exception {
    int code = send("--to", "jürgen@there.test");

    assertThat(code).isZero();
    assertThat(taken.element().to()).containsExactly("jürgen@there.test");
    assertThat(saved()).contains("To: <jürgen@there.test>");
  }

  @Test
  void theDialogueIsShownOnRequest() {
    send("--to", "b@there.test", "-v");

    assertThat(err.toString().lines())
        .startsWith("S: 220 mx.test ESMTP", "C: EHLO [127.0.0.1]")
        .contains("C: MAIL FROM:<a@here.test>".concat(sizeOf(err.toString())), "C: DATA", "C: QUIT")
        .anyMatch(line -> line.matches("C: \\(message, \\d+ octets\\)"));
  }

  private static String sizeOf(String dialogue) {
    return dialogue
        .lines()
        .filter(line -> line.startsWith("C: MAIL"))
        .map(line -> line.replaceFirst(".*> ?", " ").stripTrailing())
        .findFirst()
        .orElse("");
  }

  @Test
  void aMessageTooLargeForTheServerIsNotSent() throws Exception {
    Path large = folder.resolve("large");
    Files.write(large, new byte[200_000]);

    int code = send("--to", "b@there.test", "--attach", large.toString());

    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("not sent: 5.3.4").contains("the server takes 100000");
  }

  @Test
  void aServerThatIsNotThereIsTriedThreeTimesAtMost() {
    int port = server.localAddress().getPort();
    server.close();

    int code = send("--to", "b@there.test", "--count", "10");

    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .contains("cannot connect to 127.0.0.1:" + port)
        .contains("not tried: the server could not be reached 3 times");
    assertThat(out.toString()).contains("Not accepted: 10 recipients.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--to b",
        "--to b@x.test --server nowhere",
        "--to b@x.test --server host:99999",
        "--to b@x.test --count 0",
        "--to b@x.test --connections 0",
        "--to b@x.test --header x",
        "--to b@x.test --helo a\u0001b",
        "--subject x"
      })
  void whatMakesNoSenseIsAMistakeOfUse(String args) {
    assertThat(send(args.split(" "))).isEqualTo(2);
    assertThat(taken).isEmpty();
  }

  @Test
  void aMissingFileIsNamed() {
    assertThat(send("--to", "b@x.test", "--attach", "/no/such")).isEqualTo(1);
    assertThat(err.toString()).contains("no such file: /no/such");
  }
}
