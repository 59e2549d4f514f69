package org.depesche.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Locale;
import java.util.Set;
import org.depesche.mail.Mailbox;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.ReversePath;

/// Makes a `Command` of a line. Pure: the same line in the same context is the same command.
public final class CommandParser {

  /// Commands of other RFCs, or of RFC 821, that a client may try and this server does not do (RFC
  /// 5321 §4.2.4).
  private static final Set<String> UNIMPLEMENTED =
      Set.of("STARTTLS", "AUTH", "TURN", "ATRN", "ETRN", "SEND", "SOML", "SAML", "BURL", "LHLO");

  private static final Reply UNKNOWN = Reply.of(500, "5.5.2", "Unknown command");
  private static final Reply NOT_TEXT = Reply.of(500, "5.5.2", "Commands are lines of text");
  private static final Reply NAME =
      Reply.of(501, "5.5.4", "The name of your host, or its address in brackets, is missing");
  private static final Reply NO_ARGUMENT = Reply.of(501, "5.5.4", "This command takes no argument");
  private static final Reply NEEDS_ARGUMENT =
      Reply.of(501, "5.5.4", "This command needs an argument");
  private static final Reply SENDER = Reply.of(501, "5.1.7", "Syntax is MAIL FROM:<address>");
  private static final Reply RECIPIENT = Reply.of(501, "5.1.3", "Syntax is RCPT TO:<address>");
  private static final Reply CHUNK = Reply.of(501, "5.5.4", "Syntax is BDAT size [LAST]");
  private static final Reply NEEDS_UTF8 =
      Reply.of(553, "5.6.7", "This address needs SMTPUTF8, which MAIL did not ask for");

  private static final int MAX_HELO = 255;

  /// What a line means depends on this much of the session.
  ///
  /// @param hostname the domain of `<postmaster>` without one
  /// @param extended the client said EHLO, so that parameters are allowed
  /// @param utf8 the open transaction asked for SMTPUTF8
  public record Context(String hostname, boolean extended, boolean utf8) {}

  private CommandParser() {}

