package org.depesche.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.depesche.smtp.client.Dialogues.HELLO;
import static org.depesche.smtp.client.Dialogues.PLAIN;
import static org.depesche.smtp.client.Dialogues.client;
import static org.depesche.smtp.client.Dialogues.opened;

import org.depesche.mail.Reply;
import org.depesche.testing.ScriptedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The beginning of a session: greeting, EHLO, what it says.
class SmtpClientOpeningTest {

  // RFC 5321 §3.2
  @Test
  void aServerThatDoesNotKnowEhloIsGreetedWithHelo() {
    ScriptedServer server =
        ScriptedServer.of(
            HELLO
                + """
                S: 502 5.5.1 what?
                C: HELO me.test
                S: 250 mx.test
                """);

    assertThat(client(server).open()).isEqualTo(new Opening.Ready(Capabilities.NONE));
  }

  @Test
  void capabilitiesAreReadWhateverTheirCaseAndOrder() {
    ScriptedServer server =
        ScriptedServer.of(
            HELLO
                + """
                S: 250-mx.test at your service
                S: 250-size 1024
                S: 250-8bitmime
                S: 250-AUTH PLAIN LOGIN
                S: 250-
                S: 250 X-ODD=1
                """);

    SmtpClient client = opened(server);

    assertThat(client.capabilities().offers(Capability.EIGHT_BIT_MIME)).isTrue();
    assertThat(client.capabilities().offers(Capability.PIPELINING)).isFalse();
    assertThat(client.capabilities().maxSize()).hasValue(1024);
    assertThat(client.capabilities().byKeyword()).containsEntry("AUTH", "PLAIN LOGIN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIZE", "SIZE 0", "SIZE x", "SIZE -1", "SIZE 99999999999999999999"})
  void aSizeThatNamesNoLimitIsNoLimit(String line) {
    ScriptedServer server = ScriptedServer.of(HELLO + "S: 250-mx.test\nS: 250 " + line + "\n");

    assertThat(opened(server).capabilities().maxSize()).isEmpty();
  }

  // RFC 9422 §4.1, §4.2
  @Test
  void limitsAreRead() {
    ScriptedServer server =
        ScriptedServer.of(HELLO + "S: 250-mx.test\nS: 250 LIMITS RCPTMAX=20 mailmax=5 X=1\n");
    ScriptedServer odd =
        ScriptedServer.of(HELLO + "S: 250-mx.test\nS: 250 LIMITS MAILMAX=0 RCPTMAX=x\n");

    Capabilities limits = opened(server).capabilities();
    Capabilities none = opened(odd).capabilities();

    assertThat(limits.maxMessages()).hasValue(5);
    assertThat(limits.maxRecipients()).hasValue(20);
    assertThat(none.maxMessages()).isEmpty();
    assertThat(none.maxRecipients()).isEmpty();
  }

  // RFC 5321 §3.1
  @Test
  void aRefusalAsGreetingIsAnsweredWithQuit() {
    ScriptedServer server =
        ScriptedServer.of("S: 554 5.7.1 no service\nC: QUIT\nS: 221 2.0.0 bye\n");
    SmtpClient client = client(server);

    Opening opening = client.open();
    client.quit();

    assertThat(opening)
        .isEqualTo(new Opening.Refused(Stage.GREETING, Reply.of(554, "5.7.1", "no service")));
    assertThat(server.isDone()).isTrue();
  }

  @Test
  void aServerThatIsClosingIsNotSpokenToAgain() {
    ScriptedServer server = ScriptedServer.of("S: 421 4.3.2 later\n");
    SmtpClient client = client(server);

    Opening opening = client.open();
    client.quit();

    assertThat(opening)
        .isEqualTo(new Opening.Refused(Stage.GREETING, Reply.of(421, "4.3.2", "later")));
    assertThat(server.received()).isEmpty();
    assertThat(server.isClosed()).isTrue();
  }

  @Test
  void aTemporaryRefusalOfEhloIsNoReasonForHelo() {
    ScriptedServer server = ScriptedServer.of(HELLO + "S: 451 4.3.0 not now\n");

    assertThat(client(server).open())
        .isEqualTo(new Opening.Refused(Stage.HELLO, Reply.of(451, "4.3.0", "not now")));
    assertThat(server.received()).isEqualTo("EHLO me.test\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "S: SSH-2.0-OpenSSH_9.2",
        "S! \\n\\n",
        "S! 220",
        "@silence",
        "@reset",
        "S: 354 go ahead",
        "S: 250 hello",
        "S! 220-a\\r\\n",
        "S: 220 mx.test\nS: 220 twice",
        "S: 220 mx.test\nC: EHLO me.test",
        "S: 220 mx.test\nC: EHLO me.test\n@silence",
        "S: 220 mx.test\nC: EHLO me.test\nS: 354 what",
        "S: 220 mx.test\nC: EHLO me.test\nS: 250-mx.test\nS: 550 no"
      })
  void whatIsNoGreetingBreaksTheSession(String script) {
    ScriptedServer server = ScriptedServer.of(script);
    SmtpClient client = client(server);

    Opening opening = client.open();

    assertThat(opening).isInstanceOf(Opening.Broken.class);
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void aServerIsAskedWhetherItIsStillThere() {
    ScriptedServer server =
        ScriptedServer.of(PLAIN + "C: NOOP\nS: 250 2.0.0 ok\nC: NOOP\nS: 421 4.4.2 too late\n");
    SmtpClient client = opened(server);

    assertThat(client.noop()).isTrue();
    assertThat(client.isOpen()).isTrue();
    assertThat(client.noop()).isFalse();
    assertThat(client.isOpen()).isFalse();
    assertThat(client.noop()).isFalse();
  }
}
