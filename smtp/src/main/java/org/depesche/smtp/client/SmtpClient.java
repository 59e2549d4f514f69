package org.depesche.smtp.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.depesche.mail.Envelope;
import org.depesche.mail.Reply;
import org.depesche.message.Content;
import org.depesche.net.Connection;
import org.depesche.net.Connector;
import org.depesche.net.TlsDetails;
import org.depesche.net.TlsEngines;
import org.depesche.sasl.ClientCredentials;
import org.depesche.sasl.SaslClient;
import org.depesche.time.Ticker;

/// Speaks SMTP or LMTP with one server over one connection: `open`, `send` as often as `isOpen`
/// says, `quit`. For one thread.
public final class SmtpClient implements AutoCloseable {

  private static final int READY = 220;
  private static final int CLOSING = 421;

  private final Wire wire;
  private final Protocol protocol;
  private final String helo;
  private final Runnable whenClosed;
  private Capabilities capabilities = Capabilities.NONE;
  private Set<Capability> forgone = Set.of();
  private boolean greeted; // the server has spoken and neither side has ended the dialogue
  private boolean open;
  private boolean needsReset;

  /// Connects to a server and greets it, for a program that sends a message now and then; one that
  /// sends many keeps a Connector. Time limits are those of RFC 5321.
  ///
  /// @param helo our name in EHLO: a domain, or an address literal (RFC 5321 §4.1.4)
  /// @throws IOException when the server is not there or does not want us; the message says why
  public static SmtpClient connect(InetSocketAddress server, String helo) throws IOException {
    Connector connector = new Connector(Ticker.system());
    connector.start();
    Connection connection;
    try {
      connection = connector.connect(server, Timeouts.RFC_5321.greeting());
    } catch (IOException e) {
      connector.close();
      throw e;
    }
    SmtpClient client =
        new SmtpClient(
            new Wire(connection, Ticker.system(), Transcript.NONE, Timeouts.RFC_5321),
            Protocol.SMTP,
            helo,
            connector::close);
    return switch (client.open()) {
      case Opening.Ready _ -> client;
      case Opening.Refused(_, var reply) -> throw client.unwelcome("refused: " + reply);
      case Opening.Broken(_, var reason) -> throw client.unwelcome(reason);
    };
  }

  private IOException unwelcome(String reason) {
    quit();
    return new IOException(reason);
  }

  /// A client that speaks SMTP.
  ///
  /// @param connection to the server; closed with this object
  /// @param helo our name in EHLO: a domain, or an address literal (RFC 5321 §4.1.4)
  /// @param ticker for the time a reply takes
  public SmtpClient(
      Connection connection, String helo, Timeouts timeouts, Ticker ticker, Transcript transcript) {
    this(connection, Protocol.SMTP, helo, timeouts, ticker, transcript);
  }

  /// A client.
  ///
  /// @param connection to the server; closed with this object
  /// @param helo our name in EHLO or LHLO: a domain, or an address literal (RFC 5321 §4.1.4)
  /// @param ticker for the time a reply takes
  public SmtpClient(
      Connection connection,
      Protocol protocol,
      String helo,
      Timeouts timeouts,
      Ticker ticker,
      Transcript transcript) {
    this(new Wire(connection, ticker, transcript, timeouts), protocol, helo, () -> {});
  }

  private SmtpClient(Wire wire, Protocol protocol, String helo, Runnable whenClosed) {
    this.wire = wire;
    this.protocol = protocol;
    this.helo = helo;
    this.whenClosed = whenClosed;
  }

  /// Waits for the server's greeting and introduces us: by EHLO, or by HELO where that is not
  /// known.
  public Opening open() {
    try {
      Reply greeting = wire.reply(wire.timeouts().greeting());
      greeted = greeting.code() != CLOSING;
      if (greeting.code() != READY) {
        return refusedOrBroken(Stage.GREETING, greeting);
      }
    } catch (LostException e) {
      greeted = false;
      return new Opening.Broken(Stage.GREETING, e.reason());
    }
    return hello();
  }

  /// Introduces us, and hears what the server can do.
  private Opening hello() {
    Stage stage = Stage.HELLO;
    capabilities = Capabilities.NONE;
    try {
      // RFC 2033 §4.1: LHLO instead of EHLO, and nothing to fall back to.
      Reply ehlo = ask((protocol == Protocol.LMTP ? "LHLO " : "EHLO ") + helo);
      if (isDone(ehlo)) {
        capabilities = Capabilities.parse(ehlo).without(forgone);
      } else {
        // RFC 5321 §3.2: a server that does not know EHLO says so with 500 or 502; some say 5xx
        // of another kind and mean the same.
        Reply hello = ehlo.isPermanent() && protocol == Protocol.SMTP ? ask("HELO " + helo) : ehlo;
        if (!isDone(hello)) {
          greeted = hello.code() != CLOSING;
          return refusedOrBroken(stage, hello);
        }
      }
      open = true;
      return new Opening.Ready(capabilities);
    } catch (LostException e) {
      greeted = false;
      return new Opening.Broken(stage, e.reason());
    }
  }

