package org.depesche.smtp.client;

import java.util.List;
import org.depesche.mail.EnhancedStatus;

/// How a transaction went.
public sealed interface SendResult {

  /// The server answered for every recipient.
  ///
  /// @param answers in the order of the envelope's recipients
  /// @param change what was changed about the content for this server (RFC 6152 §3), in words;
  ///   empty for nothing
  record Answered(List<Answer> answers, String change) implements SendResult {
    public Answered {
      answers = List.copyOf(answers);
    }
  }

  /// The connection broke, the server kept silent or did not speak SMTP.
  ///
  /// @param answers those recipients that were refused before; nothing is known of the others
  /// @param inDoubt the whole message was sent, so that the server may have taken it (RFC 1047)
  record Broken(Stage stage, String reason, List<Answer> answers, boolean inDoubt)
      implements SendResult {
    public Broken {
      answers = List.copyOf(answers);
    }
  }

  /// This server cannot take this message, or nobody can; it was not sent. A status of class 4 says
  /// that the trouble is on our side and may pass.
  record Unsendable(EnhancedStatus status, String reason) implements SendResult {}
}
