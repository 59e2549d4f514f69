package org.depesche.smtp;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Return;
import org.depesche.mail.ReversePath;

/// The parameters of MAIL and RCPT (RFC 5321 §4.1.2: esmtp-param). Unknown ones are refused with
/// 555, repeated or malformed ones with 501, none is ignored.
final class Parameters {

  /// RFC 3461 §4.4.
  private static final int MAX_ENVID = 100;

  /// RFC 3461 §4.2.
  private static final int MAX_ORCPT = 500;

  /// RFC 1870 §6.
  private static final int MAX_SIZE_DIGITS = 20;

  private static final String NO_VALUE = "";

  private final Map<String, String> values;

  private Parameters(Map<String, String> values) {
    this.values = values;
  }

  /// Mail-parameters = esmtp-param *(SP esmtp-param); esmtp-param = esmtp-keyword ["="
  /// esmtp-value].
  static Parameters parse(String text, boolean extended) throws SyntaxException {
    Map<String, String> values = LinkedHashMap.newLinkedHashMap(4);
    if (text.isEmpty()) {
      return new Parameters(values);
    }
    if (!extended) {
      // RFC 5321 §4.1.1.11: parameters belong to those who said EHLO.
      throw new SyntaxException(
          Reply.of(555, "5.5.4", "Parameters need EHLO"), "parameters after HELO");
    }
    for (String word : text.split(" +")) {
      int equals = word.indexOf('=');
      String keyword = (equals < 0 ? word : word.substring(0, equals)).toUpperCase(Locale.ROOT);
      String value = equals < 0 ? NO_VALUE : word.substring(equals + 1);
      if (!isKeyword(keyword) || equals >= 0 && !isValue(value)) {
        throw malformed("Malformed parameter", "not an esmtp-param: " + word);
      }
      if (values.put(keyword, value) != null) {
        throw malformed("Parameter " + keyword + " given twice", "repeated " + keyword);
      }
    }
    return new Parameters(values);
  }

