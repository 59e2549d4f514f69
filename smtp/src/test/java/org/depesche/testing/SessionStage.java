package org.depesche.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.Domain;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Envelope;
import org.depesche.mail.Reply;
import org.depesche.mail.TlsWish;
import org.depesche.smtp.server.Security;
import org.depesche.smtp.server.SessionSettings;
import org.depesche.smtp.server.SmtpService;

/// Where a dialogue talks with a session of `mx.test` over a recording receiver.
///
/// ```
/// @limits size=1000 recipients=100 messages=10 errors=5 idle=9   before the first line
/// @login [open] [required]                                 tim may log in, without TLS, must
/// @offers-tls [implicit]                                   by STARTTLS, or from the first octet on
/// @completing DOMAIN                                       addresses may do without one
/// @logged-in NAME                                          as whom the last message was sent
/// @lmtp                                                    it speaks LMTP
/// @xclient                                                 the client may speak for others
/// @client ADDRESS PORT                                     the last one's client
/// @slow N                                                  the server gets N bytes a read at most
/// @refuse connected|greeted|sender|finish REPLY            verdicts of the receiver
/// @refuse recipient ADDRESS REPLY
/// @fail begin|write|finish REPLY                           it throws a ReceiveException
/// @break METHOD                                            it throws what it should not
/// @heal                                                    it does none of that any more
/// @stall                                                   the client keeps silent too long
/// @messages N                                              so many messages were accepted
/// @content "bytes"                                         of the last one
/// @envelope FROM -> TO, TO                                 of the last one
/// @with ESMTP                                              its protocol
/// @requires-tls                                            the last one asks for TLS all the way
/// @envid X, @ret X, @body X, @notify X, @orcpt X           of the last one and its last recipient
/// @count-writes, @writes N                                 the server has written so often since
/// @aborted-so-far N                                        so many were given up
/// @aborted N                                               the same, when the session has ended
/// @ended REASON N                                          how the last session ended
/// @refused text                                            the last refusal's log entry has this
/// @troubled METHOD                                         the last fault that was reported
/// ```
public final class SessionStage implements Dialogue.Stage {

  private final RecordingReceiver receiver = new RecordingReceiver();
  private SessionSettings settings = SessionSettings.defaults("mx.test");
  private Optional<MemoryConnection.Pair> pair = Optional.empty();
  private int writesBefore;
  private int maxRead = Integer.MAX_VALUE;
  private Optional<Thread> session = Optional.empty();

  public RecordingReceiver receiver() {
    return receiver;
  }

  @Override
  public MemoryConnection connect() {
    awaitSession();
    MemoryConnection.Pair ends = MemoryConnection.pair();
    SmtpService service = new SmtpService(settings, receiver, InstantSource.fixed(Instant.EPOCH));
    ends.server().readingAtMost(maxRead);
    pair = Optional.of(ends);
    session = Optional.of(Thread.startVirtualThread(service.session(ends.server())::run));
    return ends.client();
  }

