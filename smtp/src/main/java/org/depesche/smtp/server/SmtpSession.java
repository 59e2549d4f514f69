package org.depesche.smtp.server;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.depesche.net.Connection;
import org.depesche.smtp.Command;
import org.depesche.smtp.CommandOrder;
import org.depesche.smtp.CommandParser;
import org.depesche.smtp.Extension;
import org.depesche.smtp.Phase;
import org.jspecify.annotations.Nullable;

/// The server side of one SMTP session: reads a command, checks its order, does it, replies. One
/// thread runs it and may block; what the session does not know about, mail itself, it asks of its
/// `Receiver`.
final class SmtpSession {

  /// How much of an endless command line is read before the client is given up.
  private static final long MAX_SKIPPED = 65_536;

  /// What is still read from a client after our last word.
  private static final long MAX_LINGER = 262_144;

  private static final Duration LINGER_TIMEOUT = Duration.ofSeconds(2);

  private final Connection connection;
  private final Wire wire;
  private final SessionSettings settings;
  private final Receiver receiver;
  private Client client;
  private Phase phase = new Phase.Connected();
  private boolean extended;

  /// Of the open transaction.
  private @Nullable Envelope envelope;

  private final List<Recipient> recipients = new ArrayList<>(1);
  private @Nullable Transfer chunks;
  private boolean recipientRefused;

  private int errors;
  private int messages;
  private int transactions;
  private @Nullable String ending;
  private volatile boolean stopping;
  private volatile boolean busy;

  SmtpSession(
      Connection connection,
      String id,
      SessionSettings settings,
      Receiver receiver,
      InstantSource clock) {
    this.connection = connection;
    this.wire = new Wire(connection);
    this.settings = settings;
    this.receiver = receiver;
    this.client =
        new Client(
            id,
            settings.listener(),
            connection.remote(),
            connection.local(),
            clock.instant(),
            "",
            "SMTP");
  }

  /// Runs the session to its end and closes the connection.
  void run() {
    try {
      connection.limit(settings.commandTimeout());
      converse();
    } catch (IOException e) {
      end("lost");
    } catch (RuntimeException e) {
      // Whatever broke behind the port, the client learns that it is not its fault and may come
      // again.
      end("error: " + e);
      lastWord(Replies.BROKEN);
    } finally {
      abortChunks();
      connection.close();
      receiver.ended(client, ending == null ? "lost" : ending, messages);
    }
  }

  /// Asks the session to end: at once when no transaction is open, else after it. From any thread.
  void stop() {
    stopping = true;
    if (!busy) {
      connection.wake();
    }
  }

  /// Ends the session wherever it is. From any thread.
  void abort() {
    connection.close();
  }

  private void converse() throws IOException {
    if (receiver.connected(client) instanceof Verdict.Refuse(var reply, _)) {
      // RFC 5321 §3.1: a refusal may take the place of the greeting.
      end("refused");
      lastWord(reply);
      return;
    }
    wire.write(Reply.plain(220, settings.hostname() + " ESMTP Depesche"));
    while (ending == null) {
      busy = !(phase instanceof Phase.Connected) && envelope != null;
      if (stopping && !busy) {
        end("shutdown");
        lastWord(Replies.shuttingDown());
        return;
      }
      switch (wire.readLine()) {
        case READ -> step();
        case TOO_LONG -> tooLong();
        case BARE -> refuse("", Replies.BARE_LINE_END, "a line end that is not CRLF");
        case ENDED -> ended();
      }
    }
    if (ending.equals("quit")) {
      wire.flush();
    }
  }

  private void ended() {
    if (connection.timedOut()) {
      end("timeout");
      lastWord(Replies.TIMEOUT);
    } else if (stopping) {
      end("shutdown");
      lastWord(Replies.shuttingDown());
    } else {
      end("lost");
    }
  }

  private void tooLong() throws IOException {
    if (wire.skipLine(MAX_SKIPPED)) {
      refuse("", Replies.LINE_TOO_LONG, "command line longer than " + Wire.MAX_COMMAND);
    } else if (connection.timedOut() || stopping) {
      ended();
    } else {
      receiver.refused(client, "", Replies.ENDLESS_LINE, "command line without an end");
      end("errors");
      lastWord(Replies.ENDLESS_LINE);
    }
  }