  /// Begins TLS by STARTTLS; the server is asked again what it can do (RFC 3207 §4.2).
  ///
  /// @param host the server's name
  /// @param within how long the handshake may take
  public StartTls startTls(TlsEngines engines, String host, Duration within) {
    if (!open || needsReset) {
      throw new IllegalStateException("no open session, or one in the middle of something");
    }
    try {
      Reply reply = ask("STARTTLS");
      if (reply.code() == CLOSING) {
        close();
        return new StartTls.Failed("the server is closing: " + reply);
      }
      if (reply.code() != READY) {
        return new StartTls.Refused(reply);
      }
      open = false;
      TlsDetails details = wire.secure(engines, host, within);
      return switch (hello()) {
        case Opening.Ready _ -> new StartTls.Secured(details);
        case Opening.Refused(_, var words) -> new StartTls.Failed("EHLO inside of TLS: " + words);
        case Opening.Broken(_, var reason) -> new StartTls.Failed("EHLO inside of TLS: " + reason);
      };
    } catch (LostException e) {
      close();
      return new StartTls.Failed(e.reason());
    }
  }

  /// Logs in, with the strongest mechanism both sides have. To be done at most once.
  ///
  /// @param terms whether the connection is one that nobody else reads, and what may be used on it
  public Login login(ClientCredentials credentials, SaslClient.Terms terms) {
    if (!open || needsReset) {
      throw new IllegalStateException("no open session, or one in the middle of something");
    }
    return switch (SaslClient.choose(capabilities.mechanisms(), credentials, terms)) {
      case SaslClient.Choice.None(var reason) -> new Login.NotPossible(reason);
      case SaslClient.Choice.Chosen(var sasl) -> login(sasl);
    };
  }

  private Login login(SaslClient sasl) {
    Login login;
    try {
      login = new LoginExchange(wire, sasl).run();
    } catch (LostException e) {
      login = new Login.Failed(e.reason());
    }
    if (login instanceof Login.Failed || login instanceof Login.Refused(var r) && isClosing(r)) {
      close();
    }
    return login;
  }

  /// Does without extensions the server may offer. To be said before `open`.
  public void forgo(Set<Capability> some) {
    forgone = Set.copyOf(some);
  }

  /// What the server can do.
  public Capabilities capabilities() {
    return capabilities;
  }

  /// True while a message may be sent.
  public boolean isOpen() {
    return open;
  }

  /// Sends one message. For a server that takes less than the message needs, its content is recoded
  /// where a standard allows it (RFC 6152 §3), and the result says so.
  ///
  /// @param prefix header fields to stand before the content, CRLF at the end of each
  public SendResult send(Envelope envelope, String prefix, Content content) {
    return send(envelope, prefix, content, () -> {});
  }

  /// Sends one message, as above.
  ///
  /// @param beforeEnd runs right before the last octets go out: from then on until its reply only
  ///   the server knows whether it has the message (RFC 1047)
  public SendResult send(Envelope envelope, String prefix, Content content, Runnable beforeEnd) {
    if (!open || envelope.recipients().isEmpty()) {
      throw new IllegalStateException("no open session, or nobody to send to");
    }
    byte[] head = prefix.getBytes(StandardCharsets.UTF_8);
    return switch (new Fitting(capabilities).fit(envelope, head.length, content)) {
      case Fitting.FitsNot(var status, var reason) -> new SendResult.Unsendable(status, reason);
      case Fitting.Fits fits -> send(fits, head, beforeEnd);
    };
  }

  private SendResult send(Fitting.Fits message, byte[] head, Runnable beforeEnd) {
    Transaction transaction =
        new Transaction(wire, protocol, capabilities, needsReset, message, head, beforeEnd);
    SendResult result = transaction.run();
    needsReset = transaction.needsReset();
    if (!transaction.mayContinue()) {
      close();
    }
    return result;
  }

  /// Asks for nothing (RFC 5321 §4.1.1.9), to see whether the server is still there; false when it
  /// is not, and the connection is closed then.
  public boolean noop() {
    if (!open) {
      return false;
    }
    try {
      if (isDone(ask("NOOP"))) {
        return true;
      }
    } catch (LostException _) {
      // It is told by the answer.
    }
    close();
    return false;
  }

  /// Says good-bye where there is somebody to say it to, also one who has refused us (RFC 5321
  /// §3.1), and closes.
  public void quit() {
    if (greeted) {
      try {
        wire.command("QUIT");
        wire.flush();
        Reply _ = wire.reply(wire.timeouts().quit());
        wire.farewell();
      } catch (LostException _) {
        // Every message has had its answer; nothing depends on this one.
      }
    }
    close();
  }

  @Override
  public void close() {
    open = false;
    greeted = false;
    wire.close();
    whenClosed.run();
  }

  private Reply ask(String command) throws LostException {
    wire.command(command);
    wire.flush();
    return wire.reply(wire.timeouts().command());
  }

  private static boolean isClosing(Reply reply) {
    return reply.code() == CLOSING;
  }

  private static boolean isDone(Reply reply) {
    return reply.code() / 100 == 2;
  }

  private static Opening refusedOrBroken(Stage stage, Reply reply) {
    return reply.isPositive()
        ? new Opening.Broken(stage, "unexpected reply: " + reply)
        : new Opening.Refused(stage, reply);
  }
}