  /// Parses a line without its CRLF.
  public static Command parse(byte[] bytes, int offset, int length, Context context) {
    String line;
    try {
      line = decode(bytes, offset, length);
    } catch (CharacterCodingException e) {
      return new Command.Malformed("", NOT_TEXT, "the line is not UTF-8");
    }
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c < ' ' || c == 0x7f) {
        return new Command.Malformed("", NOT_TEXT, "control character in a command");
      }
    }
    return parse(line.stripTrailing(), context);
  }

  private static String decode(byte[] bytes, int offset, int length)
      throws CharacterCodingException {
    for (int i = offset; i < offset + length; i++) {
      if (bytes[i] < 0) {
        return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length)).toString();
      }
    }
    return new String(bytes, offset, length, ISO_8859_1);
  }

  private static Command parse(String line, Context context) {
    int space = line.indexOf(' ');
    String verb = (space < 0 ? line : line.substring(0, space)).toUpperCase(Locale.ROOT);
    String argument = space < 0 ? "" : line.substring(space + 1).strip();
    try {
      return switch (verb) {
        case "HELO" -> new Command.Helo(name(argument));
        case "EHLO" -> new Command.Ehlo(name(argument));
        case "MAIL" -> mail(argument, context);
        case "RCPT" -> rcpt(argument, context);
        case "DATA" -> without(argument, new Command.Data());
        case "BDAT" -> bdat(argument);
        case "RSET" -> without(argument, new Command.Rset());
        case "QUIT" -> without(argument, new Command.Quit());
        // RFC 5321 §4.1.1.9: the argument of NOOP is ignored, that of HELP is a wish.
        case "NOOP" -> new Command.Noop();
        case "HELP" -> new Command.Help();
        case "VRFY" -> new Command.Vrfy(with(argument));
        case "EXPN" -> new Command.Expn(with(argument));
        default ->
            UNIMPLEMENTED.contains(verb)
                ? new Command.Unimplemented(verb)
                : new Command.Malformed(verb(verb), UNKNOWN, "unknown command");
      };
    } catch (SyntaxException e) {
      return new Command.Malformed(verb, e.reply(), e.reason());
    }
  }

  /// An unknown verb for the log: what it begins with, no more.
  private static String verb(String verb) {
    return verb.length() > 20 ? verb.substring(0, 20) : verb;
  }

  private static Command without(String argument, Command command) throws SyntaxException {
    if (!argument.isEmpty()) {
      throw new SyntaxException(NO_ARGUMENT, "argument to " + command.verb());
    }
    return command;
  }

  private static String with(String argument) throws SyntaxException {
    if (argument.isEmpty()) {
      throw new SyntaxException(NEEDS_ARGUMENT, "no argument");
    }
    return argument;
  }

  /// RFC 5321 §4.1.1.1. What clients call themselves is often no domain; only what could confuse a
  /// header or a log is refused (RFC 5321 §4.1.4: a server may not refuse mail for a name it cannot
  /// verify).
  private static String name(String argument) throws SyntaxException {
    if (argument.isEmpty() || argument.length() > MAX_HELO) {
      throw new SyntaxException(NAME, "no name, or one longer than " + MAX_HELO);
    }
    for (int i = 0; i < argument.length(); i++) {
      char c = argument.charAt(i);
      if (c <= ' ' || "()<>@,;\\\"".indexOf(c) >= 0) {
        throw new SyntaxException(NAME, "'" + c + "' in the name");
      }
    }
    return argument;
  }

  /// "MAIL FROM:" Reverse-path [SP Mail-parameters] (RFC 5321 §4.1.1.2).
  private static Command mail(String argument, Context context) throws SyntaxException {
    AddressParser parser = path(argument, "FROM:", SENDER);
    ReversePath sender;
    if (parser.isNext('>')) {
      parser.expect('>');
      sender = NullPath.INSTANCE;
    } else {
      sender = parser.pathAfterBracket();
    }
    Parameters parameters = parameters(parser, argument, context);
    Command.Mail mail = parameters.mail(sender);
    if (sender instanceof Mailbox mailbox && !mailbox.isAscii() && !mail.envelope().utf8()) {
      throw new SyntaxException(NEEDS_UTF8, "UTF-8 in the address without SMTPUTF8");
    }
    return mail;
  }

  /// "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters]
  /// (RFC 5321 §4.1.1.3).
  private static Command rcpt(String argument, Context context) throws SyntaxException {
    AddressParser parser = path(argument, "TO:", RECIPIENT);
    Mailbox address;
    if (parser.skipWord("postmaster>")) {
      address = new Mailbox("postmaster", context.hostname());
    } else {
      address = parser.pathAfterBracket();
    }
    if (!address.isAscii() && !context.utf8()) {
      throw new SyntaxException(NEEDS_UTF8, "UTF-8 in the address without SMTPUTF8");
    }
    Recipient recipient = parameters(parser, argument, context).rcpt(address);
    return new Command.Rcpt(recipient);
  }

  /// Up to and including the "<". Spaces after the colon are no part of the grammar, and so common
  /// that all servers take them.
  private static AddressParser path(String argument, String word, Reply refusal)
      throws SyntaxException {
    AddressParser parser = new AddressParser(argument, 0, refusal);
    if (!parser.skipWord(word)) {
      throw parser.wrong(word + " expected");
    }
    while (parser.isNext(' ')) {
      parser.expect(' ');
    }
    parser.expect('<');
    return parser;
  }

  private static Parameters parameters(AddressParser parser, String argument, Context context)
      throws SyntaxException {
    String rest = argument.substring(parser.position());
    if (!rest.isEmpty() && rest.charAt(0) != ' ') {
      throw parser.wrong("space expected after '>'");
    }
    return Parameters.parse(rest.strip(), context.extended());
  }

  /// bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] (RFC 3030 §2).
  private static Command bdat(String argument) throws SyntaxException {
    String[] words = argument.split(" +", -1);
    boolean last = words.length == 2 && words[1].equalsIgnoreCase("LAST");
    if (words.length > 2 || words.length == 2 && !last || !words[0].matches("[0-9]{1,18}")) {
      throw new SyntaxException(CHUNK, "no size, or something else than LAST behind it");
    }
    return new Command.Bdat(Long.parseLong(words[0]), last);
  }
}
