package org.depesche.delivery.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.net.ssl.SSLEngine;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Doubt;
import org.depesche.delivery.Outcome;
import org.depesche.mail.BodyType;
import org.depesche.mail.Domain;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Host;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.net.Connection;
import org.depesche.net.TlsEngines;
import org.depesche.routing.Leg;
import org.depesche.routing.Route;
import org.depesche.routing.TlsUse;
import org.depesche.smtp.client.Timeouts;
import org.depesche.spool.RecipientState;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.StoredMessage;
import org.depesche.testing.BytesContent;
import org.depesche.testing.ScriptedServer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What is kept from one message to the next, and what a server is told of recipients.
class SmtpTransportTest {

  private static final TlsEngines NO_ENGINES =
      new TlsEngines() {
        @Override
        public SSLEngine server() {
          throw new AssertionError("no TLS is meant");
        }

        @Override
        public SSLEngine client(String host, int port) {
          throw new AssertionError("no TLS is meant");
        }
      };

  private final List<ScriptedServer> asked = new ArrayList<>();

  private SmtpTransport transport(String... scripts) {
    Deque<String> waiting = new ArrayDeque<>(List.of(scripts));
    Door door =
        new Door() {
          @Override
          public Connection connect(InetSocketAddress to, Duration within) throws IOException {
            if (waiting.isEmpty()) {
              throw new IOException("Connection refused");
            }
            asked.add(ScriptedServer.of(waiting.remove()));
            return asked.getLast();
          }

          @Override
          public Connection connect(Path socket) {
            throw new AssertionError("no socket is meant");
          }
        };
    OutgoingSettings settings =
        new OutgoingSettings(
            "me.test",
            25,
            Duration.ofSeconds(30),
            Timeouts.RFC_5321,
            5,
            100,
            100,
            Duration.ofSeconds(5),
            10);
    return new SmtpTransport(
        settings,
        oneHost(),
        door,
        encryption(TlsUse.OPPORTUNISTIC),
        ForwardedSender.UNCHANGED,
        () -> 0,
        Runnable::run);
  }

  private static Encryption encryption(TlsUse use) {
    return new Encryption(_ -> use, NO_ENGINES, NO_ENGINES, Duration.ofSeconds(1));
  }

  private static HopFinder oneHost() {
    NextHops hops =
        new NextHops.Hosts(
            List.of(new NextHop("mx", List.of(InetAddress.getLoopbackAddress()), 10, false)));
    return new HopFinder() {
      @Override
      public NextHops find(Host destination) {
        return hops;
      }

      @Override
      public NextHops host(String host) {
        return hops;
      }
    };
  }

  private static Outcome deliver(SmtpTransport transport) {
    return deliver(transport, _ -> {});
  }

  /// @param doubt runs in the middle of it
  private static Outcome deliver(SmtpTransport transport, Doubt doubt) {
    return deliver(transport, doubt, new Recipient(new Mailbox("b", "there.test"))).getFirst();
  }

  private static List<Outcome> deliver(
      SmtpTransport transport, Doubt doubt, Recipient... recipients) {
    Mailbox address = new Mailbox("b", "there.test");
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    StoredEnvelope envelope =
        new StoredEnvelope(
            new EnvelopeId(1),
            now,
            4,
            new Envelope(
                new Mailbox("a", "here.test"),
                List.of(recipients),
                BodyType.SEVEN_BIT,
                false,
                Return.UNSET,
                Optional.empty()),
            List.of(recipients).stream()
                .map(_ -> (RecipientState) new RecipientState.Waiting(0, now, false, ""))
                .toList());
    List<Leg> legs =
        IntStream.range(0, recipients.length).mapToObj(i -> new Leg(i, address)).toList();
    return transport.deliver(
        new DeliveryJob(
            new StoredMessage(envelope, "", BytesContent.of("hi\r\n")),
            new Route.Mx(new Domain("there.test")),
            legs,
            doubt));
  }

  private static String hello(String... offers) {
    StringBuilder script = new StringBuilder("S: 220 mx\nC: EHLO me.test\nS: 250-mx\n");
    for (String offer : offers) {
      script.append("S: 250-").append(offer).append('\n');
    }
    return script.append("S: 250 PIPELINING\n").toString();
  }

  private static final String MESSAGE = message("");

  private static String message(String parameters) {
    return """
    C: MAIL FROM:<a@here.test>
    C: RCPT TO:<b@there.test>PARAMETERS
    C: DATA
    S: 250 ok
    S: 250 ok
    S: 354 go
    C: hi
    C: .
    S: 250 taken
    """
        .replace("PARAMETERS", parameters);
  }

