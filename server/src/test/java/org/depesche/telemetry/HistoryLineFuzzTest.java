package org.depesche.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.depesche.mail.EnvelopeId;

/// A line on disk is read or refused, and an event in the mail log is one line, whatever is in it.
class HistoryLineFuzzTest {

  private static final EnvelopeId EID = new EnvelopeId(1);

  @FuzzTest(maxDuration = "1m")
  void anyLineIsReadOrRefused(byte[] bytes) {
    MailEvent event;
    try {
      event = HistoryLine.read(EID, new String(bytes, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException expected) {
      return;
    }

    StringBuilder out = new StringBuilder();
    new MailLogLine(out).append(event);
    // What is escaped could be anything, and is left out so that the pattern needs no stack for it.
    assertThat(out.toString().replaceAll("\\\\.", ""))
        .matches("[^\\p{Cntrl}]+( [a-z_]+=([^\" =\\p{Cntrl}]*|\"[^\"\\\\]*\"))+\n");
  }
}
