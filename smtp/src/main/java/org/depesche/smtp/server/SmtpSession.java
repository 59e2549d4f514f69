package org.depesche.smtp.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.TlsWish;
import org.depesche.mail.Verdict;
import org.depesche.net.Connection;
import org.depesche.net.ProxiedConnection;
import org.depesche.net.ProxyHeader;
import org.depesche.net.TlsConnection;
import org.depesche.smtp.Command;
import org.depesche.smtp.CommandOrder;
import org.depesche.smtp.Phase;
import org.depesche.smtp.Phase.InTransaction;
import org.depesche.smtp.StatedClient;
import org.depesche.smtp.server.MessageReader.Progress;

/// One SMTP session, from greeting to close: a blocking loop on a virtual thread of its own, one
/// method a verb (RFC 5321 §4.1.1).
///
/// A command is parsed, then its order checked, then done. Replies are collected and leave when no
/// complete command is left in the buffer (RFC 2920).
public final class SmtpSession {

  /// Behind a line that was refused, this much is read in search of its end.
  private static final long MAX_SKIPPED_OCTETS = 1 << 20;

  /// What a log gets to see of a refused command line.
  private static final int MAX_LOGGED_OCTETS = 128;

  /// A balancer sends its header with the first segment; how long that may take to come.
  private static final Duration PROXY_PATIENCE = Duration.ofSeconds(10);

  private final SmtpService service;
  private final SessionSettings settings;
  private final Receiver receiver;
  private final SwitchedConnection connection;
  private final SessionInput input;
  private final Answers answers;
  private final MessageReader messages;

  private Client client;
  private Phase phase = new Phase.Connected();
  private int transactions;
  private int accepted;

  private volatile boolean inTransaction;
  private volatile boolean stopping;