  /// Waits for the session to end.
  public void awaitSession() {
    try {
      if (session.isPresent()) {
        session.get().join(Duration.ofSeconds(10));
        assertThat(session.get().isAlive()).as("session still alive").isFalse();
        assertThat(receiver.misuse()).isEmpty();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void direct(String name, String argument) {
    switch (name) {
      case "limits" -> settings = limits(argument);
      case "lmtp" -> settings = settings.speakingLmtp();
      case "login" -> settings = settings.withSecurity(TestLogin.security(argument));
      case "offers-tls" -> settings = settings.withSecurity(withTls(argument.equals("implicit")));
      case "completing" -> settings = settings.withCompleting(Optional.of(new Domain(argument)));
      case "logged-in" -> assertThat(last().client().login()).isEqualTo(argument);
      case "xclient" ->
          settings =
              settings.withDoorway(settings.doorway().believing(InetAddress::isLoopbackAddress));
      case "slow" -> maxRead = Integer.parseInt(argument);
      case "refuse" -> {
        int reply = firstReply(argument);
        receiver.refuse(argument.substring(0, reply).strip(), reply(argument.substring(reply)));
      }
      case "fail" -> {
        int reply = firstReply(argument);
        receiver.fail(argument.substring(0, reply).strip(), reply(argument.substring(reply)));
      }
      case "break" -> receiver.breakAt(argument);
      case "heal" -> receiver.heal();
      case "count-writes" -> writesBefore = pair.orElseThrow().server().writes();
      case "stall" -> pair.orElseThrow().server().timeOut();
      default -> check(name, argument);
    }
  }

  private void check(String name, String argument) {
    switch (name) {
      case "messages" -> assertThat(receiver.messages()).hasSize(Integer.parseInt(argument));
      case "content" ->
          assertThat(last().text())
              .isEqualTo(
                  new String(
                      Dialogue.unescape(argument.substring(1, argument.length() - 1)),
                      StandardCharsets.ISO_8859_1));
      case "envelope" -> assertThat(describe(last().envelope())).isEqualTo(argument);
      case "client" -> {
        InetSocketAddress client = last().client().remote();
        assertThat(client.getAddress().getHostAddress() + " " + client.getPort())
            .isEqualTo(argument);
      }
      case "with" -> assertThat(last().client().protocol()).isEqualTo(argument);
      case "requires-tls" -> assertThat(last().envelope().tls()).isEqualTo(TlsWish.REQUIRED);
      case "envid" -> assertThat(last().envelope().envid().orElse("none")).isEqualTo(argument);
      case "ret" -> assertThat(last().envelope().ret().name()).isEqualTo(argument);
      case "body" -> assertThat(last().envelope().body().wire()).isEqualTo(argument);
      case "notify" ->
          assertThat(last().envelope().recipients().getLast().wanted().wire()).isEqualTo(argument);
      case "orcpt" ->
          assertThat(last().envelope().recipients().getLast().original().orElse("none"))
              .isEqualTo(argument);
      case "refused" -> assertThat(receiver.refused().getLast()).contains(argument);
      case "troubled" -> assertThat(receiver.troubles().getLast()).isEqualTo(argument);
      case "writes" ->
          assertThat(pair.orElseThrow().server().writes() - writesBefore)
              .isEqualTo(Integer.parseInt(argument));
      case "aborted-so-far" -> assertThat(receiver.aborted()).hasSize(Integer.parseInt(argument));
      case "aborted" -> {
        awaitSession();
        assertThat(receiver.aborted()).hasSize(Integer.parseInt(argument));
      }
      case "ended" -> {
        awaitSession();
        assertThat(receiver.endings().getLast()).isEqualTo(argument);
      }
      default -> throw new IllegalArgumentException("no such directive: " + name);
    }
  }

  private Security withTls(boolean implicit) {
    try {
      Security before = settings.security();
      return new Security(
          Optional.of(TestTls.engines(false)),
          implicit,
          Duration.ofSeconds(10),
          before.login(),
          before.loginRequired());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RecordingReceiver.Message last() {
    assertThat(receiver.messages()).as("accepted messages").isNotEmpty();
    return receiver.messages().getLast();
  }

  private SessionSettings limits(String argument) {
    long size = settings.maxMessageOctets();
    int recipients = settings.maxRecipients();
    int messages = settings.maxMessages();
    int errors = settings.maxErrors();
    int idle = settings.maxIdleCommands();
    for (String limit : argument.split(" ", -1)) {
      int value = Integer.parseInt(limit.substring(limit.indexOf('=') + 1));
      switch (limit.substring(0, limit.indexOf('='))) {
        case "size" -> size = value;
        case "recipients" -> recipients = value;
        case "messages" -> messages = value;
        case "errors" -> errors = value;
        case "idle" -> idle = value;
        default -> throw new IllegalArgumentException(limit);
      }
    }
    return settings.withLimits(size, recipients, messages, errors, 10).withIdleCommands(idle);
  }

  private static String describe(Envelope envelope) {
    List<String> recipients = new ArrayList<>();
    envelope.recipients().forEach(r -> recipients.add(r.address().toString()));
    return envelope.sender() + " -> " + String.join(", ", recipients);
  }

  private static int firstReply(String argument) {
    for (int i = 0; i < argument.length(); i++) {
      if (Character.isDigit(argument.charAt(i)) && (i == 0 || argument.charAt(i - 1) == ' ')) {
        return i;
      }
    }
    throw new IllegalArgumentException("no reply in " + argument);
  }

  /// Reads `550 5.1.1 No such user`.
  public static Reply reply(String text) {
    String[] words = text.split(" ", 3);
    return words[1].matches("[245]\\.\\d+\\.\\d+")
        ? new Reply(
            Integer.parseInt(words[0]),
            Optional.of(EnhancedStatus.parse(words[1])),
            List.of(words[2]))
        : Reply.plain(Integer.parseInt(words[0]), text.substring(4));
  }
}
