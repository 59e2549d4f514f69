package org.depesche.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.testing.ScriptedServer;

/// Clients, their servers from scripts, and what came of it.
final class Dialogues {

  static final String HELLO =
      """
      S: 220 mx.test ESMTP
      C: EHLO me.test
      """;
  static final String PIPELINING =
      HELLO
          + """
          S: 250-mx.test
          S: 250-PIPELINING
          S: 250 SIZE 1000
          """;
  static final String PLAIN = HELLO + "S: 250 mx.test\n";

  /// A session up to the content of a message.
  static final String UP_TO_CONTENT =
      PLAIN
          + """
          C: MAIL FROM:<a@here.test>
          S: 250 ok
          C: RCPT TO:<b@there.test>
          S: 250 ok
          C: DATA
          """;

  static SmtpClient client(ScriptedServer server) {
    return new SmtpClient(server, "me.test", Timeouts.RFC_5321, () -> 0, Transcript.NONE);
  }

  static SmtpClient opened(ScriptedServer server) {
    SmtpClient client = client(server);
    assertThat(client.open()).isInstanceOf(Opening.Ready.class);
    return client;
  }

  static Envelope envelope(String... recipients) {
    List<Recipient> to = new ArrayList<>();
    for (String each : recipients) {
      to.add(new Recipient(new Mailbox(each, "there.test")));
    }
    return new Envelope(new Mailbox("a", "here.test"), to);
  }

  static SendResult send(ScriptedServer server, String... recipients) {
    return opened(server)
        .send(envelope(recipients), "Received: x\r\n", TextContent.of("\r\n.hi\r\n"));
  }

  static List<String> answers(SendResult result) {
    return ((SendResult.Answered) result)
        .answers().stream()
            .map(a -> a.recipient().address().localPart() + " " + a.stage() + " " + a.reply())
            .toList();
  }

  private Dialogues() {}
}
