package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.BodyType;
import org.depesche.mail.Domain;
import org.depesche.mail.Envelope;
import org.depesche.mail.Host;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.mail.ReversePath;
import org.depesche.mail.TlsWish;
import org.depesche.spool.RecipientState;

/// Envelopes and recipient states as bytes. What does not decode is an IOException, whatever the
/// bytes are.
final class EnvelopeCodec {

  private static final int VERSION = 1;

  /// With what is asked of TLS; written for mail that asks, read always.
  private static final int VERSION_WITH_TLS = 2;

  /// States with addresses that are over; written where there are some, read always.
  private static final int VERSION_WITH_DONE = 2;

  /// Smallest bytes a recipient takes, to refuse counts that cannot be.
  private static final int MIN_RECIPIENT = 8;

  /// Smallest bytes an address takes.
  private static final int MIN_MAILBOX = 9;

  private static final int UNSET = 1;
  private static final int SUCCESS = 2;
  private static final int FAILURE = 4;
  private static final int DELAY = 8;

  private static final int WAITING = 1;
  private static final int HELD = 2;
  private static final int DELIVERED = 3;
  private static final int FAILED = 4;
  private static final int REMOVED = 5;
  private static final int DISCARDED = 6;
  private static final int DISCARDED_HELD = 7;

  /// What a message record says before its content.
  record Head(Envelope envelope, Instant receivedAt, String prefix) {}

  private static final RecipientState DONE = new RecipientState.Delivered();

  private static final RecipientState.Waiting NO_WAIT =
      new RecipientState.Waiting(0, Instant.EPOCH, false, "");

  private EnvelopeCodec() {}

