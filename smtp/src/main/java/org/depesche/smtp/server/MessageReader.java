package org.depesche.smtp.server;

import java.io.IOException;
import java.util.Optional;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Reply;
import org.depesche.net.Connection;
import org.depesche.smtp.ChunkReader;
import org.depesche.smtp.Command;
import org.depesche.smtp.DataReader;
import org.depesche.smtp.Violation;

/// Takes the messages of a session from the wire to the receiver, by DATA (RFC 5321 §4.1.1.4) or in
/// chunks (RFC 3030), and answers for them.
final class MessageReader {

  /// So much more than the largest message is read and dropped, to tell the client what was wrong
  /// with its message rather than to leave it with a lost connection.
  private static final long SWALLOWED_OCTETS = 1 << 20;

  /// How a command with content went.
  enum Progress {
    /// More chunks are to come.
    UNFINISHED,
    /// Accepted; the transaction is over.
    ACCEPTED,
    /// Refused; the transaction is over.
    REFUSED,
    /// The input has ended in the middle.
    INPUT_ENDED
  }

  /// A message that comes in chunks.
  private record Chunks(Transfer transfer, ChunkReader reader) {}

  private final SmtpService service;
  private final Connection connection;
  private final SessionInput input;
  private final Answers answers;
  private final long maxOctets;
  private Optional<Chunks> chunks = Optional.empty();

  MessageReader(SmtpService service, Connection connection, SessionInput input, Answers answers) {
    this.service = service;
    this.connection = connection;
    this.input = input;
    this.answers = answers;
    this.maxOctets = service.settings().maxMessageOctets();
  }

  /// Gives up a message whose last chunk has not come.
  void abandon() {
    chunks.ifPresent(message -> message.transfer().abort());
    chunks = Optional.empty();
  }

  Progress data(Client client, Envelope envelope) throws IOException {
    Transfer transfer;
    try {
      transfer = begin(client, envelope);
    } catch (ReceiveException e) {
      answers.refuse(client, "DATA", e.reply(), e.reason());
      answers.flush();
      return Progress.REFUSED;
    }
    try {
      answers.answer(Replies.START_DATA);
      answers.flush();
      DataReader reader = new DataReader();
      connection.limit(service.settings().dataTimeout());
      Progress progress = readData(reader, transfer);
      connection.limit(service.settings().commandTimeout());
      return progress == Progress.ACCEPTED
          ? conclude(client, "DATA", answersWanted(envelope), transfer, reader.violation())
          : progress;
    } finally {
      transfer.abort();
    }
  }

  /// Reads to the end of the data.
  private Progress readData(DataReader reader, Transfer transfer) throws IOException {
    SessionInput.Consumer consumer =
        (bytes, offset, length) -> reader.read(bytes, offset, length, transfer);
    long octets = 0;
    while (!reader.atEnd()) {
      int taken = input.pass(Integer.MAX_VALUE, consumer);
      if (taken < 0) {
        return Progress.INPUT_ENDED;
      }
      octets += taken;
      if (octets > maxSwallowed()) {
        answers.close(Ending.ERRORS, Replies.TOO_LARGE);
        return Progress.REFUSED;
      }
    }
    return Progress.ACCEPTED;
  }

  // RFC 3030 §2
  Progress bdat(Client client, Envelope envelope, Command.Bdat bdat) throws IOException {
    if (chunks.isEmpty()) {
      try {
        chunks = Optional.of(new Chunks(begin(client, envelope), chunkReader(envelope)));
      } catch (ReceiveException e) {
        return refuseChunk(client, bdat, e.reply(), e.reason());
      }
    }
    Chunks message = chunks.get();
    Transfer transfer = message.transfer();
    if (bdat.size() > maxOctets - transfer.octets()) {
      return refuseChunk(
          client, bdat, Replies.TOO_LARGE, "message larger than " + maxOctets + " octets");
    }
    connection.limit(service.settings().dataTimeout());
    boolean complete =
        input.passAll(bdat.size(), (b, from, n) -> message.reader().read(b, from, n, transfer));
    connection.limit(service.settings().commandTimeout());
    if (!complete) {
      return Progress.INPUT_ENDED;
    }
    if (bdat.last()) {
      message.reader().end();
    }
    Optional<Violation> violation = message.reader().violation();
    if (bdat.last() || violation.isPresent() || transfer.failure().isPresent()) {
      return conclude(
          client, "BDAT", bdat.last() ? answersWanted(envelope) : 1, transfer, violation);
    }
    answers.answer(Replies.CHUNK_OK);
    return Progress.UNFINISHED;
  }

