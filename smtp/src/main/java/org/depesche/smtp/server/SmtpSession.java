package org.depesche.smtp.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.depesche.net.Connection;
import org.depesche.smtp.ChunkReader;
import org.depesche.smtp.Command;
import org.depesche.smtp.CommandOrder;
import org.depesche.smtp.DataReader;
import org.depesche.smtp.Phase;
import org.depesche.smtp.Phase.InTransaction;
import org.depesche.smtp.Violation;

/// One SMTP session, from greeting to close: a blocking loop on a virtual thread of its own, one
/// method a verb (RFC 5321 §4.1.1).
///
/// A command is parsed, then its order checked, then done; each step is a value of the one before.
/// Replies are collected and leave when no complete command is left in the buffer (RFC 2920).
public final class SmtpSession {

  /// Behind a line that was refused, this much is read in search of its end.
  private static final long MAX_SKIPPED_OCTETS = 1 << 20;

  /// So much more than the largest message is read and dropped, to tell the client what was wrong
  /// with its message rather than to leave it with a lost connection.
  private static final long SWALLOWED_OCTETS = 1 << 20;

  /// What a log gets to see of a refused command line.
  private static final int MAX_LOGGED_OCTETS = 128;

  /// A message that comes in chunks (RFC 3030).
  private record Chunks(Transfer transfer, ChunkReader reader) {}

  private final SmtpService service;
  private final SessionSettings settings;
  private final Receiver receiver;
  private final Connection connection;
  private final SessionOutput output;
  private final SessionInput input;

  private Client client;
  private Phase phase = new Phase.Connected();
  private Optional<Chunks> chunks = Optional.empty();
  private Optional<Ending> ending = Optional.empty();
  private int errors;
  private int transactions;
  private int accepted;

  private volatile boolean inTransaction;
  private volatile boolean stopping;

  SmtpSession(SmtpService service, Connection connection, String id) {
    this.service = service;
    this.settings = service.settings();
    this.receiver = service.receiver();
    this.connection = connection;
    this.output = new SessionOutput(connection);
    this.input = new SessionInput(connection, output);
    this.client =
        new Client(
            id,
            settings.listener(),
            connection.remote(),
            connection.local(),
            service.clock().instant(),
            "",
            "SMTP");
  }

  /// Serves the client to the end and closes the connection.
  public void run() {
    Ending why = Ending.BROKEN;
    try {
      why = converse();
    } catch (IOException _) {
      // The peer cannot be told any more.
      why = connection.timedOut() ? Ending.TIMEOUT : stopping ? Ending.SHUTDOWN : Ending.LOST;
    } finally {
      end(why);
    }
  }

  /// Ends the session from another thread: at once when no transaction is open, else behind it.
  void stop() {
    stopping = true;
    if (!inTransaction) {
      connection.endInput();
    }
  }

  /// Ends the session from another thread, whatever it is doing.
  void cut() {
    stopping = true;
    connection.close();
  }

  private void end(Ending why) {
    try {
      abandonChunks();
      receiver.ended(client, why.reason(), accepted);
    } catch (RuntimeException e) {
      receiver.troubled(client, "ended", e);
    } finally {
      if (why.isOurs()) {
        connection.finish();
      } else {
        connection.close();
      }
    }
  }

  private Ending converse() throws IOException {
    connection.limit(settings.commandTimeout());
    greet();
    while (ending.isEmpty()) {
      if (stopping && !inTransaction) {
        close(Ending.SHUTDOWN, Replies.SHUTTING_DOWN);
        break;
      }
      switch (input.readLine()) {
        case COMPLETE -> command();
        case BARE_LF -> badLine(Replies.BARE_LF, "line feed without carriage return");
        case TOO_LONG -> badLine(Replies.LINE_TOO_LONG, "command line too long");
        case ENDED -> inputEnded();
      }
    }
    output.flush();
    return ending.get();
  }

  // RFC 5321 §3.1
  private void greet() throws IOException {
    switch (ask("connected", () -> receiver.connected(client))) {
      case Verdict.Accept _ -> answer(service.greeting());
      case Verdict.Refuse(Reply reply, _) -> {
        answer(reply);
        // 554 promises to wait for QUIT; others (421, RFC 7504's 521) do not.
        if (reply.code() == 554) {
          phase = new Phase.TurnedAway();
        } else {
          ending = Optional.of(Ending.REFUSED);
        }
      }
    }
  }

