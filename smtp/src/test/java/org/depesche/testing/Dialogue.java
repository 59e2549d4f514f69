package org.depesche.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.depesche.net.Connection;
import org.depesche.net.TlsConnection;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.DynamicTest;

/// Plays the client of a dialogue written down as text, against a real session.
///
/// ```
/// # RFC 5321 §4.1.4: a comment
/// C: NOOP                a line to send, CRLF is added
/// C! "NOOP\r\n\x00" * 3  bytes to send, as they are, so many times
/// C<< END                lines to send, each with CRLF, up to a line END
/// S: 250 2.0.0 OK        a line that must come
/// S: 250 2.0.0 ...       a line that must begin like this
/// S: ...                 all lines up to the last of the reply
/// S~ 250 [A-Z]+          a line that must match a pattern
/// @closed                the server has closed, and sent nothing more
/// @disconnect            the client goes away without a word
/// @end                   the client sends no more, but reads on
/// @reconnect             the client goes away and comes again
/// @tls                   the client shakes hands; what follows is within TLS
/// @anything else         is for the stage
/// ```
///
/// What the server says and nobody asked for is a failure, at the end of the script too.
public final class Dialogue {

  /// Where a dialogue takes place.
  public interface Stage {

    /// A client comes; the answer is its end of the connection.
    MemoryConnection connect();

    /// Carries out a directive of its own, or checks what it says.
    ///
    /// @throws IllegalArgumentException when it knows no such directive
    void direct(String name, String argument);
  }

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Pattern RAW = Pattern.compile("\"(.*)\"(?: \\* (\\d+))?");

  private final List<String> script;
  private final Stage stage;
  private final StringBuilder transcript = new StringBuilder();
  private final Deque<String> heard = new ArrayDeque<>();
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
  private Optional<MemoryConnection> connection = Optional.empty();
  private Optional<Connection> secured = Optional.empty();

  private Dialogue(List<String> script, Stage stage) {
    this.script = script;
    this.stage = stage;
  }

