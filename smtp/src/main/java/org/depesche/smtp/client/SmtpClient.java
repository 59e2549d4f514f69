package org.depesche.smtp.client;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import org.depesche.mail.BodyType;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Envelope;
import org.depesche.mail.Reply;
import org.depesche.message.Content;
import org.depesche.net.Connection;
import org.depesche.time.Ticker;

/// Speaks SMTP or LMTP with one server over one connection: `open`, `send` as often as `isOpen`
/// says, `quit`. For one thread.
public final class SmtpClient implements AutoCloseable {

  private static final int READY = 220;
  private static final int CLOSING = 421;

  private final Wire wire;
  private final Protocol protocol;
  private final String helo;
  private Capabilities capabilities = Capabilities.NONE;
  private boolean greeted; // the server has spoken and neither side has ended the dialogue
  private boolean open;
  private boolean needsReset;

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
    this.wire = new Wire(connection, ticker, transcript, timeouts);
    this.protocol = protocol;
    this.helo = helo;
  }

  /// Waits for the server's greeting and introduces us: by EHLO, or by HELO where that is not
  /// known.
  public Opening open() {
    Stage stage = Stage.GREETING;
    try {
      Reply greeting = wire.reply(wire.timeouts().greeting());
      greeted = greeting.code() != CLOSING;
      if (greeting.code() != READY) {
        return refusedOrBroken(stage, greeting);
      }
      stage = Stage.HELLO;
      // RFC 2033 §4.1: LHLO instead of EHLO, and nothing to fall back to.
      Reply ehlo = ask((protocol == Protocol.LMTP ? "LHLO " : "EHLO ") + helo);
      if (isDone(ehlo)) {
        capabilities = Capabilities.parse(ehlo);
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

  /// What the server can do.
  public Capabilities capabilities() {
    return capabilities;
  }

  /// True while a message may be sent.
  public boolean isOpen() {
    return open;
  }

  /// Sends one message.
  ///
  /// @param prefix header fields to stand before the content, CRLF at the end of each
  public SendResult send(Envelope envelope, String prefix, Content content) {
    if (!open || envelope.recipients().isEmpty()) {
      throw new IllegalStateException("no open session, or nobody to send to");
    }
    byte[] head = prefix.getBytes(StandardCharsets.UTF_8);
    Optional<SendResult> obstacle = obstacle(envelope, head.length + content.size());
    if (obstacle.isPresent()) {
      return obstacle.get();
    }
    Transaction transaction =
        new Transaction(wire, protocol, capabilities, needsReset, envelope, head, content);
    SendResult result = transaction.run();
    needsReset = transaction.needsReset();
    if (!transaction.mayContinue()) {
      close();
    }
    return result;
  }

  /// Says good-bye where there is somebody to say it to, also one who has refused us (RFC 5321
  /// §3.1), and closes.
  public void quit() {
    if (greeted) {
      try {
        wire.command("QUIT");
        wire.flush();
        Reply _ = wire.reply(wire.timeouts().quit());
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
  }

  private Reply ask(String command) throws LostException {
    wire.command(command);
    wire.flush();
    return wire.reply(wire.timeouts().command());
  }

  private static boolean isDone(Reply reply) {
    return reply.code() / 100 == 2;
  }

  private static Opening refusedOrBroken(Stage stage, Reply reply) {
    return reply.isPositive()
        ? new Opening.Broken(stage, "unexpected reply: " + reply)
        : new Opening.Refused(stage, reply);
  }

  /// Why this message cannot go to this server.
  private Optional<SendResult> obstacle(Envelope envelope, long sizeOctets) {
    // RFC 6531 §3.2
    if (MailCommands.needsUtf8(envelope) && !capabilities.offers(Capability.SMTPUTF8)) {
      return unsendable("5.6.7", "the message needs SMTPUTF8, which the server does not offer");
    }
    // RFC 6152 §3: without the extension, eight-bit content would have to be recoded.
    if (envelope.body() == BodyType.EIGHT_BIT_MIME
        && !capabilities.offers(Capability.EIGHT_BIT_MIME)) {
      return unsendable("5.6.3", "the message needs 8BITMIME, which the server does not offer");
    }
    // RFC 3030 §3: binary content goes by BDAT, never by DATA.
    if (envelope.body() == BodyType.BINARY_MIME) {
      return unsendable("5.6.3", "binary content cannot be sent by DATA");
    }
    OptionalLong max = capabilities.maxSize();
    // RFC 1870 §6.1
    if (max.isPresent() && sizeOctets > max.getAsLong()) {
      return unsendable(
          "5.3.4",
          "the message has " + sizeOctets + " octets, the server takes " + max.getAsLong());
    }
    return Optional.empty();
  }

  private static Optional<SendResult> unsendable(String status, String reason) {
    return Optional.of(new SendResult.Unsendable(EnhancedStatus.parse(status), reason));
  }
}