  private static final String GOODBYE = "C: QUIT\nS: 221 bye\n";

  private void allWereFollowed(int servers) {
    assertThat(asked).hasSize(servers).allMatch(ScriptedServer::isDone, "followed to its end");
  }

  @Nested
  class KeptSessions {

    @Test
    void theNextMessageGoesOverTheSameSession() {
      SmtpTransport transport = transport(hello() + MESSAGE + MESSAGE);

      assertThat(deliver(transport)).isInstanceOf(Outcome.Delivered.class);
      assertThat(deliver(transport)).isInstanceOf(Outcome.Delivered.class);
      allWereFollowed(1);
    }

    @Test
    void asManyMessagesGoOverOneSessionAsTheServerTakes() { // RFC 9422 §4.1
      SmtpTransport transport =
          transport(
              hello("LIMITS MAILMAX=2") + MESSAGE + MESSAGE + GOODBYE,
              hello("LIMITS MAILMAX=2") + MESSAGE);

      for (int i = 0; i < 3; i++) {
        assertThat(deliver(transport)).isInstanceOf(Outcome.Delivered.class);
      }
      allWereFollowed(2);
    }

    @Test
    void otherTermsOfEncryptionGiveUpWhatWasKept() {
      SmtpTransport transport = transport(hello() + MESSAGE + GOODBYE, hello() + GOODBYE);
      deliver(transport);

      transport.encryption(encryption(TlsUse.REQUIRED));

      assertThat(deliver(transport))
          .isInstanceOfSatisfying(
              Outcome.Deferred.class,
              deferred -> assertThat(deferred.cause().status()).hasToString("4.7.10"));
      allWereFollowed(2);
    }

    @Test
    void aSessionInUseIsGivenUpWhenItComesBack() {
      SmtpTransport transport = transport(hello() + MESSAGE + GOODBYE, hello() + GOODBYE);

      Outcome outcome = deliver(transport, _ -> transport.encryption(encryption(TlsUse.REQUIRED)));

      assertThat(outcome).isInstanceOf(Outcome.Delivered.class);
      assertThat(deliver(transport)).isInstanceOf(Outcome.Deferred.class);
      allWereFollowed(2);
    }
  }

  @Test
  void aHostThatDoesNotAnswerHasNoPartInIt() { // RFC 3464 §2.3.5
    assertThat(deliver(transport()))
        .isInstanceOfSatisfying(
            Outcome.Deferred.class,
            deferred -> {
              assertThat(deferred.cause().host()).isEmpty();
              assertThat(deferred.cause().text())
                  .isEqualTo("cannot connect to mx:25: Connection refused");
            });
  }

  /// Aliases lead several recipients to one address.
  @Nested
  class TwoRecipientsAtOneAddress {

    private static Recipient wishing(Notify wanted, String original) {
      return new Recipient(
          new Mailbox(original, "there.test"), wanted, Optional.of("rfc822;" + original));
    }

    private static final Notify FAILURE = new Notify(false, false, true, false);

    @Test
    void eachKeepsItsWishes() { // RFC 3461 §5.2.1
      SmtpTransport transport =
          transport(
              hello("DSN")
                  + message(" NOTIFY=NEVER ORCPT=rfc822;x")
                  + message(" NOTIFY=FAILURE ORCPT=rfc822;y"));

      assertThat(
              deliver(
                  transport,
                  _ -> {},
                  wishing(Notify.NEVER, "x"),
                  wishing(FAILURE, "y"),
                  wishing(Notify.NEVER, "x")))
          .hasSize(3)
          .allMatch(Outcome.Delivered.class::isInstance);
      allWereFollowed(1);
    }

    @Test
    void oneCopyIsEnoughForThoseWhoWishTheSame() {
      SmtpTransport transport = transport(hello("DSN") + message(" NOTIFY=FAILURE ORCPT=rfc822;x"));

      assertThat(deliver(transport, _ -> {}, wishing(FAILURE, "x"), wishing(FAILURE, "y")))
          .hasSize(2)
          .allMatch(Outcome.Delivered.class::isInstance);
      allWereFollowed(1);
    }

    @Test
    void oneCopyIsEnoughWhereNoWishesArePassedOn() { // RFC 3461 §5.2.2
      SmtpTransport transport = transport(hello() + MESSAGE);

      assertThat(deliver(transport, _ -> {}, wishing(Notify.NEVER, "x"), wishing(FAILURE, "y")))
          .hasSize(2)
          .allMatch(Outcome.Delivered.class::isInstance);
      allWereFollowed(1);
    }
  }
}
