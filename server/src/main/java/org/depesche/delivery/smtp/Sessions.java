package org.depesche.delivery.smtp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.depesche.delivery.Cause;
import org.depesche.net.Connection;
import org.depesche.routing.RelayTarget;
import org.depesche.routing.Route;
import org.depesche.smtp.client.Opening;
import org.depesche.smtp.client.Protocol;
import org.depesche.smtp.client.SmtpClient;
import org.depesche.smtp.client.Stage;
import org.depesche.smtp.client.Transcript;
import org.depesche.time.Ticker;

/// Opens sessions with servers, and keeps those that are still good for another message.
final class Sessions {

  private final OutgoingSettings settings;
  private final Door door;
  private final Dialer dialer;
  private final Ticker ticker;
  private final SessionPool pool;

  Sessions(OutgoingSettings settings, Door door, Ticker ticker, Executor executor) {
    this.settings = settings;
    this.door = door;
    this.dialer = new Dialer(door, executor);
    this.ticker = ticker;
    this.pool = new SessionPool(ticker, settings.idleConnections(), settings.idle());
  }

  /// How an attempt to open a session went.
  sealed interface Attempt {}

  /// The server is ready.
  record Opened(OpenSession session) implements Attempt {}

  /// The server is not there or does not want us.
  ///
  /// @param forGood it said that it never takes mail (RFC 7504 §3)
  record Shut(Cause cause, boolean forGood) implements Attempt {}

  /// A session that was kept from an earlier message.
  Optional<OpenSession> kept(Route route) {
    return pool.take(route);
  }

  Attempt open(Route route, NextHop host, int port) {
    List<InetSocketAddress> addresses =
        host.addresses().stream().map(a -> new InetSocketAddress(a, port)).toList();
    try {
      return greet(route, dialer.connect(addresses, settings.connect()), host.name());
    } catch (IOException e) {
      // RFC 3463 §3.5: X.4.1, no answer from host.
      String name = host.name() + ":" + port;
      return new Shut(
          Verdicts.broken("4.4.1", name, "cannot connect to " + name + ": " + e.getMessage()),
          false);
    }
  }

  Attempt open(Route route, RelayTarget.UnixSocket target) {
    try {
      return greet(route, door.connect(target.path()), target.path().toString());
    } catch (IOException e) {
      return new Shut(
          Verdicts.broken("4.4.1", target.toString(), "cannot connect: " + e.getMessage()), false);
    }
  }

  private Attempt greet(Route route, Connection connection, String name) {
    String host = name(name, connection.remote());
    SmtpClient client =
        new SmtpClient(
            connection,
            protocol(route),
            settings.helo(),
            settings.timeouts(),
            ticker,
            Transcript.NONE);
    return switch (client.open()) {
      case Opening.Ready _ -> {
        long now = ticker.nanos();
        yield new Opened(new OpenSession(client, host, now, 0, now));
      }
      case Opening.Refused(var stage, var reply) -> {
        client.quit();
        yield new Shut(
            Verdicts.cause(reply, host, stage),
            stage == Stage.GREETING && Verdicts.isNoMailHere(reply));
      }
      case Opening.Broken(var stage, var reason) -> {
        client.close();
        // RFC 3463 §3.5: X.4.2, bad connection.
        yield new Shut(
            Verdicts.broken("4.4.2", host, host + ", " + words(stage) + ": " + reason), false);
      }
    };
  }

  private static Protocol protocol(Route route) {
    return route instanceof Route.Relay(var target)
            && (target instanceof RelayTarget.UnixSocket
                || target instanceof RelayTarget.Tcp(var lmtp, _, _) && lmtp)
        ? Protocol.LMTP
        : Protocol.SMTP;
  }

  private static String name(String name, InetSocketAddress remote) {
    InetAddress address = remote.getAddress();
    return address == null || address.getHostAddress().equals(name)
        ? name
        : name + "[" + address.getHostAddress() + "]";
  }

  /// Where in a dialogue something happened.
  static String words(Stage stage) {
    return switch (stage) {
      case GREETING -> "at the greeting";
      case HELLO -> "at EHLO";
      case MAIL -> "at MAIL";
      case RCPT -> "at RCPT";
      case DATA -> "at DATA";
      case CONTENT -> "while the message was being sent";
    };
  }

  /// Keeps a session for the next message, or ends it when it is no use any more.
  void done(Route route, OpenSession session) {
    OpenSession used = session.used(ticker.nanos());
    if (!session.client().isOpen()) {
      session.client().close();
      return;
    }
    int most =
        Math.min(
            settings.messagesPerConnection(),
            session.client().capabilities().maxMessages().orElse(Integer.MAX_VALUE));
    if (used.sent() >= most || !pool.put(route, used)) {
      session.client().quit();
    }
  }

  void closeIdle() {
    pool.takeExpired().forEach(session -> session.client().quit());
  }

  void close() {
    pool.close();
    closeIdle();
  }
}