  SmtpSession(SmtpService service, Connection connection, String id) {
    this.service = service;
    this.settings = service.settings();
    this.receiver = service.receiver();
    this.connection = new SwitchedConnection(connection);
    SessionOutput output = new SessionOutput(this.connection);
    this.input =
        new SessionInput(this.connection, output, service.ticker(), settings.commandTimeout());
    this.answers = new Answers(service, output);
    this.messages = new MessageReader(service, this.connection, input, answers);
    this.client =
        new Client(
            id,
            settings.listener(),
            connection.remote(),
            connection.local(),
            service.clock().instant());
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
      messages.abandon();
      receiver.ended(client, why.reason(), accepted);
    } catch (RuntimeException e) {
      receiver.troubled(client, "ended", e);
    } finally {
      if (why.isOurs(client.tls().isPresent())) {
        connection.finish();
      } else {
        connection.farewell();
        connection.close();
      }
    }
  }

  private Ending converse() throws IOException {
    if (settings.doorway().balancers().test(client.remote().getAddress()) && !introduced()) {
      return Ending.PROXY;
    }
    if (settings.security().implicitTls() && !secure()) {
      return Ending.TLS;
    }
    connection.limit(settings.commandTimeout());
    greet(ask("connected", () -> receiver.connected(client)), true);
    while (answers.ending().isEmpty()) {
      if (stopping && !inTransaction) {
        answers.close(Ending.SHUTDOWN, Replies.SHUTTING_DOWN);
        break;
      }
      switch (input.readLine(service.maxLineOctets())) {
        case COMPLETE -> command();
        case BARE_LF -> badLine(Replies.BARE_LF, "line feed without carriage return");
        case TOO_LONG -> badLine(Replies.LINE_TOO_LONG, "command line too long");
        case ENDED -> inputEnded();
      }
    }
    answers.flush();
    return answers.ending().get();
  }

  /// Hears from a balancer whom it speaks for; false when it does not say so.
  private boolean introduced() {
    connection.limit(PROXY_PATIENCE);
    try {
      if (ProxyHeader.read(connection) instanceof ProxyHeader.Proxied proxied) {
        connection.become(new ProxiedConnection(connection.current(), proxied));
        client = client.between(proxied.client(), proxied.server());
      }
      return true;
    } catch (IOException e) {
      receiver.proxyHeaderFailed(client, String.valueOf(e.getMessage()));
      return false;
    }
  }

  // RFC 5321 §3.1
  private void greet(Verdict verdict, boolean first) throws IOException {
    switch (verdict) {
      case Verdict.Accept _ -> {
        if (!first || keptSilent()) {
          answers.answer(service.greeting());
        }
      }
      case Verdict.Refuse(Reply reply, _) -> {
        answers.answer(reply);
        // 554 promises to wait for QUIT; others (421, RFC 7504's 521) do not.
        if (reply.code() == 554) {
          phase = new Phase.TurnedAway();
        } else {
          answers.end(Ending.REFUSED);
        }
      }
    }
  }

  /// RFC 5321 §4.3.1: the sender waits for the greeting. One that does not is a program that never
  /// reads what it is told.
  private boolean keptSilent() throws IOException {
    Doorway doorway = settings.doorway();
    if (settings.security().implicitTls() || !doorway.makesWait(client)) {
      return true;
    }
    int early = connection.readWithin(ByteBuffer.allocate(1), doorway.greetingDelay());
    if (early > 0) {
      answers.refuse(client, "CONNECT", Replies.EARLY_TALKER, "early talker");
      answers.end(Ending.REFUSED);
    } else if (early < 0) {
      inputEnded();
    }
    return early == 0;
  }

  private void command() throws IOException {
    Command command =
        offered(
            service
                .parser()
                .parse(input.bytes(), input.lineStart(), input.lineEnd(), phase.dialect()));
    Optional<Reply> outOfOrder = CommandOrder.refusal(phase, command);
    if (bringsNothing(command) && answers.idle()) {
      return;
    }
    if (outOfOrder.isEmpty()) {
      execute(command);
    } else if (command instanceof Command.Bdat(long size, _)) {
      refuseChunk(size, outOfOrder.get(), "out of order");
    } else {
      answers.refuse(client, line(), outOfOrder.get(), "out of order");
    }
    if (!mayWait(command, outOfOrder.isPresent())) {
      answers.flush();
    }
  }

  /// A command of an extension this listener does not offer is one it does not know.
  private Command offered(Command command) {
    Security security = settings.security();
    return switch (command) {
      case Command.StartTls _ when security.tls().isEmpty() || security.implicitTls() ->
          new Command.Unimplemented("STARTTLS");
      case Command.Auth _ when security.login().isEmpty() -> new Command.Unimplemented("AUTH");
      default -> command;
    };
  }

  /// Commands that a client may repeat without end and that bring no message closer. Those that are
  /// refused count as such.
  private static boolean bringsNothing(Command command) {
    return switch (command) {
      case Command.Helo _, Command.Ehlo _, Command.Mail _, Command.Rset _ -> true;
      case Command.Noop _, Command.Vrfy _, Command.Help _, Command.XClient _ -> true;
      case Command.Bdat(long size, boolean last) -> size == 0 && !last;
      case Command.Rcpt _, Command.Data _, Command.StartTls _, Command.Auth _ -> false;
      case Command.Quit _, Command.Unimplemented _, Command.Malformed _ -> false;
    };
  }

  /// Whether the reply may wait for those to the commands behind it (RFC 2920 §3.2).
  private static boolean mayWait(Command command, boolean refused) {
    return switch (command) {
      case Command.Mail _, Command.Rcpt _, Command.Rset _, Command.Bdat _ -> true;
      // 354 has left already; the reply to the message itself is not among those of RFC 2920.
      case Command.Data _ -> !refused;
      case Command.Helo _, Command.Ehlo _, Command.Vrfy _, Command.Help _ -> false;
      case Command.StartTls _, Command.Auth _, Command.XClient _ -> false;
      case Command.Noop _, Command.Quit _ -> false;
      case Command.Unimplemented _, Command.Malformed _ -> false;
    };
  }

  private void execute(Command command) throws IOException {
    switch (command) {
      case Command.Helo(String name) -> hello(name, false);
      case Command.Ehlo(String name) -> hello(name, true);
      case Command.Mail mail -> mail(mail);
      case Command.Rcpt(Recipient recipient) -> rcpt(recipient);
      case Command.Data _ -> {
        InTransaction transaction = transaction();
        proceed(messages.data(client, transaction.envelope()));
      }
      case Command.Bdat bdat -> {
        InTransaction transaction = transaction();
        phase = transaction.withChunk();
        proceed(messages.bdat(client, transaction.envelope(), bdat));
      }
      case Command.Rset _ -> {
        endTransaction();
        answers.answer(Replies.OK);
      }
      case Command.Vrfy _ -> answers.answer(Replies.CANNOT_VERIFY);
      case Command.Help _ -> answers.answer(Replies.HELP);
      case Command.Noop _ -> answers.answer(Replies.OK);
      case Command.Quit _ -> answers.close(Ending.QUIT, Replies.BYE);
      case Command.StartTls _ -> startTls();
      case Command.Auth auth -> authenticate(auth);
      case Command.XClient(StatedClient stated) -> standFor(stated);
      case Command.Unimplemented(String verb) ->
          answers.refuse(client, verb, Replies.NOT_IMPLEMENTED, "not implemented");
      case Command.Malformed malformed -> malformed(malformed);
    }
  }

  private void hello(String name, boolean extended) throws IOException {
    Client greeted = client.named(name, extended ? extendedMode() : Client.Mode.SMTP);
    switch (ask("greeted", () -> receiver.greeted(greeted))) {
      case Verdict.Accept _ -> {
        // RFC 5321 §4.1.4: as if RSET had been issued
        endTransaction();
        client = greeted;
        phase = new Phase.Identified(extended);
        answers.answer(extended ? service.ehloReply(client) : service.heloReply());
      }
      // RFC 5321 §4.1.4: the state stays what it was
      case Verdict.Refuse(Reply reply, _) -> answers.answer(reply);
    }
  }

  /// RFC 3207 §4
  private void startTls() throws IOException {
    if (client.tls().isPresent()) {
      answers.refuse(client, "STARTTLS", Replies.TLS_ALREADY, "TLS is active");
      return;
    }
    answers.answer(Replies.START_TLS);
    answers.flush();
    // RFC 3207 §4.2: whatever stands behind the command came without protection.
    input.discard();
    if (secure()) {
      connection.limit(settings.commandTimeout());
      phase = new Phase.Connected();
    } else {
      answers.end(Ending.TLS);
    }
  }

  /// Shakes hands; false when that fails.
  private boolean secure() {
    Security security = settings.security();
    try {
      TlsConnection secured =
          TlsConnection.accept(
              connection.current(),
              security.tls().orElseThrow(),
              security.handshakeTimeout(),
              service.ticker());
      connection.become(secured);
      client = client.secured(secured.details());
      return true;
    } catch (IOException e) {
      receiver.handshakeFailed(client, String.valueOf(e.getMessage()));
      return false;
    }
  }

  /// The session begins anew, with another client (Postfix's XCLIENT). What stands behind the
  /// command is of the one who speaks for it, and nothing to be thrown away.
  private void standFor(StatedClient stated) throws IOException {
    if (!settings.doorway().speaksForOthers(client)) {
      answers.refuse(client, line(), Replies.NOT_BELIEVED, "not in xclient of this listener");
      return;
    }
    if (stated.login().isPresent() && settings.security().login().isEmpty()) {
      answers.refuse(client, line(), Replies.NO_LOGIN_HERE, "XCLIENT LOGIN without logins");
      return;
    }
    Client before = client;
    client = before.standingFor(stated);
    phase = new Phase.Connected();
    if (!stated.login().orElse("").isEmpty()) {
      receiver.authenticated(client, "XCLIENT");
    }
    greet(ask("replaced", () -> receiver.replaced(before, client)), false);
  }

  /// RFC 4954 §4
  private void authenticate(Command.Auth auth) throws IOException {
    String command = "AUTH";
    if (!client.login().isEmpty()) {
      answers.refuse(client, command, Replies.AUTHENTICATED_ALREADY, "logged in already");
      return;
    }
    LoginDialogue dialogue =
        new LoginDialogue(settings.security().login().orElseThrow(), input, answers);
    LoginDialogue.Outcome outcome;
    try {
      outcome = dialogue.run(client, auth.mechanism(), auth.initial());
    } catch (RuntimeException e) {
      receiver.troubled(client, command, e);
      outcome = new LoginDialogue.Refused(Replies.LOGIN_BROKEN, "login failed: " + e);
    }
    switch (outcome) {
      case LoginDialogue.Succeeded(var identity, var credential, var reply) -> {
        client = client.authenticated(identity, credential);
        receiver.authenticated(client, auth.mechanism());
        answers.answer(reply);
      }
      case LoginDialogue.Refused(var reply, var reason) ->
          answers.refuse(client, command, reply, auth.mechanism() + ": " + reason);
      case LoginDialogue.Broken _ -> inputEnded();
    }
  }

  private Client.Mode extendedMode() {
    return settings.lmtp() ? Client.Mode.LMTP : Client.Mode.ESMTP;
  }

  private Client.Mode utf8Mode() {
    return settings.lmtp() ? Client.Mode.UTF8LMTP : Client.Mode.UTF8SMTP;
  }

  private void mail(Command.Mail mail) throws IOException {
    // RFC 4954 §6, RFC 6409 §4.3
    if (settings.security().loginRequired() && client.login().isEmpty()) {
      answers.refuse(client, line(), Replies.LOGIN_REQUIRED, "not logged in");
      return;
    }
    // RFC 8689 §2: only in a session that employs TLS
    if (mail.envelope().tls() == TlsWish.REQUIRED && client.tls().isEmpty()) {
      answers.refuse(client, line(), Replies.TLS_FIRST, "REQUIRETLS without TLS");
      return;
    }
    // RFC 9422: MAILMAX counts all MAIL commands
    if (++transactions > settings.maxMessages()) {
      answers.close(Ending.ERRORS, Replies.TOO_MANY_MESSAGES);
      return;
    }
    // RFC 1870 §6.1
    if (mail.declaredSize() > settings.maxMessageOctets()) {
      answers.refuse(client, line(), Replies.TOO_LARGE, "declared size too large");
      return;
    }
    Envelope envelope = mail.envelope();
    // RFC 6531 §4.3
    Client sender = envelope.utf8() ? client.in(utf8Mode()) : client;
    switch (ask("sender", () -> receiver.sender(sender, envelope, mail.declaredSize()))) {
      case Verdict.Accept _ -> {
        boolean extended = phase instanceof Phase.Identified(boolean e) && e;
        client = sender;
        inTransaction = true;
        phase = new InTransaction(extended, envelope, false, false);
        answers.answer(Replies.SENDER_OK);
      }
      case Verdict.Refuse(Reply reply, _) -> answers.answer(reply);
    }
  }

  private void rcpt(Recipient recipient) throws IOException {
    InTransaction transaction = transaction();
    Envelope envelope = transaction.envelope();
    List<Recipient> recipients = envelope.recipients();
    if (recipients.size() >= settings.maxRecipients()) {
      answers.refuse(client, line(), Replies.TOO_MANY_RECIPIENTS, "too many recipients");
      return;
    }
    switch (ask("recipient", () -> receiver.recipient(client, envelope, recipient))) {
      case Verdict.Accept _ -> {
        List<Recipient> more = new ArrayList<>(recipients.size() + 1);
        more.addAll(recipients);
        more.add(recipient);
        phase = transaction.with(envelope.withRecipients(more));
        answers.answer(Replies.RECIPIENT_OK);
      }
      case Verdict.Refuse(Reply reply, _) -> {
        phase = transaction.withRefusedRecipient();
        answers.answer(reply);
      }
    }
  }

  private void malformed(Command.Malformed malformed) throws IOException {
    if (malformed.chunk() > 0) {
      refuseChunk(malformed.chunk(), malformed.reply(), malformed.reason());
      return;
    }
    answers.refuse(client, line(), malformed.reply(), malformed.reason());
    if (malformed.chunk() == Command.Malformed.UNKNOWN_CHUNK) {
      // What follows may be content. Taking it for commands would let a message speak for its
      // sender.
      answers.end(Ending.ERRORS);
    }
  }

  private void refuseChunk(long size, Reply reply, String reason) throws IOException {
    Progress progress = messages.refuseBehindChunk(client, line(), size, reply, reason);
    if (progress == Progress.INPUT_ENDED) {
      inputEnded();
    }
  }

  private void proceed(Progress progress) throws IOException {
    switch (progress) {
      case UNFINISHED -> {}
      case ACCEPTED -> {
        accepted++;
        endTransaction();
      }
      case REFUSED -> endTransaction();
      case INPUT_ENDED -> inputEnded();
    }
  }

  private InTransaction transaction() {
    if (phase instanceof InTransaction transaction) {
      return transaction;
    }
    throw new IllegalStateException("CommandOrder lets no such command through in " + phase);
  }

  private void endTransaction() {
    messages.abandon();
    if (phase instanceof InTransaction transaction) {
      if (transaction.envelope().utf8()) {
        client = client.in(extendedMode());
      }
      phase = new Phase.Identified(transaction.extended());
      inTransaction = false;
    }
  }

  private void badLine(Reply reply, String reason) throws IOException {
    answers.refuse(client, "", reply, reason);
    answers.flush();
    switch (input.skipLine(MAX_SKIPPED_OCTETS)) {
      case COMPLETE -> {}
      case ENDED -> inputEnded();
      case TOO_LONG, BARE_LF -> answers.close(Ending.ERRORS, Replies.ENDLESS_LINE);
    }
  }

  private void inputEnded() throws IOException {
    if (input.tooSlow()) {
      String command = phase instanceof InTransaction t && t.chunked() ? "BDAT" : "DATA";
      answers.refuse(client, command, Replies.TOO_SLOW, "slower than limits.minimum-data-rate");
      answers.end(Ending.TIMEOUT);
    } else if (connection.timedOut() || input.lineLate()) {
      answers.close(Ending.TIMEOUT, Replies.TIMED_OUT);
    } else if (stopping) {
      answers.close(Ending.SHUTDOWN, Replies.SHUTTING_DOWN);
    } else {
      answers.end(Ending.LOST);
    }
  }

  private Verdict ask(String call, Supplier<Verdict> question) {
    try {
      return question.get();
    } catch (RuntimeException e) {
      receiver.troubled(client, call, e);
      return Verdict.refuse(Replies.INTERNAL_ERROR, "receiver failed: " + e);
    }
  }

  /// The beginning of the command line, harmless to a log.
  private String line() {
    int from = input.lineStart();
    int to = Math.min(input.lineEnd(), from + MAX_LOGGED_OCTETS);
    StringBuilder text = new StringBuilder(to - from);
    for (int i = from; i < to; i++) {
      byte b = input.bytes()[i];
      text.append(b >= ' ' && b < 0x7f ? (char) b : '?');
    }
    // A password may stand behind AUTH, also where there is a mistake in the line.
    return text.toString().regionMatches(true, 0, "AUTH", 0, 4) ? "AUTH" : text.toString();
  }
}