  /// One test for each `.smtp` file below a folder.
  public static Stream<DynamicTest> tests(Path folder, Supplier<? extends Stage> stages) {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.filter(f -> f.toString().endsWith(".smtp")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files.stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    folder.relativize(file).toString(),
                    file.toUri(),
                    () -> play(Files.readAllLines(file), stages.get())));
  }

  /// Plays a script to its end.
  ///
  /// @throws AssertionError with the transcript when the server says something else
  public static void play(List<String> script, Stage stage) {
    new Dialogue(script, stage).play();
  }

  private void play() {
    int at = 0;
    try {
      while (at < script.size()) {
        at += step(at);
      }
      if (connection.isPresent()) {
        connection.get().endOutput();
        expectEnd();
      }
    } catch (IOException | AssertionError e) {
      throw new AssertionError(
          e.getMessage() + "\n" + transcript + "--- at line " + (at + 1) + " of the script", e);
    }
  }

  /// Plays one entry and says how many lines it has.
  private int step(int at) throws IOException {
    String line = script.get(at);
    if (line.isBlank() || line.startsWith("#")) {
      return 1;
    }
    if (line.startsWith("C<< ")) {
      return block(at, line.substring(4).strip());
    }
    if (line.startsWith("@")) {
      transcript.append(line).append('\n');
      int space = line.indexOf(' ');
      String name = space < 0 ? line.substring(1) : line.substring(1, space);
      direct(name, space < 0 ? "" : line.substring(space + 1).strip());
    } else if (line.equals("C:") || line.startsWith("C: ")) {
      send((line.substring(Math.min(3, line.length())) + "\r\n").getBytes(StandardCharsets.UTF_8));
    } else if (line.startsWith("C! ")) {
      send(raw(line.substring(3)));
    } else if (line.startsWith("S: ...")) {
      while (hear().charAt(3) == '-') {
        // up to the last line of the reply
      }
    } else if (line.startsWith("S: ")) {
      expect(line.substring(3));
    } else if (line.startsWith("S~ ")) {
      String said = hear();
      check(said.matches(line.substring(3)), said, line);
    } else {
      throw new AssertionError("no such entry: " + line);
    }
    return 1;
  }

  private int block(int at, String mark) throws IOException {
    StringBuilder text = new StringBuilder();
    int lines = 1;
    while (!script.get(at + lines).equals(mark)) {
      text.append(script.get(at + lines)).append("\r\n");
      lines++;
    }
    send(text.toString().getBytes(StandardCharsets.UTF_8));
    return lines + 1;
  }

  private void direct(String name, String argument) throws IOException {
    switch (name) {
      case "closed" -> expectEnd();
      case "end" -> connected().endOutput();
      case "disconnect" -> hangUp();
      case "tls" -> secure();
      case "reconnect" -> {
        hangUp();
        connected();
      }
      default -> stage.direct(name, argument);
    }
  }

  private void secure() throws IOException {
    if (!heard.isEmpty() || partial.size() > 0) {
      throw new AssertionError("the server said more before TLS: " + heard + partial);
    }
    secured =
        Optional.of(
            TlsConnection.connect(
                connected(), TestTls.engines(false), "mx.test", PATIENCE, Ticker.system()));
  }

  private void hangUp() {
    connected().close();
    connection = Optional.empty();
    secured = Optional.empty();
    heard.clear();
    partial.reset();
  }

  private MemoryConnection connected() {
    if (connection.isEmpty()) {
      connection = Optional.of(stage.connect());
    }
    return connection.get();
  }

  /// Where words go: into TLS, once there is some.
  private Connection spoken() {
    MemoryConnection plain = connected();
    return secured.isPresent() ? secured.get() : plain;
  }

  private void send(byte[] bytes) throws IOException {
    transcript.append("C: ").append(visible(bytes)).append('\n');
    try {
      spoken().write(ByteBuffer.wrap(bytes));
    } catch (ClosedChannelException _) {
      transcript.append("   (the server has closed)\n");
    }
  }

  private void expect(String wanted) throws IOException {
    String said = hear();
    boolean good =
        wanted.endsWith("...")
            ? said.startsWith(wanted.substring(0, wanted.length() - 3))
            : said.equals(wanted);
    check(good, said, wanted);
  }

  private static void check(boolean good, String said, String wanted) {
    if (!good) {
      throw new AssertionError("expected: " + wanted + "\n but got: " + said);
    }
  }

  private String hear() throws IOException {
    while (heard.isEmpty()) {
      if (!listen()) {
        throw new AssertionError("expected a reply, but the server has closed");
      }
    }
    String line = heard.remove();
    transcript.append("S: ").append(line).append('\n');
    return line;
  }

  private void expectEnd() throws IOException {
    while (heard.isEmpty() && listen()) {
      // up to the end
    }
    if (!heard.isEmpty() || partial.size() > 0) {
      throw new AssertionError("the server said more: " + heard + partial);
    }
    connection = Optional.empty();
    secured = Optional.empty();
  }

  private boolean listen() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    if (spoken().read(bytes) < 0) {
      return false;
    }
    for (byte b : bytes.flip().array()) {
      if (!bytes.hasRemaining()) {
        break;
      }
      bytes.get();
      partial.write(b);
      byte[] line = partial.toByteArray();
      if (b == '\n' && line.length > 1 && line[line.length - 2] == '\r') {
        heard.add(new String(line, 0, line.length - 2, StandardCharsets.UTF_8));
        partial.reset();
      }
    }
    return true;
  }

  private static byte[] raw(String quoted) {
    var matcher = RAW.matcher(quoted.strip());
    if (!matcher.matches()) {
      throw new AssertionError("not raw bytes: " + quoted);
    }
    byte[] once = unescape(matcher.group(1));
    int times = matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2));
    ByteBuffer all = ByteBuffer.allocate(once.length * times);
    for (int i = 0; i < times; i++) {
      all.put(once);
    }
    return all.array();
  }

  /// Reads `\r`, `\n`, `\t`, `\\`, `\"` and `\xHH`; everything else is UTF-8.
  public static byte[] unescape(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c != '\\') {
        bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      switch (text.charAt(i++)) {
        case 'r' -> bytes.write('\r');
        case 'n' -> bytes.write('\n');
        case 't' -> bytes.write('\t');
        case '\\' -> bytes.write('\\');
        case '"' -> bytes.write('"');
        case 'x' -> {
          bytes.write(Integer.parseInt(text.substring(i, i + 2), 16));
          i += 2;
        }
        default -> throw new AssertionError("unknown escape in " + text);
      }
    }
    return bytes.toByteArray();
  }

  private static String visible(byte[] bytes) {
    List<String> out = new ArrayList<>();
    for (byte b : bytes.length > 400 ? Arrays.copyOf(bytes, 400) : bytes) {
      out.add(
          switch (b) {
            case '\r' -> "\\r";
            case '\n' -> "\\n";
            default -> b >= ' ' && b < 0x7f ? "" + (char) b : String.format("\\x%02X", b);
          });
    }
    return String.join("", out) + (bytes.length > 400 ? "... (" + bytes.length + ")" : "");
  }
}
