package org.depesche.delivery.smtp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.depesche.delivery.Cause;
import org.depesche.net.Connection;
import org.depesche.net.TlsEngines;
import org.depesche.routing.RelayTarget;
import org.depesche.routing.Route;
import org.depesche.routing.TlsUse;
import org.depesche.smtp.client.Capability;
import org.depesche.smtp.client.Opening;
import org.depesche.smtp.client.Protocol;
import org.depesche.smtp.client.SmtpClient;
import org.depesche.smtp.client.Stage;
import org.depesche.smtp.client.StartTls;
import org.depesche.smtp.client.Transcript;
import org.depesche.time.Ticker;

/// Opens sessions with servers under the same terms of encryption, and keeps those that are still
/// good for another message.
final class Sessions {

  /// How long answers to QUIT are waited for where all sessions end.
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final OutgoingSettings settings;
  private final Door door;
  private final Executor executor;
  private final Dialer dialer;
  private final Ticker ticker;
  private final SessionPool pool;
  private final Encryption encryption;

  Sessions(
      OutgoingSettings settings,
      Door door,
      Encryption encryption,
      Ticker ticker,
      Executor executor) {
    this.encryption = encryption;
    this.settings = settings;
    this.door = door;
    this.executor = executor;
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

  /// There was no TLS to be had, and the connection is no use any more.
  private static final class NoTlsException extends Exception {

    private static final long serialVersionUID = 1L;

    private NoTlsException(String reason) {
      super(reason);
    }
  }

  /// A session that was kept from an earlier message.
  Optional<OpenSession> kept(Route route) {
    return pool.take(route);
  }

  /// @param proven whether only a session counts in which the server has shown who it is
  Attempt open(Route route, NextHop host, int port, boolean proven) {
    List<InetSocketAddress> addresses =
        host.addresses().stream().map(a -> new InetSocketAddress(a, port)).toList();
    try {
      TlsUse use = proven ? TlsUse.VERIFIED : encryption.use().apply(route);
      return open(route, host, addresses, use);
    } catch (IOException e) {
      return shut(host.name() + ":" + port, e);
    }
  }

  Attempt open(Route route, RelayTarget.UnixSocket target) {
    try {
      Attempt attempt =
          greet(route, door.connect(target.path()), target.path().toString(), TlsUse.NEVER);
      // What this machine's own server says may be mended.
      return attempt instanceof Shut(var cause, _) ? new Shut(cause, false) : attempt;
    } catch (NoTlsException e) {
      throw new IllegalStateException("no TLS on a socket", e);
    } catch (IOException e) {
      return shut(target.path().toString(), e);
    }
  }

  /// RFC 3463 §3.5: X.4.1, no answer from host. So it was no part of what happened (RFC 3464
  /// §2.3.5).
  private static Shut shut(String name, IOException e) {
    return new Shut(Cause.of("4.4.1", "cannot connect to " + name + ": " + e.getMessage()), false);
  }

  private Attempt open(Route route, NextHop host, List<InetSocketAddress> addresses, TlsUse use)
      throws IOException {
    try {
      return greet(route, dialer.connect(addresses, settings.connect()), host.name(), use);
    } catch (NoTlsException e) {
      String reason = String.valueOf(e.getMessage());
      if (use != TlsUse.OPPORTUNISTIC) {
        return shut(host.name(), reason);
      }
      // RFC 7435 §3: rather without than not at all, where nothing better was asked for.
      return without(open(route, host, addresses, TlsUse.NEVER), reason);
    }
  }

  private static Attempt without(Attempt attempt, String reason) {
    return attempt instanceof Opened(var session)
        ? new Opened(session.secured("without TLS: " + reason, false))
        : attempt;
  }

  /// RFC 3463 §3.8 and its registry: X.7.10, encryption needed. It may come back.
  private static Shut shut(String host, String reason) {
    return new Shut(Verdicts.broken("4.7.10", host, host + ": " + reason), false);
  }

  private Attempt secure(OpenSession session, String host, TlsUse use) throws NoTlsException {
    SmtpClient client = session.client();
    if (use == TlsUse.NEVER) {
      return new Opened(session);
    }
    boolean must = use != TlsUse.OPPORTUNISTIC;
    if (!client.capabilities().offers(Capability.STARTTLS)) {
      if (must) {
        client.quit();
        return shut(session.host(), "TLS is required, and the server does not offer it");
      }
      return new Opened(session);
    }
    TlsEngines engines =
        use == TlsUse.VERIFIED ? encryption.verifying() : encryption.opportunistic();
    return switch (client.startTls(engines, host, encryption.handshake())) {
      case StartTls.Secured(var details) ->
          new Opened(session.secured(details.toString(), use == TlsUse.VERIFIED));
      case StartTls.Refused(var reply) -> {
        if (must) {
          client.quit();
          yield shut(session.host(), "TLS is required, and the server said: " + reply);
        }
        yield new Opened(session.secured("without TLS: the server said " + reply, false));
      }
      case StartTls.Failed(var reason) -> {
        client.close();
        throw new NoTlsException(reason);
      }
    };
  }

  private Attempt greet(Route route, Connection connection, String name, TlsUse use)
      throws NoTlsException {
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
        yield secure(new OpenSession(client, host, "", false, now, 0, now), name, use);
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

  /// Whether nothing more may be sent over a session.
  boolean isSpent(OpenSession session) {
    // RFC 9422 §4.1
    int most =
        Math.min(
            settings.messagesPerConnection(),
            session.client().capabilities().maxMessages().orElse(Integer.MAX_VALUE));
    return session.sent() >= most;
  }

  /// Keeps a session for the next message, or ends it when it is no use any more.
  void done(Route route, OpenSession session) {
    if (!session.client().isOpen()) {
      session.client().close();
    } else if (isSpent(session) || !pool.put(route, session.idleSince(ticker.nanos()))) {
      leave(session, () -> {});
    }
  }

  void closeIdle() {
    pool.takeExpired().forEach(session -> leave(session, () -> {}));
  }

  /// Nobody waits for a server to say good-bye: it may take its time.
  private void leave(OpenSession session, Runnable then) {
    executor.execute(
        () -> {
          try {
            session.client().quit();
          } finally {
            then.run();
          }
        });
  }

  /// Says good-bye to all at once; who has not answered soon is not waited for.
  void close() {
    pool.close();
    List<OpenSession> left = pool.takeExpired();
    CountDownLatch answers = new CountDownLatch(left.size());
    left.forEach(session -> leave(session, answers::countDown));
    try {
      boolean _ = answers.await(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
