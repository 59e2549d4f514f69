package org.depesche.smtp.server;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.IdentityHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.depesche.mail.Reply;
import org.depesche.net.Connection;
import org.depesche.smtp.CommandParser;
import org.depesche.smtp.Extension;

/// What all sessions of one listener share: settings, the receiver, and replies made once.
public final class SmtpService {

  private final SessionSettings settings;
  private final Receiver receiver;
  private final InstantSource clock;
  private final CommandParser parser;
  private final Reply greeting;
  private final Reply heloReply;
  private final Reply ehloReply;
  private final IdentityHashMap<Reply, byte[]> encoded =
      new IdentityHashMap<>(); // never changes once built
  private final AtomicLong lastSession;

  public SmtpService(SessionSettings settings, Receiver receiver, InstantSource clock) {
    this.settings = settings;
    this.receiver = receiver;
    this.clock = clock;
    this.parser = new CommandParser(settings.hostname());
    String hostname = settings.hostname().name();
    this.greeting = Reply.plain(220, hostname + " ESMTP");
    this.heloReply = Reply.plain(250, hostname);
    this.ehloReply =
        Extension.announcement(
            hostname,
            settings.maxMessageOctets(),
            settings.maxRecipients(),
            settings.maxMessages());
    Replies.FREQUENT.forEach(this::encode);
    encode(greeting);
    encode(heloReply);
    encode(ehloReply);
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

  CommandParser parser() {
    return parser;
  }

  Reply greeting() {
    return greeting;
  }

  Reply heloReply() {
    return heloReply;
  }

  Reply ehloReply() {
    return ehloReply;
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