  private void step() throws IOException {
    Command command =
        CommandParser.parse(
            wire.line(),
            wire.lineStart(),
            wire.lineLength(),
            new CommandParser.Context(
                settings.hostname(), extended, envelope != null && envelope.utf8()));
    Optional<Reply> outOfOrder = CommandOrder.outOfOrder(phase, command);
    if (outOfOrder.isPresent()) {
      if (command instanceof Command.Bdat bdat) {
        swallow(bdat.size());
      }
      refuse(command.verb(), outOfOrder.get(), "out of order");
      return;
    }
    switch (command) {
      case Command.Helo(var name) -> greet(name, false);
      case Command.Ehlo(var name) -> greet(name, true);
      case Command.Mail mail -> mail(mail);
      case Command.Rcpt(var recipient) -> rcpt(recipient);
      case Command.Data _ -> data();
      case Command.Bdat bdat -> bdat(bdat);
      case Command.Rset _ -> {
        reset();
        wire.write(Replies.OK);
      }
      case Command.Noop _ -> wire.write(Replies.OK);
      case Command.Help _ -> wire.write(Replies.HELP);
      // RFC 5321 §3.5.3: 252 tells nobody who lives here, and lets mail be tried.
      case Command.Vrfy _ -> wire.write(Replies.VRFY);
      case Command.Expn(_) ->
          refuse("EXPN", Replies.NOT_IMPLEMENTED, "EXPN tells who is on a list");
      case Command.Unimplemented(var verb) ->
          refuse(verb, Replies.NOT_IMPLEMENTED, "not implemented");
      case Command.Malformed(var verb, var reply, var reason) -> refuse(verb, reply, reason);
      case Command.Quit _ -> {
        end("quit");
        wire.write(Replies.bye(settings.hostname()));
      }
    }
  }

  /// HELO and EHLO (RFC 5321 §4.1.1.1). Either clears an open transaction (RFC 5321 §4.1.4).
  private void greet(String name, boolean ehlo) throws IOException {
    Client greeted =
        new Client(
            client.sessionId(),
            client.listener(),
            client.remote(),
            client.local(),
            client.connectedAt(),
            name,
            ehlo ? "ESMTP" : "SMTP");
    if (receiver.greeted(greeted) instanceof Verdict.Refuse(var reply, _)) {
      refused(reply);
      return;
    }
    reset();
    client = greeted;
    extended = ehlo;
    phase = new Phase.Identified();
    if (ehlo) {
      List<String> lines =
          Extension.ehlo(
              settings.hostname() + " greets " + name,
              settings.maxMessageSize(),
              settings.maxRecipients(),
              settings.maxMessages());
      wire.write(Reply.plain(250, lines.toArray(String[]::new)));
    } else {
      wire.write(Reply.plain(250, settings.hostname()));
    }
  }

  private void mail(Command.Mail mail) throws IOException {
    if (settings.maxMessages() > 0 && transactions >= settings.maxMessages()) {
      refuse("MAIL", Replies.TOO_MANY_MESSAGES, "limits.messages-per-session reached");
      return;
    }
    if (mail.size() > settings.maxMessageSize()) {
      // RFC 1870 §6.1: refused before a byte of it is sent.
      refuse("MAIL", Replies.TOO_BIG, "SIZE=" + mail.size() + " is more than limits.message-size");
      return;
    }
    Client sender = mail.envelope().utf8() ? withProtocol("UTF8SMTP") : client;
    if (receiver.sender(sender, mail.envelope(), mail.size())
        instanceof Verdict.Refuse(var reply, _)) {
      refused(reply);
      return;
    }
    transactions++;
    envelope = mail.envelope();
    inTransaction();
    wire.write(Replies.SENDER_OK);
  }

  private void rcpt(Recipient recipient) throws IOException {
    Envelope open = transaction();
    if (recipients.size() >= settings.maxRecipients()) {
      // RFC 5321 §4.5.3.1.10: 452, so that the client sends to the rest in another transaction.
      recipientRefused = true;
      inTransaction();
      refuse("RCPT", Replies.TOO_MANY_RECIPIENTS, "limits.recipients reached");
      return;
    }
    if (receiver.recipient(speaker(), open.withRecipients(recipients), recipient)
        instanceof Verdict.Refuse(var reply, _)) {
      recipientRefused = true;
      inTransaction();
      refused(reply);
      return;
    }
    recipients.add(recipient);
    inTransaction();
    wire.write(Replies.RECIPIENT_OK);
  }

  private void data() throws IOException {
    Transfer transfer = begin();
    if (transfer == null) {
      return;
    }
    wire.write(Replies.GO_AHEAD);
    if (!receive(() -> transfer.data(wire))) {
      return;
    }
    finish(transfer, "DATA");
  }

