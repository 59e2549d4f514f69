package org.depesche.delivery.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import org.depesche.delivery.Cause;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Doubt;
import org.depesche.delivery.Outcome;
import org.depesche.mail.BodyType;
import org.depesche.mail.Domain;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Host;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.net.Connection;
import org.depesche.net.TlsEngines;
import org.depesche.routing.Leg;
import org.depesche.routing.RelayTarget;
import org.depesche.routing.Route;
import org.depesche.routing.TlsUse;
import org.depesche.smtp.client.Timeouts;
import org.depesche.spool.RecipientState;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.StoredMessage;
import org.depesche.testing.BytesContent;
import org.depesche.testing.ScriptedServer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Next hops as they are, one dialogue a file in `src/test/dialogues/next-hop`: what each host says
/// (`S:`) and has to hear (`C:`), and what becomes of each recipient (`=>`). The message is `hi` or
/// what `content:` says, with the body type of `body:`; `utf8` says that SMTPUTF8 was given.
class NextHopDialogueTest {

  private static final Path DIALOGUES = Path.of("src/test/dialogues/next-hop");

  @TestFactory
  Stream<DynamicTest> theDialogue() throws IOException {
    try (Stream<Path> files = Files.list(DIALOGUES)) {
      return files.sorted().toList().stream()
          .map(
              file ->
                  DynamicTest.dynamicTest(
                      String.valueOf(file.getFileName()), () -> Play.read(file).run()));
    }
  }

  @Test
  void thereAreAsManyAsOneCanThinkOf() throws IOException {
    try (Stream<Path> files = Files.list(DIALOGUES)) {
      assertThat(files.count()).isGreaterThanOrEqualTo(50);
    }
  }

  private static final Encryption NO_TLS =
      new Encryption(_ -> TlsUse.NEVER, refusing(), refusing(), Duration.ofSeconds(1));

  private static TlsEngines refusing() {
    return new TlsEngines() {
      @Override
      public SSLEngine server() {
        throw new AssertionError("no TLS is meant");
      }

      @Override
      public SSLEngine client(String host, int port) {
        throw new AssertionError("no TLS is meant");
      }
    };
  }