  private static boolean isKeyword(String s) {
    if (s.isEmpty() || s.charAt(0) == '-') {
      return false;
    }
    return s.chars().allMatch(c -> c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-');
  }

  /// esmtp-value = 1*(%d33-60 / %d62-126), widened to UTF-8 by RFC 6531 §3.3.
  private static boolean isValue(String s) {
    return !s.isEmpty() && s.chars().allMatch(c -> c > 32 && c != '=' && c != 0x7f);
  }

  Command.Mail mail(ReversePath sender) throws SyntaxException {
    allow(List.of("SIZE", "BODY", "SMTPUTF8", "RET", "ENVID"));
    Envelope envelope = new Envelope(sender, List.of(), body(), flag("SMTPUTF8"), ret(), envid());
    return new Command.Mail(envelope, size());
  }

  Recipient rcpt(Mailbox address) throws SyntaxException {
    allow(List.of("NOTIFY", "ORCPT"));
    return new Recipient(address, notification(), orcpt());
  }

  private void allow(List<String> known) throws SyntaxException {
    for (String keyword : values.keySet()) {
      if (!known.contains(keyword)) {
        throw new SyntaxException(
            Reply.of(555, "5.5.4", "Parameter " + keyword + " is not recognized here"),
            "unknown parameter " + keyword);
      }
    }
  }

  /// RFC 6152 §3, RFC 3030 §3.
  private BodyType body() throws SyntaxException {
    String value = values.get("BODY");
    if (value == null) {
      return BodyType.SEVEN_BIT;
    }
    for (BodyType type : BodyType.values()) {
      if (type.wire().equalsIgnoreCase(value)) {
        return type;
      }
    }
    throw malformed("BODY is 7BIT, 8BITMIME or BINARYMIME", "BODY=" + value);
  }

  /// RFC 6531 §3.4: the parameter has no value.
  private boolean flag(String keyword) throws SyntaxException {
    String value = values.get(keyword);
    if (value != null && !value.equals(NO_VALUE)) {
      throw malformed(keyword + " takes no value", keyword + "=" + value);
    }
    return value != null;
  }

  private Return ret() throws SyntaxException {
    String value = values.get("RET");
    if (value == null) {
      return Return.UNSET;
    }
    return switch (value.toUpperCase(Locale.ROOT)) {
      case "FULL" -> Return.FULL;
      case "HDRS" -> Return.HDRS;
      default -> throw malformed("RET is FULL or HDRS", "RET=" + value);
    };
  }

  private Optional<String> envid() throws SyntaxException {
    String value = values.get("ENVID");
    if (value == null) {
      return Optional.empty();
    }
    if (value.isEmpty() || value.length() > MAX_ENVID || !Xtext.isPrintable(value)) {
      throw malformed("ENVID is not xtext of at most 100 characters", "ENVID=" + value);
    }
    return Optional.of(value);
  }

  private long size() throws SyntaxException {
    String value = values.get("SIZE");
    if (value == null) {
      return -1;
    }
    if (value.isEmpty()
        || value.length() > MAX_SIZE_DIGITS
        || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw malformed("SIZE is a number of octets", "SIZE=" + value);
    }
    return value.length() > 18 ? Long.MAX_VALUE : Long.parseLong(value);
  }

  /// RFC 3461 §4.1: NEVER alone, or a list of the others without repetition.
  private Notify notification() throws SyntaxException {
    String value = values.get("NOTIFY");
    if (value == null) {
      return Notify.DEFAULT;
    }
    if (value.equalsIgnoreCase("NEVER")) {
      return Notify.NEVER;
    }
    boolean success = false;
    boolean failure = false;
    boolean delay = false;
    for (String word : value.toUpperCase(Locale.ROOT).split(",", -1)) {
      boolean repeated =
          switch (word) {
            case "SUCCESS" -> success;
            case "FAILURE" -> failure;
            case "DELAY" -> delay;
            default -> true;
          };
      if (repeated) {
        throw malformed("NOTIFY is NEVER or a list of SUCCESS, FAILURE, DELAY", "NOTIFY=" + value);
      }
      success |= word.equals("SUCCESS");
      failure |= word.equals("FAILURE");
      delay |= word.equals("DELAY");
    }
    return new Notify(false, success, failure, delay);
  }

  /// RFC 3461 §4.2: addr-type ";" xtext. RFC 6533 §3 adds the type utf-8, whose address may be
  /// UTF-8 itself.
  private Optional<String> orcpt() throws SyntaxException {
    String value = values.get("ORCPT");
    if (value == null) {
      return Optional.empty();
    }
    int semicolon = value.indexOf(';');
    String address = value.substring(semicolon + 1);
    boolean known =
        semicolon > 0
            && value.length() <= MAX_ORCPT
            && !address.isEmpty()
            && isKeyword(value.substring(0, semicolon).toUpperCase(Locale.ROOT));
    boolean utf8 = known && value.regionMatches(true, 0, "utf-8", 0, semicolon);
    if (!known || !(utf8 ? isUtf8Address(address) : Xtext.isPrintable(address))) {
      throw malformed("ORCPT is addr-type;xtext", "ORCPT=" + value);
    }
    return Optional.of(value);
  }

  /// utf-8-addr-xtext, utf-8-addr-unitext: `\x{HEX}` for what is not written as itself (RFC 6533
  /// §3).
  private static boolean isUtf8Address(String s) {
    return s.matches(
        "(?:[\\x21-\\x2A\\x2C-\\x3C\\x3E-\\x5B\\x5D-\\x7E\\x{A0}-\\x{10FFFF}]"
            + "|\\+[0-9A-F]{2}|\\\\x\\{[0-9A-F]{2,6}\\})+");
  }

  private static SyntaxException malformed(String text, String reason) {
    return new SyntaxException(Reply.of(501, "5.5.4", text), reason);
  }
}
