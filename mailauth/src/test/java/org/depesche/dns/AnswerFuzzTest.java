package org.depesche.dns;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.Optional;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/// Whatever a message holds, it is an answer, leads on to another name, or is no message.
class AnswerFuzzTest {

  @FuzzTest(maxDuration = "1m")
  void anyOctetsAreReadOrRefused(byte[] octets) {
    Message message;
    try {
      message = new Message(octets);
    } catch (IOException | RuntimeException refused) {
      // The library throws both; the resolver takes both for a malformed answer.
      return;
    }
    Record question = message.getQuestion();
    Name name = question == null ? Name.root : question.getName();
    Chase<String> chase =
        new Chase<>(name, Type.MX, record -> Optional.of(record.rdataToString()), true);

    Optional<Answer<String>> answer = chase.take(message);

    assertThat(answer.isPresent() || !chase.name().equals(name)).isTrue();
  }
}
