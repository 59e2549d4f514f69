package org.depesche.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.depesche.testing.Dialogue;
import org.depesche.testing.SessionStage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// False ends of data (CVE-2023-51764 and its relatives): a transaction hidden in a message is
/// never one of its own, however the bytes arrive.
class SmugglingTest {

  /// Line ends as somebody might see them, around a dot as somebody might see it. The pair that is
  /// a true end is left out, and so are those that have one inside.
  static List<String> falseEnds() {
    List<String> ends =
        List.of("\\n", "\\r", "\\r\\n", "\\r\\r\\n", "\\n\\r", "\\x00", "\\r\\x00\\n", "\\x85");
    List<String> dots = List.of(".", "\\x00.", ".\\x00", "\\r.", ".\\r", " .", ". ", "..", "");
    List<String> sequences = new ArrayList<>();
    for (String before : ends) {
      for (String dot : dots) {
        for (String after : ends) {
          String sequence = before + dot + after;
          if (!sequence.contains("\\r\\n.\\r\\n")) {
            sequences.add(sequence);
          }
        }
      }
    }
    return sequences;
  }

  @ParameterizedTest
  @MethodSource("falseEnds")
  void aMessageHiddenInAMessageStaysHidden(String sequence) {
    String hidden = "MAIL FROM:<evil@c.test>\\r\\nRCPT TO:<bob@mx.test>\\r\\nDATA\\r\\nevil";
    for (int piece : new int[] {1, 7, 10_000}) {
      SessionStage stage = new SessionStage();
      Dialogue.play(
          List.of(
              "@slow " + piece,
              "S: 220 mx.test ESMTP",
              "C! \"EHLO c.test\\r"
                  + "\\n"
                  + "MAIL FROM:<a@c.test>\\r"
                  + "\\n"
                  + "RCPT TO:<bob@mx.test>\\r"
                  + "\\n"
                  + "DATA\\r"
                  + "\\n"
                  + "\"",
              "S: ...",
              "S: 250 2.1.0 ...",
              "S: 250 2.1.5 ...",
              "S: 354 ...",
              "C! \"first" + sequence + hidden + "\\r\\n.\\r\\nQUIT\\r\\n\"",
              "S~ 250 2\\.0\\.0 Message accepted|550 5\\.6\\.0 .*",
              "S: 221 2.0.0 Bye",
              "@closed"),
          stage);

      assertThat(stage.receiver().messages()).hasSizeLessThanOrEqualTo(1);
      assertThat(stage.receiver().messages()).allMatch(m -> m.text().contains("evil"));
    }
  }
}