  /// A failed chunk ends the transaction. Chunks of it that are still on their way find none, and
  /// get 503 (RFC 3030 §2).
  private Progress refuseChunk(Client client, Command.Bdat bdat, Reply reply, String reason)
      throws IOException {
    abandon();
    return refuseBehindChunk(client, "BDAT", bdat.size(), reply, reason);
  }

  /// Reads and drops a chunk before its refusal is sent (RFC 3030 §2).
  Progress refuseBehindChunk(Client client, String command, long size, Reply reply, String reason)
      throws IOException {
    if (size > maxSwallowed()) {
      answers.close(Ending.ERRORS, reply);
      return Progress.REFUSED;
    }
    input.keepTo(pace(client));
    if (!input.passAll(size, (_, _, _) -> {})) {
      return Progress.INPUT_ENDED;
    }
    answers.refuse(client, command, reply, reason);
    return Progress.REFUSED;
  }

  private static ChunkReader chunkReader(Envelope envelope) {
    return envelope.body() == BodyType.BINARY_MIME ? ChunkReader.ofBinary() : ChunkReader.ofText();
  }

  /// Those who have logged in, and trusted clients, may take their time.
  private Pace pace(Client client) {
    Doorway doorway = service.settings().doorway();
    return new Pace(
        client.login().isEmpty() && !doorway.spared().test(client.remote().getAddress())
            ? doorway.minimumRate()
            : Optional.empty());
  }

  private Transfer begin(Client client, Envelope envelope) throws ReceiveException {
    Receiver receiver = service.receiver();
    input.keepTo(pace(client));
    try {
      return new Transfer(
          receiver.begin(client, envelope),
          maxOctets,
          (call, cause) -> receiver.troubled(client, call, cause));
    } catch (RuntimeException e) {
      receiver.troubled(client, "begin", e);
      throw new ReceiveException(Replies.INTERNAL_ERROR, "receiver failed: " + e);
    }
  }

  /// RFC 2033 §4.2: LMTP answers the end of a message for each recipient that was taken. Here it is
  /// the same for all, because all are taken together or none is.
  private int answersWanted(Envelope envelope) {
    return service.settings().lmtp() ? envelope.recipients().size() : 1;
  }

  private Progress conclude(
      Client client,
      String verb,
      int answersWanted,
      Transfer transfer,
      Optional<Violation> violation)
      throws IOException {
    violation.ifPresent(v -> transfer.fail(Replies.BAD_BYTES, v.text()));
    Receipt receipt = transfer.finish();
    abandon();
    return switch (receipt) {
      case Receipt.Accepted(Reply reply) -> {
        answers.forgetErrors();
        repeat(reply, answersWanted);
        yield Progress.ACCEPTED;
      }
      case Receipt.Refused(Reply reply, String reason) -> {
        if (transfer.failure().isPresent()) {
          answers.refuse(client, verb, reply, reason);
          repeat(reply, answersWanted - 1);
        } else {
          repeat(reply, answersWanted);
        }
        yield Progress.REFUSED;
      }
    };
  }

  private void repeat(Reply reply, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      answers.answer(reply);
    }
  }

  private long maxSwallowed() {
    return 2 * maxOctets + SWALLOWED_OCTETS;
  }
}
