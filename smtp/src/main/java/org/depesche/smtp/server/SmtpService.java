package org.depesche.smtp.server;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.depesche.mail.Reply;
import org.depesche.net.Connection;
import org.depesche.sasl.Mechanism;
import org.depesche.smtp.CommandParser;
import org.depesche.smtp.Extension;
import org.depesche.smtp.StatedClient.Attribute;
import org.depesche.time.Ticker;

/// What all sessions of one listener share: settings, the receiver, and replies made once.
public final class SmtpService {

  private final SessionSettings settings;
  private final Receiver receiver;
  private final InstantSource clock;
  private final Ticker ticker;
  private final CommandParser parser;
  private final Reply greeting;
  private final Reply heloReply;
  private final Reply ehloReply;
  private final Reply ehloReplyWithStartTls;
  private final Reply ehloReplyWithinTls;
  private final IdentityHashMap<Reply, byte[]> encoded =
      new IdentityHashMap<>(); // never changes once built
  private final AtomicLong lastSession;

  public SmtpService(SessionSettings settings, Receiver receiver, InstantSource clock) {
    this(settings, receiver, clock, Ticker.system());
  }

  /// @param ticker for the time a handshake takes
  SmtpService(SessionSettings settings, Receiver receiver, InstantSource clock, Ticker ticker) {
    this.ticker = ticker;
    this.settings = settings;
    this.receiver = receiver;
    this.clock = clock;
    this.parser =
        new CommandParser(
            settings.hostname(),
            settings.security().login().isPresent(),
            settings.lmtp(),
            settings.completing());
    String hostname = settings.hostname().name();
    this.greeting = Reply.plain(220, hostname + (settings.lmtp() ? " LMTP" : " ESMTP"));
    this.heloReply = Reply.plain(250, hostname);
    this.ehloReply = announcement(false, false, List.of(), List.of());
    this.ehloReplyWithStartTls = announcement(true, false, List.of(), List.of());
    this.ehloReplyWithinTls = announcement(false, true, List.of(), List.of());
    Replies.FREQUENT.forEach(this::encode);
    encode(greeting);
    encode(heloReply);
    encode(ehloReply);
    encode(ehloReplyWithStartTls);
    encode(ehloReplyWithinTls);
    // A thousand names a millisecond since the start, so that a later start repeats none.
    this.lastSession = new AtomicLong(clock.millis() * 1000);
  }

  /// A session over a connection; it begins with its `run`.
  public SmtpSession session(Connection connection) {
    return new SmtpSession(this, connection, Long.toString(lastSession.incrementAndGet(), 36));
  }

  SessionSettings settings() {
    return settings;
  }

  Receiver receiver() {
    return receiver;
  }

  InstantSource clock() {
    return clock;
  }

  Ticker ticker() {
    return ticker;
  }

  CommandParser parser() {
    return parser;
  }

  Reply greeting() {
    return greeting;
  }

  Reply heloReply() {
    return heloReply;
  }

  /// What this client is offered now.
  Reply ehloReply(Client client) {
    Security security = settings.security();
    boolean startTls =
        security.tls().isPresent() && !security.implicitTls() && client.tls().isEmpty();
    List<String> mechanisms =
        security
            .login()
            .filter(_ -> client.login().isEmpty())
            .map(login -> LoginDialogue.offered(login, client))
            .orElse(Set.of())
            .stream()
            .map(Mechanism::wireName)
            .toList();
    List<String> attributes =
        settings.doorway().speaksForOthers(client)
            ? Arrays.stream(Attribute.values())
                .filter(each -> each != Attribute.LOGIN || security.login().isPresent())
                .map(Attribute::name)
                .toList()
            : List.of();
    if (!mechanisms.isEmpty() || !attributes.isEmpty()) {
      return announcement(startTls, client.tls().isPresent(), mechanisms, attributes);
    }
    return startTls
        ? ehloReplyWithStartTls
        : client.tls().isPresent() ? ehloReplyWithinTls : ehloReply;
  }

  private Reply announcement(
      boolean startTls, boolean secured, List<String> mechanisms, List<String> attributes) {
    return Extension.announcement(
        settings.hostname().name(),
        settings.maxMessageOctets(),
        settings.maxRecipients(),
        settings.maxMessages(),
        startTls,
        secured,
        mechanisms,
        attributes);
  }

  /// Longest line of a command, CRLF included.
  int maxLineOctets() {
    // RFC 4954 §4: an initial response may make the AUTH command as long as any line of an
    // exchange.
    return settings.security().login().isPresent()
        ? LoginDialogue.MAX_LINE_OCTETS
        : CommandParser.MAX_LINE_OCTETS;
  }

  /// A reply's bytes on the wire.
  byte[] wire(Reply reply) {
    byte[] known = encoded.get(reply);
    return known != null ? known : reply.wire().getBytes(StandardCharsets.UTF_8);
  }

  private void encode(Reply reply) {
    encoded.put(reply, reply.wire().getBytes(StandardCharsets.UTF_8));
  }
}
