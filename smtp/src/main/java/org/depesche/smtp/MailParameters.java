package org.depesche.smtp;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Return;
import org.depesche.mail.ReversePath;
import org.depesche.mail.TlsWish;
import org.depesche.smtp.Parameters.Reading;

/// The parameters of MAIL that we know, while they are read.
final class MailParameters implements Parameters.Known {

  /// RFC 1870 §4: size-value ::= 1*20DIGIT
  private static final int MAX_SIZE_DIGITS = 20;

  /// RFC 4954 §3 (6)
  private static final int MAX_AUTH = 500;

  /// RFC 3461 §4.4
  private static final int MAX_ENVID = 100;

  private final boolean authOffered;
  private long size = -1;
  private BodyType body = BodyType.SEVEN_BIT;
  private boolean utf8;
  private Return ret = Return.UNSET;
  private Optional<String> envid = Optional.empty();
  private TlsWish tls = TlsWish.UNSET;

  /// @param authOffered whether AUTH is a parameter here
  MailParameters(boolean authOffered) {
    this.authOffered = authOffered;
  }

  boolean utf8() {
    return utf8;
  }

  Command.Mail from(ReversePath sender) {
    return new Command.Mail(new Envelope(sender, List.of(), body, utf8, ret, envid, tls), size);
  }

  @Override
  public Reading take(String keyword, Optional<String> value) {
    boolean good =
        switch (keyword) {
          case "SIZE" -> value.filter(this::takeSize).isPresent();
          case "BODY" -> value.filter(this::takeBody).isPresent();
          case "SMTPUTF8" -> {
            utf8 = true;
            // RFC 6531 §3.4: it MUST NOT accept a value.
            yield value.isEmpty();
          }
          case "REQUIRETLS" -> {
            tls = TlsWish.REQUIRED;
            // RFC 8689 §2: no value is associated with it.
            yield value.isEmpty();
          }
          case "RET" -> value.filter(this::takeRet).isPresent();
          case "ENVID" -> value.filter(this::takeEnvid).isPresent();
          // RFC 4954 §5: whom the message is from by the word of a client we have no reason to
          // believe; read, and put to no use.
          case "AUTH" -> authOffered && value.filter(MailParameters::isAuth).isPresent();
          default -> false;
        };
    return good ? Reading.TAKEN : knows(keyword) ? Reading.BAD_VALUE : Reading.UNKNOWN_KEYWORD;
  }

  private static boolean isAuth(String value) {
    return value.length() <= MAX_AUTH && Xtext.decode(value).isPresent();
  }

  private boolean knows(String keyword) {
    return switch (keyword) {
      case "AUTH" -> authOffered;
      case "SIZE", "BODY", "SMTPUTF8", "REQUIRETLS", "RET", "ENVID" -> true;
      default -> false;
    };
  }

  // RFC 1870 §4. What does not fit a long is larger than any limit anyway.
  private boolean takeSize(String value) {
    if (value.length() > MAX_SIZE_DIGITS || !value.chars().allMatch(Cursor::isDigit)) {
      return false;
    }
    size = Decimal.saturated(value);
    return true;
  }

  // RFC 6152 §3, RFC 3030 §3
  private boolean takeBody(String value) {
    for (BodyType type : BodyType.values()) {
      if (type.wire().equalsIgnoreCase(value)) {
        body = type;
        return true;
      }
    }
    return false;
  }

  // RFC 3461 §4.3
  private boolean takeRet(String value) {
    return switch (value.toUpperCase(Locale.ROOT)) {
      case "FULL" -> {
        ret = Return.FULL;
        yield true;
      }
      case "HDRS" -> {
        ret = Return.HDRS;
        yield true;
      }
      default -> false;
    };
  }

  // RFC 3461 §4.4
  private boolean takeEnvid(String value) {
    envid = Optional.of(value);
    return value.length() <= MAX_ENVID && Xtext.isPrintable(value);
  }
}
