package org.depesche.load;

import java.io.IOException;
import java.net.InetAddress;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.depesche.mail.Reply;
import org.depesche.net.Connection;
import org.depesche.net.Connector;
import org.depesche.net.TlsConnection;
import org.depesche.sasl.Channel;
import org.depesche.sasl.ClientCredentials;
import org.depesche.sasl.Mechanism;
import org.depesche.sasl.SaslClient;
import org.depesche.smtp.client.Login;
import org.depesche.smtp.client.Opening;
import org.depesche.smtp.client.SmtpClient;
import org.depesche.smtp.client.StartTls;
import org.depesche.smtp.client.Timeouts;
import org.depesche.time.Ticker;

/// Opens sessions with the server, up to where a message can be sent. Used by many threads.
final class Door {

  private static final Timeouts RFC = Timeouts.RFC_5321;

  /// How it went.
  sealed interface Entry {

    /// A message can be sent.
    ///
    /// @param took how long each step took that was needed, in nanoseconds
    record Open(SmtpClient client, Map<Measure, Long> took) implements Entry {}

    /// The server does not want us.
    record Refused(String stage, Reply reply) implements Entry {}

    /// It did not come so far.
    record Lost(String cause) implements Entry {}
  }

  private final Target target;
  private final Connector connector;
  private final Ticker ticker;
  private final Timeouts timeouts;
  private final RandomGenerator random;

  /// @param random a secure one, for logins
  Door(Target target, Connector connector, Ticker ticker, RandomGenerator random) {
    this.target = target;
    this.connector = connector;
    this.ticker = ticker;
    this.random = random;
    var patience = target.patience();
    this.timeouts = new Timeouts(patience, patience, patience, patience, patience, RFC.quit());
  }

  /// A session of which the steps are measured one by one.
  private final class Steps {

    private final Map<Measure, Long> took = new EnumMap<>(Measure.class);
    private long from = ticker.nanos();

    void done(Measure step) {
      long now = ticker.nanos();
      took.put(step, now - from);
      from = now;
    }
  }

  Entry open() {
    Steps steps = new Steps();
    Connection connection;
    try {
      connection = connector.connect(target.server(), target.patience());
    } catch (IOException e) {
      return new Entry.Lost("cannot connect: " + words(e));
    }
    steps.done(Measure.CONNECT);
    if (target.encryption() == Target.Encryption.IMPLICIT) {
      try {
        connection =
            TlsConnection.connect(connection, target.engines(), host(), target.patience(), ticker);
        steps.done(Measure.TLS);
      } catch (IOException e) {
        connection.close();
        return new Entry.Lost("no TLS: " + words(e));
      }
    }
    HandshakeWatch watch = new HandshakeWatch(ticker);
    SmtpClient client = new SmtpClient(connection, helo(connection), timeouts, ticker, watch);
    Entry entry = introduced(client, watch, steps);
    if (!(entry instanceof Entry.Open)) {
      client.quit();
    }
    return entry;
  }

  private Entry introduced(SmtpClient client, HandshakeWatch watch, Steps steps) {
    client.forgo(target.without());
    return switch (client.open()) {
      case Opening.Refused(var stage, var reply) -> new Entry.Refused(stage.name(), reply);
      case Opening.Broken(var stage, var reason) -> new Entry.Lost(stage + ": " + reason);
      case Opening.Ready _ -> {
        steps.done(Measure.GREETING);
        yield target.encryption() == Target.Encryption.STARTTLS
            ? secured(client, watch, steps)
            : loggedIn(client, steps);
      }
    };
  }

  private Entry secured(SmtpClient client, HandshakeWatch watch, Steps steps) {
    return switch (client.startTls(target.engines(), host(), target.patience())) {
      case StartTls.Refused(var reply) -> new Entry.Refused("STARTTLS", reply);
      case StartTls.Failed(var reason) -> new Entry.Lost("no TLS: " + reason);
      case StartTls.Secured _ -> {
        steps.done(Measure.TLS);
        steps.took.put(Measure.TLS, watch.nanos());
        yield loggedIn(client, steps);
      }
    };
  }

  private Entry loggedIn(SmtpClient client, Steps steps) {
    if (target.credentials().isEmpty()) {
      return new Entry.Open(client, steps.took);
    }
    ClientCredentials credentials = target.credentials().get();
    return switch (client.login(credentials, terms())) {
      case Login.Refused(var reply) -> new Entry.Refused("AUTH", reply);
      case Login.NotPossible(var reason) -> new Entry.Lost("no login: " + reason);
      case Login.Failed(var reason) -> new Entry.Lost("no login: " + reason);
      case Login.Accepted _ -> {
        steps.done(Measure.LOGIN);
        yield new Entry.Open(client, steps.took);
      }
    };
  }

  private SaslClient.Terms terms() {
    Channel channel = target.encryption() == Target.Encryption.NONE ? Channel.OPEN : Channel.SECURE;
    return new SaslClient.Terms(channel, EnumSet.allOf(Mechanism.class), random);
  }

  private String host() {
    return target.server().getHostString();
  }

  /// RFC 5321 §4.1.4: a client without a name of its own gives the address literal of its end.
  private String helo(Connection connection) {
    if (!target.helo().isEmpty()) {
      return target.helo();
    }
    InetAddress own = connection.local().getAddress();
    String text = own.getHostAddress().replaceFirst("%.*", "");
    return text.contains(":") ? "[IPv6:" + text + "]" : "[" + text + "]";
  }

  private static String words(IOException e) {
    String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return what.toLowerCase(Locale.ROOT);
  }
}
