package org.depesche.smtp;

import java.util.Locale;
import java.util.Optional;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Reply;
import org.depesche.mail.ReversePath;
import org.depesche.smtp.Command.Malformed;

/// The grammar of command lines (RFC 5321 §4.1.1, §4.1.2 and the extensions we offer), one method a
/// rule. Pure: bytes in, a Command out, never an exception.
///
/// Two liberties are taken because nearly all servers take them and clients rely on it, and because
/// neither changes what a line means: spaces between `FROM:` or `TO:` and the path, and spaces at
/// the end of a line. Everything else is as strict as the ABNF.
public final class CommandParser {

  /// Longest command line in octets, CRLF included. RFC 5321 §4.5.3.1.4 asks for 512; the
  /// extensions add 26 (SIZE), 17 and 16 (BODY), 10 (SMTPUTF8), 107 + 8 (ENVID, RET), 11
  /// (REQUIRETLS), 28 + 500 (NOTIFY, ORCPT).
  public static final int MAX_LINE_OCTETS = 2048;

  /// Longest argument of HELO and EHLO, as for a domain.
  private static final int MAX_HELO_OCTETS = Domain.MAX_OCTETS;

  private static final Reply NO_COMMAND =
      Reply.of(500, "5.5.2", "Command lines are printable characters");
  private static final Reply UNRECOGNIZED = Reply.of(500, "5.5.2", "Command not recognized");
  private static final Reply NOT_UTF8 = Reply.of(501, "5.5.2", "Not UTF-8");
  private static final Reply NOT_ASCII = Reply.of(501, "5.5.2", "ASCII only here");
  private static final Reply NO_ARGUMENT = Reply.of(501, "5.5.4", "No argument allowed");
  private static final Reply HELO_SYNTAX =
      Reply.of(501, "5.5.4", "Your host name or address please");
  private static final Reply MAIL_SYNTAX = Reply.of(501, "5.5.2", "Syntax: MAIL FROM:<address>");
  private static final Reply RCPT_SYNTAX = Reply.of(501, "5.5.2", "Syntax: RCPT TO:<address>");
  private static final Reply BAD_SENDER = Reply.of(501, "5.1.7", "Bad sender address syntax");
  private static final Reply BAD_RECIPIENT = Reply.of(501, "5.1.3", "Bad recipient address syntax");
  // RFC 6531 §3.5 has one code for each of the two
  private static final Reply ASCII_SENDER =
      Reply.of(550, "5.6.7", "Non-ASCII sender needs SMTPUTF8");
  private static final Reply ASCII_RECIPIENT =
      Reply.of(553, "5.6.7", "Non-ASCII recipient needs SMTPUTF8");
  private static final Reply BDAT_SYNTAX = Reply.of(501, "5.5.4", "Syntax: BDAT size [LAST]");
  private static final Reply AUTH_SYNTAX =
      Reply.of(501, "5.5.4", "Syntax: AUTH mechanism [initial-response]");
  private static final Reply XCLIENT_SYNTAX =
      Reply.of(501, "5.5.4", "Syntax: XCLIENT attribute=value...");
  private static final Reply VRFY_SYNTAX = Reply.of(501, "5.5.4", "Syntax: VRFY user");

  private final Domain ourselves;
  private final boolean authOffered;
  private final boolean lmtp;
  private final Optional<Domain> completing;

  /// @param ourselves our host name, the domain of `<postmaster>`
  /// @param authOffered whether MAIL may have the parameter of RFC 4954 §5
  /// @param lmtp whether LHLO takes the place of HELO and EHLO (RFC 2033 §4.1)
  public CommandParser(Domain ourselves, boolean authOffered, boolean lmtp) {
    this(ourselves, authOffered, lmtp, Optional.empty());
  }

  /// @param completing domain of addresses that have none; empty to refuse such (RFC 6409 §4.2)
  public CommandParser(
      Domain ourselves, boolean authOffered, boolean lmtp, Optional<Domain> completing) {
    this.completing = completing;
    this.lmtp = lmtp;
    this.ourselves = ourselves;
    this.authOffered = authOffered;
  }