  private void command() throws IOException {
    int from = input.lineStart();
    int to = input.lineEnd();
    Command command = service.parser().parse(input.bytes(), from, to, phase.dialect());
    Optional<Reply> outOfOrder = CommandOrder.refusal(phase, command);
    if (outOfOrder.isPresent()) {
      String line = loggable(input.bytes(), from, to);
      if (!(command instanceof Command.Bdat(long size, _)) || swallow(size, outOfOrder.get())) {
        refuse(outOfOrder.get(), line, "out of order");
      }
    } else {
      execute(command);
    }
    // DATA has sent its own reply; the one to the message may wait again.
    if (!mayWait(command) && !(command instanceof Command.Data && outOfOrder.isEmpty())) {
      output.flush();
    }
  }

  /// Whether the reply may wait for the replies to the commands behind it (RFC 2920 §3.2).
  private static boolean mayWait(Command command) {
    return switch (command) {
      case Command.Mail _, Command.Rcpt _, Command.Rset _, Command.Bdat _ -> true;
      case Command.Helo _, Command.Ehlo _, Command.Data _, Command.Vrfy _ -> false;
      case Command.Help _, Command.Noop _, Command.Quit _ -> false;
      case Command.Unimplemented _, Command.Malformed _ -> false;
    };
  }

  private void execute(Command command) throws IOException {
    switch (command) {
      case Command.Helo(String name) -> hello(name, false);
      case Command.Ehlo(String name) -> hello(name, true);
      case Command.Mail mail -> mail(mail);
      case Command.Rcpt(Recipient recipient) -> rcpt(recipient);
      case Command.Data _ -> data();
      case Command.Bdat bdat -> bdat(bdat);
      case Command.Rset _ -> {
        endTransaction();
        answer(Replies.OK);
      }
      case Command.Vrfy _ -> answer(Replies.CANNOT_VERIFY);
      case Command.Help _ -> answer(Replies.HELP);
      case Command.Noop _ -> answer(Replies.OK);
      case Command.Quit _ -> close(Ending.QUIT, Replies.BYE);
      case Command.Unimplemented(String verb) ->
          refuse(Replies.NOT_IMPLEMENTED, verb, "not implemented");
      case Command.Malformed malformed -> malformed(malformed);
    }
  }

  private void malformed(Command.Malformed malformed) throws IOException {
    String line = loggable(input.bytes(), input.lineStart(), input.lineEnd());
    if (malformed.chunk() == Command.Malformed.UNKNOWN_CHUNK) {
      // What follows may be content. Taking it for commands would let a message speak for its
      // sender.
      refuse(malformed.reply(), line, malformed.reason());
      ending = Optional.of(Ending.ERRORS);
    } else if (swallow(malformed.chunk(), malformed.reply())) {
      refuse(malformed.reply(), line, malformed.reason());
    }
  }

  private void hello(String name, boolean extended) throws IOException {
    Client greeted = client.named(name, extended ? "ESMTP" : "SMTP");
    switch (ask("greeted", () -> receiver.greeted(greeted))) {
      case Verdict.Accept _ -> {
        // RFC 5321 §4.1.4: as if RSET had been issued
        endTransaction();
        client = greeted;
        phase = new Phase.Identified(extended);
        answer(extended ? service.ehloReply() : service.heloReply());
      }
      // RFC 5321 §4.1.4: the state stays what it was
      case Verdict.Refuse(Reply reply, _) -> answer(reply);
    }
  }

  private void mail(Command.Mail mail) throws IOException {
    if (++transactions > settings.maxMessages()) {
      close(Ending.ERRORS, Replies.TOO_MANY_MESSAGES);
      return;
    }
    // RFC 1870 §6.1
    if (mail.declaredSize() > settings.maxMessageOctets()) {
      refuse(Replies.TOO_LARGE, "MAIL", "declared size " + mail.declaredSize());
      return;
    }
    Envelope envelope = mail.envelope();
    Client sender = envelope.utf8() ? client.named(client.helo(), "UTF8SMTP") : client;
    switch (ask("sender", () -> receiver.sender(sender, envelope, mail.declaredSize()))) {
      case Verdict.Accept _ -> {
        client = sender;
        inTransaction = true;
        phase = new InTransaction(isExtended(), envelope, mail.declaredSize(), false, false);
        answer(Replies.SENDER_OK);
      }
      case Verdict.Refuse(Reply reply, _) -> answer(reply);
    }
  }

