package org.depesche.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import org.depesche.admin.Json;
import org.depesche.mail.Mailbox;
import org.depesche.mail.ReversePath;
import org.depesche.message.Content;
import org.depesche.smtp.client.Transcript;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `send`: hands a message to a server, as a mail program or another server does.
@Command(
    name = "send",
    description = {
      "Sends a message to a mail server.",
      "Ends with 0 when every recipient was accepted, with 1 and the server's words otherwise."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class SendCommand implements Callable<Integer> {

  /// RFC 5321 §4.5.3.1.8: what every server takes.
  static final int RECIPIENTS_A_MESSAGE = 100;

  /// Most recipients a message names in its To field; more stay undisclosed.
  private static final int MAX_NAMED = 10;

  /// Most that is read for one message.
  private static final int MAX_BYTES = 50 << 20;

  private static final int MAX_CONNECTIONS = 10_000;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final String STDIN = "-";

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--from",
      required = true,
      paramLabel = "ADDRESS",
      description = "The sender; '<>' for none.")
  private String from = "";

  @Option(names = "--to", paramLabel = "ADDRESS", description = "A recipient; may be repeated.")
  private List<String> to = new ArrayList<>();

  @Option(
      names = "--to-file",
      paramLabel = "FILE",
      description = "More recipients, one a line. Up to 100 share a message.")
  private @Nullable Path toFile;

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description = "The server; default ${DEFAULT-VALUE}.",
      defaultValue = "127.0.0.1:2525")
  private String server = "";

  @Option(names = "--subject", paramLabel = "TEXT", description = "Default: ${DEFAULT-VALUE}.")
  private String subject = "A message from Depesche";

  @Option(
      names = "--body",
      paramLabel = "TEXT",
      description = "The text; - reads it from standard input.")
  private String body = "This is a message.\n";

  @Option(names = "--body-file", paramLabel = "FILE", description = "A file with the text, UTF-8.")
  private @Nullable Path bodyFile;

  @Option(
      names = "--header",
      paramLabel = "'NAME: VALUE'",
      description = "Another header field, or one that replaces what would stand there.")
  private List<String> headers = new ArrayList<>();

  @Option(names = "--attach", paramLabel = "FILE", description = "A file to go with it.")
  private List<Path> attachments = new ArrayList<>();

  @Option(
      names = "--raw",
      paramLabel = "FILE",
      description =
          "A complete message, sent as it is; - for standard input. Only if it has no CR at all,"
              + " each LF becomes CRLF.")
  private @Nullable String raw;

  @Option(
      names = "--helo",
      paramLabel = "NAME",
      description = "Our name; default: our address in brackets.")
  private String helo = "";

  @Option(names = "--count", paramLabel = "N", description = "How many messages; default 1.")
  private long count = 1;

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "How many connections at the same time; default 1.")
  private int connections = 1;

  @Option(names = "-v", description = "Shows the dialogue on standard error.")
  private boolean verbose;

  @Option(names = "--json", description = "The summary as JSON.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    SendRun.Plan plan;
    SendRun.Route route;
    try {
      route = route();
      plan = plan();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      spec.commandLine().getErr().println(Plain.text(reason(e)));
      return 1;
    }
    SendTally tally = new SendTally();
    SendTally.Summary summary = run(plan, route, tally);
    report(summary);
    return summary.refused() == 0 ? 0 : 1;
  }

  private SendTally.Summary run(SendRun.Plan plan, SendRun.Route route, SendTally tally)
      throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    boolean progress = plan.total() > 1 && !verbose;
    long start = Ticker.system().nanos();
    try (LiveLine line =
        new LiveLine(
            err, LiveLine.isTerminal() && progress, () -> progress(plan, tally, millis(start)))) {
      if (progress) {
        line.start();
      }
      new SendRun(plan, route, tally, number -> transcript(number, line)).run();
    }
    return tally.summary(millis(start));
  }

  private Transcript transcript(long connection, LiveLine line) {
    String name = connections > 1 ? (connection + 1) + " " : "";
    return verbose ? new SendDialogue(name, line::print) : Transcript.NONE;
  }

  private static long millis(long start) {
    return (Ticker.system().nanos() - start) / NANOS_PER_MILLI;
  }

  private static String progress(SendRun.Plan plan, SendTally tally, long millis) {
    SendTally.Summary now = tally.summary(millis);
    return String.format(
        Locale.ROOT,
        "%d of %s accepted, %.0f/s, %s refused",
        now.messages(),
        Plain.count(plan.total(), "message"),
        now.perSecond(),
        Plain.count(now.refused(), "recipient"));
  }

  private void report(SendTally.Summary s) {
    PrintWriter err = spec.commandLine().getErr();
    for (SendTally.Refusal refusal : s.refusals()) {
      err.println(Plain.text(refusal.recipient() + ": " + refusal.reason()));
    }
    if (s.refused() > s.refusals().size()) {
      err.println("... and " + Plain.count(s.refused() - s.refusals().size(), "more"));
    }
    err.flush();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(new String(Json.write(s), StandardCharsets.UTF_8).strip() + "\n");
    } else {
      out.println(Plain.text(describe(s)));
    }
    out.flush();
  }

  private static String describe(SendTally.Summary s) {
    StringBuilder out = new StringBuilder();
    if (s.messages() > 0) {
      out.append("Accepted: ").append(Plain.count(s.messages(), "message"));
      out.append(" for ").append(Plain.count(s.accepted(), "recipient"));
      out.append(", ").append(Plain.size(s.bytes()));
      out.append(", in ").append(Plain.duration(Duration.ofMillis(s.millis())));
      out.append(
          s.messages() == 1
              ? ": " + s.reply()
              : String.format(Locale.ROOT, ", %.0f/s", s.perSecond()));
      out.append('.');
    }
    if (s.refused() > 0) {
      out.append(out.isEmpty() ? "" : " ");
      out.append("Not accepted: ").append(Plain.count(s.refused(), "recipient")).append('.');
    }
    return out.toString();
  }

  private SendRun.Route route() {
    if (count < 1 || connections < 1 || connections > MAX_CONNECTIONS) {
      throw new IllegalArgumentException(
          "--count is at least 1, --connections 1 to " + MAX_CONNECTIONS);
    }
    if (!helo.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException("not a name: " + helo);
    }
    return new SendRun.Route(ServerAddress.parse(server), helo, connections);
  }

  private SendRun.Plan plan() throws IOException {
    ReversePath sender = SendAddresses.sender(from);
    List<Mailbox> recipients = new ArrayList<>();
    to.forEach(text -> recipients.add(SendAddresses.mailbox(text)));
    if (toFile != null) {
      recipients.addAll(SendAddresses.read(toFile));
    }
    if (recipients.isEmpty() || recipients.size() > SendAddresses.MAX_RECIPIENTS) {
      throw new IllegalArgumentException(
          "--to or --to-file: 1 to " + SendAddresses.MAX_RECIPIENTS + " recipients");
    }
    List<List<Mailbox>> groups = new ArrayList<>();
    for (int i = 0; i < recipients.size(); i += RECIPIENTS_A_MESSAGE) {
      groups.add(recipients.subList(i, Math.min(i + RECIPIENTS_A_MESSAGE, recipients.size())));
    }
    if (raw != null) {
      byte[] bytes = wireLines(read(raw));
      return new SendRun.Plan(sender, groups, count, _ -> "", Content.of(bytes), isEightBit(bytes));
    }
    SendMessage message = message(sender, recipients);
    String run = UUID.randomUUID().toString();
    byte[] bytes = message.bytes(ZonedDateTime.now(ZoneId.systemDefault()), "=_" + run);
    String domain = author(sender).replaceFirst(".*@", "");
    LongFunction<String> fields =
        message.has("Message-ID")
            ? _ -> ""
            : number -> "Message-ID: <" + run + "." + number + "@" + domain + ">\r\n";
    return new SendRun.Plan(sender, groups, count, fields, Content.of(bytes), isEightBit(bytes));
  }

  private static boolean isEightBit(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0) {
        return true;
      }
    }
    return false;
  }

  private SendMessage message(ReversePath sender, List<Mailbox> recipients) throws IOException {
    List<String> named =
        recipients.size() > MAX_NAMED ? List.of() : recipients.stream().map(Mailbox::wire).toList();
    List<SendMessage.Attachment> files = new ArrayList<>();
    for (Path file : attachments) {
      files.add(attachment(file));
    }
    return new SendMessage(
        author(sender),
        named,
        subject,
        headers.stream().map(SendMessage.Header::parse).toList(),
        text(),
        files);
  }

  /// A message from nobody still names an author (RFC 5322 §3.6).
  private static String author(ReversePath sender) {
    return sender.wire().isEmpty() ? "postmaster@localhost" : sender.wire();
  }

  private String text() throws IOException {
    byte[] bytes;
    if (bodyFile != null) {
      bytes = read(bodyFile.toString());
    } else if (body.equals(STDIN)) {
      bytes = read(STDIN);
    } else {
      return body;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("the text is not UTF-8; --attach takes any file", e);
    }
  }

  private static SendMessage.Attachment attachment(Path file) throws IOException {
    String name = Optional.ofNullable(file.getFileName()).map(Path::toString).orElse("file");
    // RFC 2046 §5.2.1: message/rfc822 may not be base64.
    String type =
        Optional.ofNullable(Files.probeContentType(file))
            .filter(t -> t.matches("[a-z0-9.+-]+/[a-z0-9.+-]+") && !t.startsWith("message/"))
            .orElse("application/octet-stream");
    return new SendMessage.Attachment(name, type, read(file.toString()));
  }

  private static byte[] read(String file) throws IOException {
    try (InputStream in = file.equals(STDIN) ? System.in : Files.newInputStream(Path.of(file))) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException(file + " is larger than " + Plain.size(MAX_BYTES));
      }
      return bytes;
    }
  }

  /// A file with the line ends of Unix as mail has them. With both kinds it stays what it is, and
  /// the client refuses it: nobody can say what was meant.
  static byte[] wireLines(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return text.indexOf('\r') >= 0
        ? bytes
        : text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException missing
        ? "no such file: " + missing.getFile()
        : String.valueOf(e.getMessage());
  }
}
