package org.depesche.smtp;

import java.util.Optional;
import org.depesche.mail.BodyType;
import org.depesche.mail.Reply;
import org.depesche.smtp.Command.Auth;
import org.depesche.smtp.Command.Bdat;
import org.depesche.smtp.Command.Data;
import org.depesche.smtp.Command.Ehlo;
import org.depesche.smtp.Command.Helo;
import org.depesche.smtp.Command.Help;
import org.depesche.smtp.Command.Mail;
import org.depesche.smtp.Command.Malformed;
import org.depesche.smtp.Command.Noop;
import org.depesche.smtp.Command.Quit;
import org.depesche.smtp.Command.Rcpt;
import org.depesche.smtp.Command.Rset;
import org.depesche.smtp.Command.StartTls;
import org.depesche.smtp.Command.Unimplemented;
import org.depesche.smtp.Command.Vrfy;
import org.depesche.smtp.Command.XClient;
import org.depesche.smtp.Phase.Connected;
import org.depesche.smtp.Phase.Identified;
import org.depesche.smtp.Phase.InTransaction;
import org.depesche.smtp.Phase.TurnedAway;

/// The order of commands, in one table (RFC 5321 §4.1.4, RFC 3030 §2 and §3).
public final class CommandOrder {

  private static final Reply NOT_HERE = outOfOrder("No mail service here, send QUIT");
  private static final Reply HELO_FIRST = outOfOrder("Send EHLO first");
  private static final Reply EHLO_FIRST = outOfOrder("Send EHLO first, BDAT is an extension");
  private static final Reply EHLO_FIRST_FOR_EXTENSION =
      outOfOrder("Send EHLO first, this is an extension");
  private static final Reply NOT_IN_TRANSACTION = outOfOrder("Not in a mail transaction");
  private static final Reply MAIL_FIRST = outOfOrder("Need MAIL first");
  private static final Reply RCPT_FIRST = outOfOrder("Need RCPT first");
  private static final Reply NESTED = outOfOrder("A mail transaction is open already");
  private static final Reply CHUNKED = outOfOrder("The message is being sent by BDAT");
  private static final Reply BINARY = outOfOrder("BODY=BINARYMIME needs BDAT");
  private static final Reply NO_RECIPIENTS = Reply.of(554, "5.5.1", "No valid recipients");

  private CommandOrder() {}

  private record Step(Phase phase, Command command) {}

  /// The refusal of a command that may not come now; empty when it may.
  public static Optional<Reply> refusal(Phase phase, Command command) {
    return switch (new Step(phase, command)) {
      case Step(_, Quit _) -> Optional.empty();
      case Step(TurnedAway _, _) -> Optional.of(NOT_HERE);
      case Step(_, Helo _), Step(_, Ehlo _), Step(_, Rset _), Step(_, Noop _) -> Optional.empty();
      case Step(_, Help _), Step(_, Vrfy _) -> Optional.empty();
      case Step(_, Unimplemented _), Step(_, Malformed _) -> Optional.empty();
      // RFC 3207 §4, RFC 4954 §4
      // Some clients that know they want TLS ask for it at once; what they said before is forgotten
      // anyway.
      case Step(Connected _, StartTls _) -> Optional.empty();
      case Step(Connected _, Auth _) -> Optional.of(HELO_FIRST);
      case Step(Identified(boolean extended), StartTls _) ->
          extended ? Optional.empty() : Optional.of(EHLO_FIRST_FOR_EXTENSION);
      case Step(Identified(boolean extended), Auth _) ->
          extended ? Optional.empty() : Optional.of(EHLO_FIRST_FOR_EXTENSION);
      case Step(InTransaction _, StartTls _), Step(InTransaction _, Auth _) ->
          Optional.of(NOT_IN_TRANSACTION);
      case Step(InTransaction _, XClient _) -> Optional.of(NOT_IN_TRANSACTION);
      case Step(Connected _, XClient _), Step(Identified _, XClient _) -> Optional.empty();
      case Step(Connected _, Mail _), Step(Connected _, Rcpt _) -> Optional.of(HELO_FIRST);
      case Step(Connected _, Data _), Step(Connected _, Bdat _) -> Optional.of(HELO_FIRST);
      case Step(Identified _, Mail _) -> Optional.empty();
      case Step(Identified(boolean extended), Bdat _) when !extended -> Optional.of(EHLO_FIRST);
      case Step(Identified _, Rcpt _), Step(Identified _, Data _), Step(Identified _, Bdat _) ->
          Optional.of(MAIL_FIRST);
      case Step(InTransaction _, Mail _) -> Optional.of(NESTED);
      case Step(InTransaction t, Rcpt _) -> t.chunked() ? Optional.of(CHUNKED) : Optional.empty();
      case Step(InTransaction t, Data _) -> data(t);
      case Step(InTransaction t, Bdat _) -> t.extended() ? content(t) : Optional.of(EHLO_FIRST);
    };
  }

  private static Optional<Reply> data(InTransaction transaction) {
    if (transaction.chunked()) {
      return Optional.of(CHUNKED);
    }
    return transaction.envelope().body() == BodyType.BINARY_MIME
        ? Optional.of(BINARY)
        : content(transaction);
  }

  // RFC 5321 §3.3: 503 when there was no RCPT, 554 when none was accepted
  private static Optional<Reply> content(InTransaction transaction) {
    if (!transaction.envelope().recipients().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(transaction.recipientsRefused() ? NO_RECIPIENTS : RCPT_FIRST);
  }

  private static Reply outOfOrder(String text) {
    return Reply.of(503, "5.5.1", text);
  }
}