  private boolean isExtended() {
    return phase instanceof Phase.Identified(boolean extended) && extended;
  }

  private void rcpt(Recipient recipient) throws IOException {
    InTransaction transaction = transaction();
    List<Recipient> recipients = transaction.envelope().recipients();
    if (recipients.size() >= settings.maxRecipients()) {
      refuse(Replies.TOO_MANY_RECIPIENTS, "RCPT", "more than " + settings.maxRecipients());
      return;
    }
    switch (ask("recipient", () -> receiver.recipient(client, transaction.envelope(), recipient))) {
      case Verdict.Accept _ -> {
        List<Recipient> more = new ArrayList<>(recipients.size() + 1);
        more.addAll(recipients);
        more.add(recipient);
        phase = transaction.with(transaction.envelope().withRecipients(more));
        answer(Replies.RECIPIENT_OK);
      }
      case Verdict.Refuse(Reply reply, _) -> {
        phase = transaction.withRefusedRecipient();
        answer(reply);
      }
    }
  }

  private void data() throws IOException {
    Transfer transfer;
    try {
      transfer = begin();
    } catch (ReceiveException e) {
      refuse(e.reply(), "DATA", e.reason());
      output.flush();
      endTransaction();
      return;
    }
    try {
      answer(Replies.START_DATA);
      output.flush();
      DataReader reader = new DataReader();
      connection.limit(settings.dataTimeout());
      boolean complete = readData(reader, transfer);
      connection.limit(settings.commandTimeout());
      if (complete) {
        conclude("DATA", transfer, reader.violation());
      }
    } finally {
      transfer.abort();
    }
  }

  /// Reads to the end of the data; false when the session ends instead.
  private boolean readData(DataReader reader, Transfer transfer) throws IOException {
    SessionInput.Consumer consumer =
        (bytes, offset, length) -> reader.read(bytes, offset, length, transfer);
    long octets = 0;
    while (!reader.atEnd()) {
      int taken = input.pass(Integer.MAX_VALUE, consumer);
      if (taken < 0) {
        inputEnded();
        return false;
      }
      octets += taken;
      if (octets > maxSwallowed()) {
        close(Ending.ERRORS, Replies.TOO_LARGE);
        return false;
      }
    }
    return true;
  }

  // RFC 3030 §2
  private void bdat(Command.Bdat bdat) throws IOException {
    if (chunks.isEmpty()) {
      try {
        chunks = Optional.of(new Chunks(begin(), chunkReader()));
        phase = transaction().withChunk();
      } catch (ReceiveException e) {
        refuseChunk(bdat, e.reply(), e.reason());
        return;
      }
    }
    Chunks message = chunks.get();
    Transfer transfer = message.transfer();
    if (bdat.size() > settings.maxMessageOctets() - transfer.octets()) {
      refuseChunk(bdat, Replies.TOO_LARGE, "more than " + settings.maxMessageOctets() + " octets");
      return;
    }
    connection.limit(settings.dataTimeout());
    boolean complete =
        input.passAll(bdat.size(), (b, from, n) -> message.reader().read(b, from, n, transfer));
    connection.limit(settings.commandTimeout());
    if (!complete) {
      inputEnded();
      return;
    }
    if (bdat.last()) {
      message.reader().end();
    }
    Optional<Violation> violation = message.reader().violation();
    if (bdat.last() || violation.isPresent() || transfer.failure().isPresent()) {
      conclude("BDAT", transfer, violation);
    } else {
      answer(Replies.CHUNK_OK);
    }
  }

  /// A failed chunk ends the transaction. Chunks of it that are still on their way find none, and
  /// get 503 (RFC 3030 §2).
  private void refuseChunk(Command.Bdat bdat, Reply reply, String reason) throws IOException {
    if (swallow(bdat.size(), reply)) {
      refuse(reply, "BDAT", reason);
      endTransaction();
    }
  }

  private ChunkReader chunkReader() {
    return transaction().envelope().body() == BodyType.BINARY_MIME
        ? ChunkReader.ofBinary()
        : ChunkReader.ofText();
  }

