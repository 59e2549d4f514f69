package org.depesche.smtp;

import java.util.Locale;
import java.util.Optional;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.Recipient;
import org.depesche.smtp.Parameters.Reading;

/// The parameters of RCPT that we know, while they are read.
final class RcptParameters implements Parameters.Known {

  private final Dialect dialect;
  private Notify wanted = Notify.DEFAULT;
  private Optional<String> original = Optional.empty();

  RcptParameters(Dialect dialect) {
    this.dialect = dialect;
  }

  Command.Rcpt to(Mailbox address) {
    return new Command.Rcpt(new Recipient(address, wanted, original));
  }

  @Override
  public Reading take(String keyword, Optional<String> value) {
    return switch (keyword) {
      case "NOTIFY" ->
          value.filter(this::takeNotify).isPresent() ? Reading.TAKEN : Reading.BAD_VALUE;
      case "ORCPT" -> {
        original = value;
        yield value
                .filter(v -> OriginalRecipient.isValid(v, dialect == Dialect.INTERNATIONAL))
                .isPresent()
            ? Reading.TAKEN
            : Reading.BAD_VALUE;
      }
      default -> Reading.UNKNOWN_KEYWORD;
    };
  }

  // notify-esmtp-value = "NEVER" / 1#notify-list-element (RFC 3461 §4.1)
  private boolean takeNotify(String value) {
    boolean success = false;
    boolean failure = false;
    boolean delay = false;
    String list = value.toUpperCase(Locale.ROOT);
    if (list.equals("NEVER")) {
      wanted = Notify.NEVER;
      return true;
    }
    for (String element : list.split(",", -1)) {
      boolean repeated;
      switch (element) {
        case "SUCCESS" -> {
          repeated = success;
          success = true;
        }
        case "FAILURE" -> {
          repeated = failure;
          failure = true;
        }
        case "DELAY" -> {
          repeated = delay;
          delay = true;
        }
        default -> {
          return false;
        }
      }
      if (repeated) {
        return false;
      }
    }
    wanted = new Notify(false, success, failure, delay);
    return true;
  }
}