  /// One file.
  ///
  /// @param hosts a script for each host in their order, or that it refuses the connection, or that
  ///   it must not be asked
  private record Play(
      List<String> to,
      boolean lmtp,
      boolean utf8,
      BodyType body,
      String content,
      List<String> hosts,
      List<String> expected) {

    static final String REFUSED = "refused";
    static final String NOT_ASKED = "not asked";

    static Play read(Path file) throws IOException {
      List<String> to = new ArrayList<>();
      List<String> hosts = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      boolean lmtp = false;
      boolean utf8 = false;
      BodyType body = BodyType.SEVEN_BIT;
      String content = "hi\r\n";
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith("to: ")) {
          to.addAll(List.of(line.substring(4).split(" ")));
        } else if (line.equals("lmtp")) {
          lmtp = true;
        } else if (line.equals("utf8")) {
          utf8 = true;
        } else if (line.startsWith("body: ")) {
          body = BodyType.valueOf(line.substring(6));
        } else if (line.startsWith("content: ")) {
          content = line.substring(9).translateEscapes();
        } else if (line.equals("== connection")) {
          hosts.add("");
        } else if (line.equals("== refused")) {
          hosts.add(REFUSED);
        } else if (line.equals("== not asked")) {
          hosts.add(NOT_ASKED);
        } else if (line.startsWith("=> ")) {
          expected.add(line.substring(3));
        } else if (!line.startsWith("#")) {
          hosts.set(hosts.size() - 1, hosts.getLast() + line + "\n");
        }
      }
      return new Play(to, lmtp, utf8, body, content, hosts, expected);
    }

    void run() {
      Deque<ScriptedServer> asked = new ArrayDeque<>();
      List<String> doubted = new ArrayList<>();
      List<Outcome> outcomes = transport(asked).deliver(job(doubted::add));

      assertThat(asked).allMatch(ScriptedServer::isDone, "followed to its end");
      assertThat(outcomes).hasSize(expected.size());
      for (int i = 0; i < outcomes.size(); i++) {
        String[] wanted = expected.get(i).split(" ", 3);
        assertThat(wanted[0]).isEqualTo(to.get(i));
        assertThat(text(outcomes.get(i)))
            .startsWith(wanted[1] + " ")
            .satisfies(text -> containsAll(text, wanted[2]));
        if (outcomes.get(i) instanceof Outcome.Delivered(var by, _, _)) {
          assertThat(doubted).as("written down before its end was sent").contains(by);
        }
      }
    }

    /// `MESSAGE 4.2.2 some words`: scope and status as words, then words that occur.
    private static void containsAll(String text, String wanted) {
      String rest = wanted;
      while (rest.matches("([A-Z]{4,}|\\d\\.\\d+\\.\\d+)( .*)?")) {
        String word = rest.split(" ", 2)[0];
        assertThat(text).contains(" " + word + " ");
        rest = rest.equals(word) ? "" : rest.substring(word.length() + 1);
      }
      assertThat(text).contains(rest);
    }

    private static String text(Outcome outcome) {
      return switch (outcome) {
        case Outcome.Delivered(var to, var reply, _) -> "delivered by " + to + ": " + reply;
        case Outcome.Deferred(var scope, var cause) -> "deferred " + scope + " " + text(cause);
        case Outcome.Failed(var cause) -> "failed " + text(cause);
      };
    }

    private static String text(Cause cause) {
      return cause.status() + " " + cause.text();
    }

    private SmtpTransport transport(Deque<ScriptedServer> asked) {
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
      Deque<String> waiting = new ArrayDeque<>(hosts);
      Door door =
          new Door() {
            @Override
            public Connection connect(InetSocketAddress to, Duration within) throws IOException {
              String script = waiting.remove();
              assertThat(script).as("this host must not be asked").isNotEqualTo(NOT_ASKED);
              if (script.equals(REFUSED)) {
                throw new IOException("Connection refused");
              }
              asked.add(ScriptedServer.of(script));
              return asked.getLast();
            }

            @Override
            public Connection connect(Path socket) {
              throw new AssertionError("no socket is meant");
            }
          };
      return new SmtpTransport(
          settings, finder(), door, NO_TLS, ForwardedSender.UNCHANGED, () -> 0, Runnable::run);
    }

    private HopFinder finder() {
      List<NextHop> found = new ArrayList<>();
      for (int i = 1; i <= hosts.size(); i++) {
        found.add(new NextHop("mx" + i, List.of(InetAddress.getLoopbackAddress()), 10 * i, false));
      }
      return new HopFinder() {
        @Override
        public NextHops find(Host destination) {
          return new NextHops.Hosts(found);
        }

        @Override
        public NextHops host(String host) {
          return new NextHops.Hosts(found);
        }
      };
    }

    private DeliveryJob job(Doubt doubt) {
      List<Recipient> recipients = new ArrayList<>();
      List<Leg> legs = new ArrayList<>();
      for (String address : to) {
        String[] parts = address.split("@");
        recipients.add(new Recipient(new Mailbox(parts[0], parts[1])));
        legs.add(new Leg(legs.size(), recipients.getLast().address()));
      }
      Instant now = Instant.parse("2026-01-01T00:00:00Z");
      StoredEnvelope envelope =
          new StoredEnvelope(
              new EnvelopeId(1),
              now,
              4,
              new Envelope(
                  new Mailbox("a", "here.test"),
                  recipients,
                  body,
                  utf8,
                  Return.UNSET,
                  Optional.empty()),
              recipients.stream()
                  .map(_ -> (RecipientState) new RecipientState.Waiting(0, now, false, ""))
                  .toList());
      Route route =
          lmtp
              ? new Route.Relay(new RelayTarget.Tcp(true, "mx1", 24))
              : new Route.Mx(new Domain("there.test"));
      return new DeliveryJob(
          new StoredMessage(envelope, "", BytesContent.of(content)), route, legs, doubt);
    }
  }
}