  private Transfer begin() throws ReceiveException {
    try {
      Incoming incoming = receiver.begin(client, transaction().envelope());
      return new Transfer(incoming, settings.maxMessageOctets(), this::troubled);
    } catch (RuntimeException e) {
      troubled("begin", e);
      throw new ReceiveException(Replies.INTERNAL_ERROR, "receiver failed: " + e);
    }
  }

  private void conclude(String verb, Transfer transfer, Optional<Violation> violation)
      throws IOException {
    violation.ifPresent(v -> transfer.fail(Replies.BAD_BYTES, v.text()));
    Receipt receipt = transfer.finish();
    endTransaction();
    switch (receipt) {
      case Receipt.Accepted(Reply reply) -> {
        accepted++;
        errors = 0;
        answer(reply);
      }
      case Receipt.Refused(Reply reply, String reason) -> {
        if (transfer.failure().isPresent()) {
          refuse(reply, verb, reason);
        } else {
          answer(reply);
        }
      }
    }
  }

  /// Reads and drops a chunk that is not wanted (RFC 3030 §2); false when the session ends instead.
  private boolean swallow(long size, Reply instead) throws IOException {
    if (size > maxSwallowed()) {
      close(Ending.ERRORS, instead);
      return false;
    }
    if (!input.passAll(size, (_, _, _) -> {})) {
      inputEnded();
      return false;
    }
    return true;
  }

  private long maxSwallowed() {
    return 2 * settings.maxMessageOctets() + SWALLOWED_OCTETS;
  }

  private InTransaction transaction() {
    if (phase instanceof InTransaction transaction) {
      return transaction;
    }
    throw new IllegalStateException("CommandOrder lets no such command through in " + phase);
  }

  private void endTransaction() {
    abandonChunks();
    if (phase instanceof InTransaction transaction) {
      if (transaction.envelope().utf8()) {
        client = client.named(client.helo(), "ESMTP");
      }
      phase = new Phase.Identified(transaction.extended());
      inTransaction = false;
    }
  }

  private void abandonChunks() {
    chunks.ifPresent(message -> message.transfer().abort());
    chunks = Optional.empty();
  }

  private void badLine(Reply reply, String reason) throws IOException {
    refuse(reply, "", reason);
    output.flush();
    switch (input.skipLine(MAX_SKIPPED_OCTETS)) {
      case COMPLETE -> {}
      case ENDED -> inputEnded();
      case TOO_LONG, BARE_LF -> close(Ending.ERRORS, Replies.ENDLESS_LINE);
    }
  }

  private void inputEnded() throws IOException {
    if (connection.timedOut()) {
      close(Ending.TIMEOUT, Replies.TIMED_OUT);
    } else if (stopping) {
      close(Ending.SHUTDOWN, Replies.SHUTTING_DOWN);
    } else {
      ending = Optional.of(Ending.LOST);
    }
  }

  private void close(Ending why, Reply lastWords) throws IOException {
    output.add(service.wire(lastWords));
    ending = Optional.of(why);
  }

  private void answer(Reply reply) throws IOException {
    output.add(service.wire(reply));
    if (reply.code() == 421) {
      // RFC 5321 §3.8: 421 announces that we close.
      ending = Optional.of(Ending.REFUSED);
    } else if (reply.isPermanent() && ++errors > settings.maxErrors() && ending.isEmpty()) {
      close(Ending.ERRORS, Replies.TOO_MANY_ERRORS);
    }
  }

  private void refuse(Reply reply, String command, String reason) throws IOException {
    try {
      receiver.refused(client, command, reply, reason);
    } catch (RuntimeException e) {
      troubled("refused", e);
    }
    answer(reply);
  }

  private Verdict ask(String call, Supplier<Verdict> question) {
    try {
      return question.get();
    } catch (RuntimeException e) {
      troubled(call, e);
      return Verdict.refuse(Replies.INTERNAL_ERROR, "receiver failed: " + e);
    }
  }

  private void troubled(String call, RuntimeException cause) {
    receiver.troubled(client, call, cause);
  }

  /// The beginning of a command line, harmless to a log.
  private static String loggable(byte[] bytes, int from, int to) {
    int length = Math.min(to - from, MAX_LOGGED_OCTETS);
    StringBuilder text = new StringBuilder(length);
    for (int i = from; i < from + length; i++) {
      text.append(bytes[i] >= ' ' && bytes[i] < 0x7f ? (char) bytes[i] : '?');
    }
    return text.toString();
  }
}
