package org.depesche.smtp.server;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.depesche.testing.Dialogue;
import org.depesche.testing.SessionStage;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The rules of the RFCs as conversations, one file a rule: see src/test/dialogues.
class DialogueTest {

  @TestFactory
  Stream<DynamicTest> sessionsAnswerAsWritten() {
    return Dialogue.tests(Path.of("src/test/dialogues"), SessionStage::new);
  }
}