  /// Reads a line, its CRLF not included.
  public Command parse(byte[] bytes, int from, int to, Dialect dialect) {
    int end = to;
    boolean ascii = true;
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      if (b >= 0 && b < ' ' || b == 0x7f) {
        return new Malformed(NO_COMMAND, "control character in a command");
      }
      ascii &= b >= 0;
    }
    while (end > from && bytes[end - 1] == ' ') {
      end--;
    }
    if (!ascii && !Cursor.isUtf8Text(bytes, from, end)) {
      return new Malformed(NOT_UTF8, "a command in no UTF-8");
    }
    return command(new Cursor(bytes, from, end), dialect, ascii);
  }

  private Command command(Cursor line, Dialect dialect, boolean ascii) {
    int from = line.position();
    while (Cursor.isLetter(line.peek())) {
      line.advance();
    }
    String verb = line.textFrom(from).toUpperCase(Locale.ROOT);
    if (!line.atEnd() && line.peek() != ' ') {
      return new Malformed(UNRECOGNIZED, "no command");
    }
    return switch (verb) {
      case "MAIL" -> mail(line, dialect, ascii);
      case "RCPT" -> rcpt(line, dialect, ascii);
      case "VRFY" -> vrfy(line, ascii);
      case "BDAT" -> bdat(line);
      case "NOOP" -> new Command.Noop(); // RFC 5321 §4.1.1.9: the argument SHOULD be ignored
      case "HELP" -> new Command.Help();
      case "DATA" -> withoutArgument(line, new Command.Data());
      case "RSET" -> withoutArgument(line, new Command.Rset());
      case "QUIT" -> withoutArgument(line, new Command.Quit());
      // RFC 3207 §4: 501 when a parameter is supplied
      case "STARTTLS" -> withoutArgument(line, new Command.StartTls());
      case "AUTH" -> auth(line);
      case "XCLIENT" -> xclient(line);
      case "LHLO", "EHLO", "HELO" -> hello(verb, line, ascii);
      // EXPN: RFC 5321 §3.5.3 has 502 for those who would verify nothing; lists are nobody's
      // business.
      case "EXPN", "TURN", "SEND", "SOML", "SAML", "ETRN", "ATRN" ->
          new Command.Unimplemented(verb);
      default -> new Malformed(UNRECOGNIZED, "unknown command");
    };
  }

  private Command hello(String verb, Cursor line, boolean ascii) {
    // RFC 2033 §4.1: LHLO with the meaning of EHLO; neither EHLO nor HELO beside it.
    if (lmtp != verb.equals("LHLO")) {
      return new Malformed(UNRECOGNIZED, verb + (lmtp ? " in LMTP" : " in SMTP"));
    }
    if (!ascii) {
      return new Malformed(NOT_ASCII, verb + " name beyond ASCII");
    }
    return verb.equals("HELO") ? helo(line) : ehlo(line);
  }

  private static Command withoutArgument(Cursor line, Command command) {
    return line.atEnd() ? command : new Malformed(NO_ARGUMENT, "argument where none belongs");
  }

  // ehlo = "EHLO" SP ( Domain / address-literal ) CRLF
  private static Command ehlo(Cursor line) {
    Optional<String> name = heloName(line);
    return name.isPresent()
        ? new Command.Ehlo(name.get())
        : new Malformed(HELO_SYNTAX, "bad EHLO name");
  }

  // helo = "HELO" SP Domain CRLF
  private static Command helo(Cursor line) {
    Optional<String> name = heloName(line);
    return name.isPresent()
        ? new Command.Helo(name.get())
        : new Malformed(HELO_SYNTAX, "bad HELO name");
  }

  /// The client's name for itself. It decides nothing (RFC 5321 §4.1.4), so what real hosts are
  /// called will do: underscores, a dot at the end, an address without brackets or with a remark
  /// behind it (RFC 5321 §4.1.1.1).
  private static Optional<String> heloName(Cursor line) {
    line.skipSpaces();
    int from = line.position();
    if (line.peek() == '[') {
      boolean good = new AddressParser(line).addressLiteral().isPresent();
      String literal = line.textFrom(from);
      return good && (line.atEnd() || line.peek() == ' ') ? Optional.of(literal) : Optional.empty();
    }
    boolean dot = true;
    while (!line.atEnd()) {
      int c = line.peek();
      boolean inLabel = Cursor.isLetter(c) || Cursor.isDigit(c) || c == '-' || c == '_' || c == ':';
      if (!inLabel && (c != '.' || dot)) {
        return Optional.empty();
      }
      dot = c == '.';
      line.advance();
    }
    int length = line.position() - from;
    return length > 0 && length <= MAX_HELO_OCTETS
        ? Optional.of(line.textFrom(from))
        : Optional.empty();
  }

  // mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF
  private Command mail(Cursor line, Dialect dialect, boolean ascii) {
    if (!line.eatWord(" FROM:")) {
      return new Malformed(MAIL_SYNTAX, "MAIL without FROM:");
    }
    line.skipSpaces();
    Optional<ReversePath> sender = new AddressParser(line, completing).reversePath();
    if (sender.isEmpty()) {
      return new Malformed(BAD_SENDER, "no reverse path");
    }
    MailParameters parameters = new MailParameters(authOffered);
    Optional<Malformed> wrong = Parameters.read(line, dialect, parameters);
    if (wrong.isPresent()) {
      return wrong.get();
    }
    if (!ascii && !parameters.utf8()) {
      return new Malformed(ASCII_SENDER, "non-ASCII sender without SMTPUTF8");
    }
    return parameters.from(sender.get());
  }

  // rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path )
  //        [SP Rcpt-parameters] CRLF
  private Command rcpt(Cursor line, Dialect dialect, boolean ascii) {
    if (!line.eatWord(" TO:")) {
      return new Malformed(RCPT_SYNTAX, "RCPT without TO:");
    }
    line.skipSpaces();
    Optional<Mailbox> recipient = new AddressParser(line, completing).forwardPath(ourselves);
    if (recipient.isEmpty()) {
      return new Malformed(BAD_RECIPIENT, "no forward path");
    }
    if (!ascii && dialect != Dialect.INTERNATIONAL && !recipient.get().isAscii()) {
      return new Malformed(ASCII_RECIPIENT, "non-ASCII recipient without SMTPUTF8");
    }
    RcptParameters parameters = new RcptParameters(dialect);
    Optional<Malformed> wrong = Parameters.read(line, dialect, parameters);
    return wrong.isPresent() ? wrong.get() : parameters.to(recipient.get());
  }

  // auth-command = "AUTH" SP sasl-mech [SP initial-response] *(CRLF [base64]) [CRLF
  // cancel-response]
  // initial-response = base64 / "=" (RFC 4954 §8); sasl-mech = 1*20mech-char (RFC 4422 §3.1)
  private static Command auth(Cursor line) {
    line.skipSpaces();
    int from = line.position();
    int c = line.peek();
    while (Cursor.isLetter(c) || Cursor.isDigit(c) || c == '-' || c == '_') {
      line.advance();
      c = line.peek();
    }
    String mechanism = line.textFrom(from).toUpperCase(Locale.ROOT);
    if (mechanism.isEmpty() || mechanism.length() > 20 || !line.atEnd() && c != ' ') {
      return new Malformed(AUTH_SYNTAX, "AUTH without a mechanism");
    }
    line.skipSpaces();
    String initial = line.rest();
    return initial.contains(" ")
        ? new Malformed(AUTH_SYNTAX, "more than an initial response behind AUTH")
        : new Command.Auth(mechanism, initial.isEmpty() ? Optional.empty() : Optional.of(initial));
  }

  // xclient-command = XCLIENT 1*( SP attribute-name "=" xtext )
  private static Command xclient(Cursor line) {
    Optional<StatedClient> stated = StatedClient.parse(line.rest());
    return stated.isPresent()
        ? new Command.XClient(stated.get())
        : new Malformed(XCLIENT_SYNTAX, "bad attributes of XCLIENT");
  }

  // bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CRLF (RFC 3030 §2)
  private static Command bdat(Cursor line) {
    line.skipSpaces();
    int from = line.position();
    while (Cursor.isDigit(line.peek())) {
      line.advance();
    }
    if (line.position() == from) {
      // Without any size there is no chunk; with a bad one, nobody knows where commands go on.
      return new Malformed(
          BDAT_SYNTAX, "BDAT without a size", line.atEnd() ? 0 : Malformed.UNKNOWN_CHUNK);
    }
    long size = Decimal.saturated(line.textFrom(from));
    if (size == Long.MAX_VALUE) {
      return new Malformed(BDAT_SYNTAX, "BDAT size too large", Malformed.UNKNOWN_CHUNK);
    }
    if (line.atEnd()) {
      return new Command.Bdat(size, false);
    }
    boolean separated = line.eat(' ');
    line.skipSpaces();
    if (separated && line.eatWord("LAST") && line.atEnd()) {
      return new Command.Bdat(size, true);
    }
    return new Malformed(
        BDAT_SYNTAX, "no end-marker behind BDAT size", separated ? size : Malformed.UNKNOWN_CHUNK);
  }

  // vrfy = "VRFY" SP String [ SP "SMTPUTF8" ] CRLF (RFC 6531 §3.7.4.2). The argument may be any
  // text,
  // because people ask for <address> too.
  private static Command vrfy(Cursor line, boolean ascii) {
    line.skipSpaces();
    String argument = line.rest();
    boolean utf8 = argument.toUpperCase(Locale.ROOT).endsWith(" SMTPUTF8");
    if (argument.isEmpty()) {
      return new Malformed(VRFY_SYNTAX, "VRFY without argument");
    }
    if (!ascii && !utf8) {
      return new Malformed(NOT_ASCII, "non-ASCII VRFY without SMTPUTF8");
    }
    return new Command.Vrfy(utf8 ? argument.substring(0, argument.length() - 9) : argument);
  }
}
