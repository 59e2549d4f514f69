package org.depesche.smtp.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Envelope;
import org.depesche.mail.Reply;
import org.depesche.message.Content;
import org.jspecify.annotations.Nullable;

/// One message to one server: MAIL, RCPT for each recipient, DATA, the message. Where the content
/// is binary it goes in one chunk by BDAT instead (RFC 3030 §2), to those that were taken.
///
/// With PIPELINING the commands go out in groups, and DATA without waiting whether a recipient was
/// taken; when none was and the server wants the message all the same, it gets an empty one (RFC
/// 2920 §3.1). A group is small enough that its replies fit into the buffers between us: otherwise
/// both sides could wait for each other.
final class Transaction {

  /// Most commands sent before a reply is read.
  private static final int GROUP = 100;

  private static final int PIECE_OCTETS = 16 * 1024;
  private static final int CLOSING = 421;
  private static final EnhancedStatus BROKEN_CONTENT = EnhancedStatus.parse("5.6.0");
  private static final EnhancedStatus UNREADABLE = EnhancedStatus.parse("4.3.0");

  private final Wire wire;
  private final Protocol protocol;
  private final Capabilities capabilities;
  private final boolean resetFirst;
  private final Envelope envelope;
  private final byte[] prefix;
  private final Runnable beforeEnd;
  private final Content content;
  private final boolean chunked;
  private final String change;
  private final @Nullable Answer[] answers; // null while a recipient has none
  private Stage stage = Stage.MAIL;
  private boolean mayContinue = true;
  private boolean needsReset;
  private boolean inDoubt;

  Transaction(
      Wire wire,
      Protocol protocol,
      Capabilities capabilities,
      boolean resetFirst,
      Fitting.Fits message,
      byte[] prefix,
      Runnable beforeEnd) {
    this.wire = wire;
    this.protocol = protocol;
    this.capabilities = capabilities;
    this.resetFirst = resetFirst;
    this.envelope = message.envelope();
    this.prefix = prefix;
    this.beforeEnd = beforeEnd;
    this.content = message.content();
    this.chunked = message.chunked();
    this.change = message.change();
    this.answers = new Answer[envelope.recipients().size()];
  }

  SendResult run() {
    try {
      Reply last = commands();
      if (mayContinue && (chunked ? hasTaker() : last.code() / 100 == 3)) {
        return chunked ? chunk() : message();
      }
      return answered();
    } catch (LostException e) {
      mayContinue = false;
      return new SendResult.Broken(stage, e.reason(), known(), inDoubt);
    }
  }

  /// True when another transaction may follow on the connection.
  boolean mayContinue() {
    return mayContinue;
  }

  /// True when the server must be told that this transaction is over before the next.
  boolean needsReset() {
    return needsReset;
  }

  /// Sends the commands and takes the replies; answers the one to the last command that was sent.
  private Reply commands() throws LostException {
    List<String> lines = lines();
    int group = capabilities.offers(Capability.PIPELINING) ? GROUP : 1;
    int sent = 0;
    int next = 0;
    Reply reply = Reply.plain(CLOSING, "");
    boolean goOn = true;
    while (mayContinue && (next < sent || goOn && next < lines.size())) {
      if (next == sent) {
        for (int end = Math.min(sent + group, lines.size()); sent < end; sent++) {
          wire.command(lines.get(sent));
        }
        wire.flush();
      }
      reply = take(next - (resetFirst ? 1 : 0));
      next++;
      goOn &= reply.code() / 100 != 4 && reply.code() / 100 != 5 || stage == Stage.RCPT;
      // Without a group on the way there is no need to ask for DATA when nobody would get it.
      goOn &= chunked || next < lines.size() - 1 || hasTaker();
    }
    return reply;
  }

  private List<String> lines() {
    MailCommands write = new MailCommands(capabilities);
    List<String> lines = new ArrayList<>(answers.length + 3);
    if (resetFirst) {
      lines.add("RSET");
    }
    lines.add(write.mail(envelope, prefix.length + content.size()));
    envelope.recipients().forEach(to -> lines.add(write.rcpt(to)));
    if (!chunked) {
      lines.add("DATA");
    }
    return lines;
  }

  /// Takes the reply to a command.
  ///
  /// @param index -1 for RSET, 0 for MAIL, then the recipients, then DATA
  private Reply take(int index) throws LostException {
    stage = index <= 0 ? Stage.MAIL : index <= answers.length ? Stage.RCPT : Stage.DATA;
    Reply reply =
        wire.reply(stage == Stage.DATA ? wire.timeouts().dataStart() : wire.timeouts().command());
    int wanted = stage == Stage.DATA ? 3 : 2;
    boolean refused = reply.code() / 100 == 4 || reply.code() / 100 == 5;
    if (!refused && reply.code() / 100 != wanted) {
      throw new LostException("unexpected reply to " + stage + ": " + reply);
    }
    if (reply.code() == CLOSING) {
      mayContinue = false;
    }
    switch (stage) {
      case RCPT -> {
        if (refused) {
          answer(index - 1, reply);
        } else {
          needsReset = true;
        }
      }
      case MAIL -> needsReset |= !refused && index == 0;
      case GREETING, HELLO, DATA, CONTENT -> {}
    }
    if (refused && (stage != Stage.RCPT || !mayContinue)) {
      answerRest(reply);
    }
    return reply;
  }

  private SendResult answered() {
    return new SendResult.Answered(known(), change);
  }

