package org.depesche.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.depesche.mail.Reply;
import org.depesche.sasl.Channel;
import org.depesche.sasl.ClientCredentials;
import org.depesche.sasl.Mechanism;
import org.depesche.sasl.SaslClient;
import org.depesche.testing.ScriptedServer;
import org.junit.jupiter.api.Test;

/// RFC 4954 §4, the client's side.
class LoginTest {

  private static final ClientCredentials TIM =
      new ClientCredentials.Password("tim", "tanstaaftanstaaf");

  private final List<String> heard = new ArrayList<>();

  private SmtpClient opened(ScriptedServer server) {
    Transcript transcript =
        new Transcript() {
          @Override
          public void client(String line) {
            heard.add(line);
          }

          @Override
          public void content(long octets) {}

          @Override
          public void server(String line) {}
        };
    SmtpClient client = new SmtpClient(server, "me.test", Timeouts.RFC_5321, () -> 0, transcript);
    assertThat(client.open()).isInstanceOf(Opening.Ready.class);
    return client;
  }

  private static SaslClient.Terms secure() {
    return new SaslClient.Terms(Channel.SECURE, EnumSet.allOf(Mechanism.class), new Random(4));
  }

  private static ScriptedServer offering(String mechanisms, String rest) {
    return ScriptedServer.of(
        """
        S: 220 mx.test ESMTP
        C: EHLO me.test
        S: 250-mx.test
        S: 250 AUTH %s
        """
                .formatted(mechanisms)
            + rest);
  }

  @Test
  void thePasswordGoesWithTheCommandAndNotIntoTheTranscript() {
    ScriptedServer server =
        offering(
            "LOGIN PLAIN UNHEARD-OF",
            """
            C: AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm
            S: 235 2.7.0 welcome
            """);
    SmtpClient client = opened(server);

    assertThat(client.login(TIM, secure())).isEqualTo(new Login.Accepted(Mechanism.PLAIN));
    assertThat(client.isOpen()).isTrue();
    assertThat(server.isDone()).isTrue();
    assertThat(heard).containsExactly("EHLO me.test", "AUTH PLAIN (hidden)");
  }

  @Test
  void aServerThatSpeaksFirstIsAnsweredByTurns() {
    ScriptedServer server =
        offering(
            "LOGIN",
            """
            C: AUTH LOGIN
            S: 334 VXNlcm5hbWU6
            C: dGlt
            S: 334 UGFzc3dvcmQ6
            C: dGFuc3RhYWZ0YW5zdGFhZg==
            S: 235 2.7.0 welcome
            """);

    assertThat(opened(server).login(TIM, secure())).isEqualTo(new Login.Accepted(Mechanism.LOGIN));
    assertThat(heard).containsExactly("EHLO me.test", "AUTH LOGIN", "(hidden)", "(hidden)");
  }

  @Test
  void anInitialResponseThatIsTooLongForALineWaitsForAnEmptyChallenge() {
    ClientCredentials token = new ClientCredentials.Token("tim", "t".repeat(600), "mx.test", 25);
    ScriptedServer server =
        offering(
            "XOAUTH2",
            """
            C: AUTH XOAUTH2
            S: 334
            """);

    // The script ends where the token would be answered.
    assertThat(opened(server).login(token, secure())).isInstanceOf(Login.Failed.class);
    assertThat(heard).containsExactly("EHLO me.test", "AUTH XOAUTH2", "(hidden)");
  }

  @Test
  void aRefusedLoginLeavesTheSessionAsItIs() {
    SmtpClient client =
        opened(
            offering(
                "PLAIN",
                """
                C: AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm
                S: 535 5.7.8 no
                """));

    assertThat(client.login(TIM, secure()))
        .isEqualTo(new Login.Refused(Reply.of(535, "5.7.8", "no")));
    assertThat(client.isOpen()).isTrue();
  }

  @Test
  void aServerThatClosesIsClosed() {
    SmtpClient client =
        opened(
            offering(
                "PLAIN",
                """
                C: AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm
                S: 421 4.7.0 too many
                """));

    assertThat(client.login(TIM, secure())).isInstanceOf(Login.Refused.class);
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void aPasswordDoesNotGoWhereOthersCanReadIt() {
    SmtpClient client = opened(offering("PLAIN LOGIN", ""));
    SaslClient.Terms open =
        new SaslClient.Terms(Channel.OPEN, EnumSet.allOf(Mechanism.class), new Random(4));

    assertThat(client.login(TIM, open)).isInstanceOf(Login.NotPossible.class);
    assertThat(client.isOpen()).isTrue();
  }

  @Test
  void successBeforeTheServerHasProvenItselfIsNotBelieved() {
    SmtpClient client =
        opened(
            offering(
                "LOGIN",
                """
                C: AUTH LOGIN
                S: 235 2.7.0 welcome, whoever you are
                """));

    assertThat(client.login(TIM, secure())).isInstanceOf(Login.Failed.class);
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void whatIsForgoneIsNotSeen() {
    SmtpClient client =
        new SmtpClient(
            offering("PLAIN", ""), "me.test", Timeouts.RFC_5321, () -> 0, Transcript.NONE);

    client.forgo(Set.of(Capability.AUTH));

    assertThat(client.open()).isInstanceOf(Opening.Ready.class);
    assertThat(client.capabilities().mechanisms()).isEmpty();
  }
}