  private void bdat(Command.Bdat bdat) throws IOException {
    Transfer transfer = chunks;
    if (transfer == null) {
      transfer = begin();
      if (transfer == null) {
        swallow(bdat.size());
        return;
      }
      chunks = transfer;
      inTransaction();
    }
    Transfer target = transfer;
    if (!receive(() -> target.chunk(wire, bdat.size()))) {
      return;
    }
    if (bdat.last()) {
      chunks = null;
      finish(transfer, "BDAT");
    } else {
      wire.write(Reply.of(250, "2.0.0", bdat.size() + " octets received"));
    }
  }

  /// Asks the receiver for a message; null when it was refused, and said so.
  private @Nullable Transfer begin() throws IOException {
    Envelope complete = transaction().withRecipients(recipients);
    try {
      Incoming incoming = receiver.begin(speaker(), complete);
      boolean binary = complete.body() == BodyType.BINARY_MIME;
      return new Transfer(incoming, settings.maxMessageSize(), binary);
    } catch (ReceiveException e) {
      reset();
      refuse("DATA", e.reply(), e.reason());
      return null;
    }
  }

  private interface Reception {
    boolean run() throws IOException;
  }

  /// Receives content under its own time limit; false when the session has ended over it.
  private boolean receive(Reception reception) throws IOException {
    connection.limit(settings.dataTimeout());
    boolean complete;
    try {
      complete = reception.run();
    } catch (Transfer.TooMuchException e) {
      receiver.refused(client, "DATA", Replies.TOO_BIG, "far more than limits.message-size");
      end("errors");
      lastWord(Replies.TOO_BIG);
      return false;
    } finally {
      connection.limit(settings.commandTimeout());
    }
    if (!complete) {
      ended();
    }
    return complete;
  }

  private void finish(Transfer transfer, String verb) throws IOException {
    Transfer.Result result = transfer.finish();
    reset();
    switch (result) {
      case Transfer.Taken(var reply) -> {
        messages++;
        wire.write(reply);
      }
      case Transfer.NotTaken(var reply, var reason) -> refuse(verb, reply, reason);
    }
  }

  /// Reads content nobody wants, because its size was announced and the next command stands behind
  /// it (RFC 3030 §2).
  private void swallow(long size) throws IOException {
    if (Transfer.isTooMuch(size, settings.maxMessageSize())) {
      end("errors");
      lastWord(Replies.TOO_BIG);
    } else if (!wire.transfer((_, _, length) -> length, size)) {
      ended();
    }
  }

  private void reset() {
    abortChunks();
    envelope = null;
    recipients.clear();
    recipientRefused = false;
    if (phase instanceof Phase.InTransaction) {
      phase = new Phase.Identified();
    }
  }

  private void abortChunks() {
    Transfer open = chunks;
    chunks = null;
    if (open != null) {
      open.abort();
    }
  }

  private void inTransaction() {
    phase =
        new Phase.InTransaction(
            recipients.size(),
            recipientRefused,
            chunks != null,
            transaction().body() == BodyType.BINARY_MIME);
  }

  private Envelope transaction() {
    Envelope open = envelope;
    if (open == null) {
      throw new IllegalStateException("no transaction");
    }
    return open;
  }

  /// The client as it speaks in this transaction (RFC 6531 §4.3).
  private Client speaker() {
    return transaction().utf8() ? withProtocol("UTF8SMTP") : client;
  }

  private Client withProtocol(String protocol) {
    return new Client(
        client.sessionId(),
        client.listener(),
        client.remote(),
        client.local(),
        client.connectedAt(),
        client.helo(),
        protocol);
  }

  /// A refusal of ours: told to the receiver, which logs it.
  private void refuse(String verb, Reply reply, String reason) throws IOException {
    receiver.refused(client, verb, reply, reason);
    refused(reply);
  }

  /// A refusal, ours or the receiver's.
  private void refused(Reply reply) throws IOException {
    errors++;
    if (reply.code() == 421) {
      end("refused");
      lastWord(reply);
    } else if (errors >= settings.maxErrors()) {
      wire.write(reply);
      receiver.refused(client, "", Replies.TOO_MANY_ERRORS, "limits.errors reached");
      end("errors");
      lastWord(Replies.TOO_MANY_ERRORS);
    } else {
      wire.write(reply);
    }
  }

  private void end(String reason) {
    if (ending == null) {
      ending = reason;
    }
  }

  /// Says why the session ends, and sees to it that the client can read it.
  private void lastWord(Reply reply) {
    try {
      connection.limit(LINGER_TIMEOUT);
      wire.write(reply);
      wire.linger(MAX_LINGER);
    } catch (IOException e) {
      // It has gone without hearing it.
    }
  }
}