  static byte[] encode(Head head) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      Envelope envelope = head.envelope();
      boolean asks = envelope.tls() != TlsWish.UNSET;
      out.writeByte(asks ? VERSION_WITH_TLS : VERSION);
      out.writeLong(head.receivedAt().toEpochMilli());
      text(out, head.prefix());
      path(out, envelope.sender());
      text(out, envelope.body().name());
      out.writeBoolean(envelope.utf8());
      text(out, envelope.ret().name());
      optional(out, envelope.envid());
      if (asks) {
        text(out, envelope.tls().name());
      }
      out.writeInt(envelope.recipients().size());
      for (Recipient recipient : envelope.recipients()) {
        mailbox(out, recipient.address());
        out.writeByte(flags(recipient.wanted()));
        optional(out, recipient.original());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static Head decode(byte[] bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readByte();
      if (version != VERSION && version != VERSION_WITH_TLS) {
        throw new IOException("envelope of an unknown version");
      }
      Instant receivedAt = Instant.ofEpochMilli(in.readLong());
      String prefix = text(in);
      ReversePath sender = path(in);
      BodyType body = BodyType.valueOf(text(in));
      boolean utf8 = in.readBoolean();
      Return ret = Return.valueOf(text(in));
      Optional<String> envid = optional(in);
      TlsWish tls = version == VERSION ? TlsWish.UNSET : TlsWish.valueOf(text(in));
      int count = in.readInt();
      if (count < 0 || count > bytes.length / MIN_RECIPIENT) {
        throw new IOException("more recipients than bytes");
      }
      List<Recipient> recipients = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        recipients.add(new Recipient(mailbox(in), wanted(in.readByte()), optional(in)));
      }
      return new Head(
          new Envelope(sender, recipients, body, utf8, ret, envid, tls), receivedAt, prefix);
    } catch (EOFException e) {
      throw new IOException("envelope that is cut off", e);
    } catch (IllegalArgumentException e) {
      throw new IOException("envelope with a value that cannot be: " + e.getMessage(), e);
    }
  }

  static byte[] encodeStates(List<RecipientState> states) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 + 24 * states.size());
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      boolean done = states.stream().anyMatch(EnvelopeCodec::isPartlyDone);
      out.writeByte(done ? VERSION_WITH_DONE : VERSION);
      out.writeInt(states.size());
      for (RecipientState state : states) {
        state(out, state, done);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static boolean isPartlyDone(RecipientState state) {
    return switch (state) {
      case RecipientState.Waiting w -> !w.done().isEmpty();
      case RecipientState.Held(var w) -> !w.done().isEmpty();
      case RecipientState.Discarded(var w, _, _) -> !w.done().isEmpty();
      case RecipientState.Delivered _, RecipientState.Failed _, RecipientState.Removed _ -> false;
    };
  }

  private static void state(DataOutputStream out, RecipientState state, boolean done)
      throws IOException {
    switch (state) {
      case RecipientState.Waiting waiting -> {
        out.writeByte(WAITING);
        waiting(out, waiting, done);
      }
      case RecipientState.Held(var previous) -> {
        out.writeByte(HELD);
        waiting(out, previous, done);
      }
      case RecipientState.Discarded(var previous, var held, var until) -> {
        out.writeByte(held ? DISCARDED_HELD : DISCARDED);
        waiting(out, previous, done);
        out.writeLong(until.toEpochMilli());
      }
      case RecipientState.Delivered _ -> out.writeByte(DELIVERED);
      case RecipientState.Failed(var cause) -> {
        out.writeByte(FAILED);
        text(out, cause);
      }
      case RecipientState.Removed _ -> out.writeByte(REMOVED);
    }
  }

  static List<RecipientState> decodeStates(byte[] bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readByte();
      if (version != VERSION && version != VERSION_WITH_DONE) {
        throw new IOException("states of an unknown version");
      }
      int count = in.readInt();
      if (count < 0 || count > bytes.length) {
        throw new IOException("more states than bytes");
      }
      List<RecipientState> states = new ArrayList<>(count);
      RecipientState.Waiting wait = NO_WAIT;
      for (int i = 0; i < count; i++) {
        byte kind = in.readByte();
        if (kind == WAITING || kind == HELD || kind == DISCARDED || kind == DISCARDED_HELD) {
          wait = waiting(in, wait, version == VERSION_WITH_DONE);
        }
        states.add(
            switch (kind) {
              case WAITING -> wait;
              case HELD -> new RecipientState.Held(wait);
              case DISCARDED, DISCARDED_HELD ->
                  new RecipientState.Discarded(
                      wait, kind == DISCARDED_HELD, Instant.ofEpochMilli(in.readLong()));
              case DELIVERED -> DONE;
              case FAILED -> new RecipientState.Failed(text(in));
              case REMOVED -> new RecipientState.Removed();
              default -> throw new IOException("unknown state");
            });
      }
      return states;
    } catch (EOFException e) {
      throw new IOException("states that are cut off", e);
    } catch (IllegalArgumentException e) {
      throw new IOException("states with a value that cannot be: " + e.getMessage(), e);
    }
  }

  private static void waiting(DataOutputStream out, RecipientState.Waiting waiting, boolean done)
      throws IOException {
    out.writeInt(waiting.attempts());
    out.writeLong(waiting.next().toEpochMilli());
    out.writeBoolean(waiting.warned());
    text(out, waiting.cause());
    text(out, waiting.via());
    if (done) {
      out.writeInt(waiting.done().size());
      for (Mailbox address : waiting.done()) {
        mailbox(out, address);
      }
    }
  }

  /// The states of a thousand recipients are read for each attempt, and most are alike: those that
  /// are become one.
  ///
  /// @param last the one before
  private static RecipientState.Waiting waiting(
      DataInputStream in, RecipientState.Waiting last, boolean withDone) throws IOException {
    int attempts = in.readInt();
    long next = in.readLong();
    boolean warned = in.readBoolean();
    String cause = text(in);
    String via = text(in);
    List<Mailbox> done = withDone ? mailboxes(in) : List.of();
    boolean alike =
        attempts == last.attempts()
            && next == last.next().toEpochMilli()
            && warned == last.warned()
            && cause.equals(last.cause())
            && via.equals(last.via())
            && done.equals(last.done());
    return alike
        ? last
        : new RecipientState.Waiting(
            attempts, Instant.ofEpochMilli(next), warned, cause, via, done);
  }

  private static List<Mailbox> mailboxes(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > in.available() / MIN_MAILBOX) {
      throw new IOException("more addresses than bytes");
    }
    List<Mailbox> addresses = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      addresses.add(mailbox(in));
    }
    return addresses;
  }

  private static int flags(Notify wanted) {
    return (wanted.unset() ? UNSET : 0)
        | (wanted.success() ? SUCCESS : 0)
        | (wanted.failure() ? FAILURE : 0)
        | (wanted.delay() ? DELAY : 0);
  }

  private static Notify wanted(int flags) {
    return new Notify(
        (flags & UNSET) != 0, (flags & SUCCESS) != 0, (flags & FAILURE) != 0, (flags & DELAY) != 0);
  }

  private static void path(DataOutputStream out, ReversePath path) throws IOException {
    switch (path) {
      case NullPath _ -> out.writeBoolean(false);
      case Mailbox mailbox -> {
        out.writeBoolean(true);
        mailbox(out, mailbox);
      }
    }
  }

  private static ReversePath path(DataInputStream in) throws IOException {
    return in.readBoolean() ? mailbox(in) : NullPath.INSTANCE;
  }

  private static void mailbox(DataOutputStream out, Mailbox mailbox) throws IOException {
    text(out, mailbox.localPart());
    switch (mailbox.host()) {
      case Domain(var name) -> {
        out.writeBoolean(false);
        text(out, name);
      }
      case AddressLiteral(var content) -> {
        out.writeBoolean(true);
        text(out, content);
      }
    }
  }

  private static Mailbox mailbox(DataInputStream in) throws IOException {
    String local = text(in);
    boolean literal = in.readBoolean();
    String host = text(in);
    Host parsed = literal ? new AddressLiteral(host) : new Domain(host);
    return new Mailbox(local, parsed);
  }

  private static void optional(DataOutputStream out, Optional<String> value) throws IOException {
    out.writeBoolean(value.isPresent());
    if (value.isPresent()) {
      text(out, value.get());
    }
  }

  private static Optional<String> optional(DataInputStream in) throws IOException {
    return in.readBoolean() ? Optional.of(text(in)) : Optional.empty();
  }

  private static void text(DataOutputStream out, String s) throws IOException {
    byte[] bytes = s.getBytes(UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("text longer than what holds it");
    }
    if (length == 0) {
      return "";
    }
    return new String(in.readNBytes(length), UTF_8);
  }
}
