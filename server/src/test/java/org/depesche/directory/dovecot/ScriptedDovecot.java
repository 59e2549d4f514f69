package org.depesche.directory.dovecot;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Scanner;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Speaks as Dovecot does on one of its sockets: says a greeting and answers each request as a
/// script has it.
final class ScriptedDovecot implements AutoCloseable {

  /// What the real one says of itself where logins are checked.
  static final List<String> LOGINS =
      List.of(
          "VERSION\t1\t2",
          "MECH\tPLAIN\tplaintext",
          "MECH\tLOGIN\tplaintext",
          "SPID\t19361",
          "CUID\t1",
          "COOKIE\t1ce6cace556f71aa34e09f36ffcf0c98",
          "DONE");

  /// And where it says who exists.
  static final List<String> USERS = List.of("VERSION\t1\t1", "SPID\t19361");

  final Queue<String> heard = new ConcurrentLinkedQueue<>();
  private final Queue<SocketChannel> sessions = new ConcurrentLinkedQueue<>();
  private final Semaphore accepted = new Semaphore(0);
  private final Path socket;
  private final ServerSocketChannel listener;
  private final List<String> greeting;
  private final Function<String, List<String>> script;

  /// @param script what is said to a line; nothing for an empty list
  ScriptedDovecot(Path socket, List<String> greeting, Function<String, List<String>> script)
      throws IOException {
    this.socket = socket;
    this.greeting = greeting;
    this.script = script;
    this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::accept);
  }

  DovecotAddress address() {
    return new DovecotAddress.Unix(socket);
  }

  /// Waits for this many more connections.
  boolean accepts(int more) throws InterruptedException {
    return accepted.tryAcquire(more, 20, TimeUnit.SECONDS);
  }

  int connections() {
    return sessions.size();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel session = listener.accept();
        sessions.add(session);
        accepted.release();
        Thread.ofVirtual().start(() -> serve(session));
      }
    } catch (IOException _) {
      // It was closed.
    }
  }

  private void serve(SocketChannel session) {
    try (session) {
      say(session, greeting);
      Scanner lines =
          new Scanner(Channels.newReader(session, StandardCharsets.UTF_8)).useDelimiter("\n");
      while (lines.hasNext()) {
        String line = lines.next();
        heard.add(line);
        say(session, script.apply(line));
      }
    } catch (IOException _) {
      // The other side has gone.
    }
  }

  private static void say(SocketChannel session, List<String> lines) throws IOException {
    for (String line : lines) {
      session.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }
  }

  /// Ends what is open, as a restart does.
  void hangUp() throws IOException {
    for (SocketChannel session : sessions) {
      session.close();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    hangUp();
    Files.deleteIfExists(socket);
  }
}