  /// RFC 3030 §2: the octets as they are, as many as announced. The server has to take them before
  /// it answers, whatever it answers.
  private SendResult chunk() throws LostException {
    stage = Stage.CONTENT;
    long octets = prefix.length + content.size();
    wire.command("BDAT " + octets + " LAST");
    try {
      wire.expectSilence();
      wire.limit(wire.timeouts().dataBlock());
      wire.octets(prefix, 0, prefix.length);
      copy(wire::octets, this::doubt);
      wire.flushOctets();
      wire.messageSent(octets);
    } catch (ContentException e) {
      return abandon(UNREADABLE, String.valueOf(e.getMessage()));
    } catch (DotStuffer.BareLineEndException e) {
      throw new IllegalStateException("a chunk has no lines", e);
    } catch (IOException e) {
      return lastWords(e);
    }
    SendResult result =
        protocol == Protocol.LMTP ? settleEach() : settle(wire.reply(wire.timeouts().dataEnd()));
    // RFC 3030 §2: after a chunk that was refused nobody knows where the transaction stands.
    needsReset = known().stream().anyMatch(a -> a.stage() == Stage.CONTENT && !a.accepted());
    return result;
  }

  /// From the last octet on nobody but the server knows.
  private void doubt() {
    beforeEnd.run();
    inDoubt = true;
  }

  private SendResult message() throws LostException {
    boolean wanted = hasTaker();
    stage = Stage.CONTENT;
    try {
      DotStuffer out = wire.message();
      if (wanted) {
        out.write(prefix, 0, prefix.length);
        copy(out::write, () -> {});
      }
      if (wanted) {
        doubt();
      }
      wire.messageSent(out.end());
    } catch (DotStuffer.BareLineEndException e) {
      return abandon(BROKEN_CONTENT, String.valueOf(e.getMessage()));
    } catch (ContentException e) {
      return abandon(UNREADABLE, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return lastWords(e);
    }
    needsReset = false;
    return wanted && protocol == Protocol.LMTP
        ? settleEach()
        : settle(wire.reply(wire.timeouts().dataEnd()));
  }

  /// RFC 2033 §4.2: a reply for each recipient that was taken, in their order. When they stop in
  /// the middle, those that have theirs keep it, and the others are in doubt.
  private SendResult settleEach() throws LostException {
    for (int i = 0; i < answers.length && mayContinue; i++) {
      if (answers[i] == null) {
        Reply reply = wire.reply(wire.timeouts().dataEnd());
        if (reply.code() / 100 == 3) {
          throw new LostException("unexpected reply to the message: " + reply);
        }
        mayContinue = reply.code() != CLOSING;
        answer(i, reply);
        if (!mayContinue) {
          answerRest(reply);
        }
      }
    }
    inDoubt = false;
    return answered();
  }

  private SendResult settle(Reply reply) throws LostException {
    if (reply.code() / 100 == 3) {
      throw new LostException("unexpected reply to the message: " + reply);
    }
    inDoubt = false;
    mayContinue &= reply.code() != CLOSING;
    answerRest(reply);
    return answered();
  }

  /// Takes octets of the message.
  private interface Octets {
    void write(byte[] bytes, int offset, int length)
        throws IOException, DotStuffer.BareLineEndException;
  }

  /// @param beforeLast runs before the last piece is handed on
  private void copy(Octets out, Runnable beforeLast)
      throws IOException, DotStuffer.BareLineEndException, ContentException {
    ByteBuffer piece = ByteBuffer.allocate(Math.clamp(content.size(), 1, PIECE_OCTETS));
    for (long at = 0; at < content.size(); at += piece.limit()) {
      int read = readPiece(at, piece.clear());
      if (read <= 0) {
        throw new ContentException("the message ends at octet " + at);
      }
      if (at + read == content.size()) {
        beforeLast.run();
      }
      out.write(piece.flip().array(), 0, read);
    }
  }

  private int readPiece(long at, ByteBuffer into) throws ContentException {
    try {
      return content.read(at, into);
    } catch (IOException e) {
      throw new ContentException("the message cannot be read: " + e.getMessage());
    }
  }

  /// Leaves the server without an end of the message, so that it drops what it has (RFC 5321
  /// §4.1.1.4).
  private SendResult abandon(EnhancedStatus status, String reason) {
    wire.discard();
    mayContinue = false;
    return new SendResult.Unsendable(status, reason);
  }

  /// The connection broke while the message was being sent: some servers refuse early and close, so
  /// what they said may be there to be read.
  private SendResult lastWords(IOException cause) throws LostException {
    mayContinue = false;
    wire.discard();
    Reply reply;
    try {
      reply = wire.reply(wire.timeouts().quit());
    } catch (LostException _) {
      throw wire.lost(cause);
    }
    if (reply.code() < 400) {
      throw wire.lost(cause);
    }
    return settle(reply);
  }

  private boolean hasTaker() {
    return Arrays.stream(answers).anyMatch(Objects::isNull);
  }

  /// Notes what decided about a recipient; what comes later (503 to RCPT after a refused MAIL) only
  /// follows from it.
  private void answer(int index, Reply reply) {
    if (answers[index] == null) {
      answers[index] = new Answer(envelope.recipients().get(index), stage, reply);
    }
  }

  private void answerRest(Reply reply) {
    for (int i = 0; i < answers.length; i++) {
      answer(i, reply);
    }
  }

  private List<Answer> known() {
    return Arrays.stream(answers).filter(Objects::nonNull).toList();
  }

  /// The message cannot be read on our side.
  private static final class ContentException extends Exception {

    private static final long serialVersionUID = 1L;

    private ContentException(String reason) {
      super(reason);
    }
  }
}
