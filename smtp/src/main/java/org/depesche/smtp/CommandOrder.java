package org.depesche.smtp;

import java.util.Optional;
import org.depesche.mail.Reply;
import org.depesche.smtp.Phase.Connected;
import org.depesche.smtp.Phase.Identified;
import org.depesche.smtp.Phase.InTransaction;

/// Which command may come when: RFC 5321 §4.1.4 as one table.
public final class CommandOrder {

  private static final Reply EHLO_FIRST = Reply.of(503, "5.5.1", "Send EHLO first");
  private static final Reply MAIL_FIRST = Reply.of(503, "5.5.1", "Send MAIL first");
  private static final Reply RCPT_FIRST = Reply.of(503, "5.5.1", "Send RCPT first");
  private static final Reply ONE_AT_A_TIME =
      Reply.of(503, "5.5.1", "A transaction is open; finish it or send RSET");
  private static final Reply NO_RECIPIENTS = Reply.of(554, "5.5.1", "No valid recipients");
  private static final Reply CHUNKS_BEGUN = Reply.of(503, "5.5.1", "BDAT has begun, send BDAT");
  private static final Reply BINARY = Reply.of(503, "5.6.1", "BINARYMIME needs BDAT");

  private CommandOrder() {}

  private record Step(Phase phase, Command command) {}

  /// Refuses a command that comes out of order; a refused command changes nothing.
  public static Optional<Reply> outOfOrder(Phase phase, Command command) {
    return switch (new Step(phase, command)) {
      case Step(_, Command.Helo _), Step(_, Command.Ehlo _) -> Optional.empty();
      case Step(_, Command.Rset _), Step(_, Command.Noop _) -> Optional.empty();
      case Step(_, Command.Quit _), Step(_, Command.Help _) -> Optional.empty();
      case Step(_, Command.Vrfy _), Step(_, Command.Expn _) -> Optional.empty();
      case Step(_, Command.Malformed _), Step(_, Command.Unimplemented _) -> Optional.empty();

      case Step(Connected _, Command.Mail _) -> Optional.of(EHLO_FIRST);
      case Step(Connected _, Command.Rcpt _) -> Optional.of(EHLO_FIRST);
      case Step(Connected _, Command.Data _) -> Optional.of(EHLO_FIRST);
      case Step(Connected _, Command.Bdat _) -> Optional.of(EHLO_FIRST);

      case Step(Identified _, Command.Mail _) -> Optional.empty();
      case Step(Identified _, Command.Rcpt _) -> Optional.of(MAIL_FIRST);
      case Step(Identified _, Command.Data _) -> Optional.of(MAIL_FIRST);
      case Step(Identified _, Command.Bdat _) -> Optional.of(MAIL_FIRST);

      case Step(InTransaction _, Command.Mail _) -> Optional.of(ONE_AT_A_TIME);
      case Step(InTransaction(_, _, var chunks, _), Command.Rcpt _) ->
          chunks ? Optional.of(CHUNKS_BEGUN) : Optional.empty();
      case Step(InTransaction t, Command.Data _) when t.chunks() -> Optional.of(CHUNKS_BEGUN);
      case Step(InTransaction t, Command.Data _) when t.recipients() == 0 -> recipientsMissing(t);
      case Step(InTransaction t, Command.Data _) ->
          t.binary() ? Optional.of(BINARY) : Optional.empty();
      case Step(InTransaction t, Command.Bdat _) when t.recipients() == 0 -> recipientsMissing(t);
      case Step(InTransaction _, Command.Bdat _) -> Optional.empty();
    };
  }

  /// RFC 5321 §4.1.1.4: 554 when all were refused, 503 when none was named.
  private static Optional<Reply> recipientsMissing(InTransaction transaction) {
    return Optional.of(transaction.refused() ? NO_RECIPIENTS : RCPT_FIRST);
  }
}
