package org.depesche.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.Domain;
import org.depesche.mail.Host;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Reply;

/// The grammar of paths and mailboxes: RFC 5321 §4.1.2 and §4.1.3, widened to UTF-8 by RFC 6531
/// §3.3. One method for each rule of the ABNF, in its order.
public final class AddressParser {

  /// RFC 5321 §4.5.3.1.1 wants 64 octets accepted; long return addresses of mailing software exceed
  /// that.
  static final int MAX_LOCAL_PART = 255;

  private static final int MAX_LABEL = 63;

  private final String text;
  private final Reply refusal;
  private int at;

  AddressParser(String text, int at, Reply refusal) {
    this.text = text;
    this.at = at;
    this.refusal = refusal;
  }

  /// Reads a whole text as a mailbox, `local@domain` without angle brackets.
  ///
  /// @param utf8 whether characters beyond ASCII are allowed
  public static Optional<Mailbox> parseMailbox(String text, boolean utf8) {
    AddressParser parser =
        new AddressParser(text, 0, Reply.of(501, "5.1.3", "Not a mailbox address"));
    try {
      Mailbox mailbox = parser.mailbox();
      return parser.at == text.length() && (utf8 || mailbox.isAscii())
          ? Optional.of(mailbox)
          : Optional.empty();
    } catch (SyntaxException e) {
      return Optional.empty();
    }
  }

  /// Reads a whole text as a domain name.
  ///
  /// @param utf8 whether U-labels are allowed
  public static Optional<Domain> parseDomain(String text, boolean utf8) {
    AddressParser parser = new AddressParser(text, 0, Reply.of(501, "5.1.3", "Not a domain"));
    try {
      Domain domain = parser.domain();
      return parser.at == text.length() && (utf8 || domain.isAscii())
          ? Optional.of(domain)
          : Optional.empty();
    } catch (SyntaxException e) {
      return Optional.empty();
    }
  }

  int position() {
    return at;
  }

  boolean isNext(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  void expect(char c) throws SyntaxException {
    if (!isNext(c)) {
      throw wrong("'" + c + "' expected at " + at);
    }
    at++;
  }

  /// The word that follows, if it is this one in any case.
  boolean skipWord(String word) {
    if (!text.regionMatches(true, at, word, 0, word.length())) {
      return false;
    }
    at += word.length();
    return true;
  }

  /// Path = "<" [ A-d-l ":" ] Mailbox ">", after its "<".
  Mailbox pathAfterBracket() throws SyntaxException {
    if (isNext('@')) {
      sourceRoute();
    }
    Mailbox mailbox = mailbox();
    expect('>');
    return mailbox;
  }

  /// A-d-l = At-domain *( "," At-domain ). RFC 5321 §4.1.1.3: source routes are accepted and
  /// ignored.
  private void sourceRoute() throws SyntaxException {
    expect('@');
    domain();
    while (isNext(',')) {
      at++;
      expect('@');
      domain();
    }
    expect(':');
  }

  /// Mailbox = Local-part "@" ( Domain / address-literal ).
  Mailbox mailbox() throws SyntaxException {
    String local = isNext('"') ? quotedString() : dotString();
    if (octets(local) > MAX_LOCAL_PART) {
      throw wrong("local part longer than " + MAX_LOCAL_PART + " octets");
    }
    expect('@');
    Host host = isNext('[') ? addressLiteral() : domain();
    return new Mailbox(local, host);
  }

  /// Dot-string = Atom *("." Atom).
  private String dotString() throws SyntaxException {
    int start = at;
    atom();
    while (isNext('.')) {
      at++;
      atom();
    }
    return text.substring(start, at);
  }

  private void atom() throws SyntaxException {
    int start = at;
    while (at < text.length() && isAtext(text.charAt(at))) {
      at++;
    }
    if (at == start) {
      throw wrong("local part expected at " + start);
    }
  }

  /// RFC 5322 §3.2.3, widened by RFC 6531 §3.3.
  private static boolean isAtext(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || isBeyondAscii(c)
        || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0;
  }

  /// UTF8-non-ascii, without the C1 controls, which no address has a use for and terminals have.
  private static boolean isBeyondAscii(char c) {
    return c >= 0xA0;
  }

  /// Quoted-string = DQUOTE *QcontentSMTP DQUOTE.
  private String quotedString() throws SyntaxException {
    expect('"');
    StringBuilder content = new StringBuilder();
    while (!isNext('"')) {
      if (isNext('\\')) {
        at++;
      }
      if (at >= text.length()) {
        throw wrong("quoted string without an end");
      }
      char c = text.charAt(at);
      // qtextSMTP and quoted-pairSMTP leave out the controls.
      if (c < ' ' || c == 0x7f || c > 0x7f && !isBeyondAscii(c)) {
        throw wrong("control character in a quoted string");
      }
      content.append(c);
      at++;
    }
    at++;
    return content.toString();
  }

  /// Domain = sub-domain *("." sub-domain).
  Domain domain() throws SyntaxException {
    int start = at;
    subDomain();
    while (isNext('.')) {
      at++;
      subDomain();
    }
    String name = text.substring(start, at);
    if (octets(name) > Domain.MAX_OCTETS) {
      throw wrong("domain longer than " + Domain.MAX_OCTETS + " octets");
    }
    return new Domain(name);
  }

  /// sub-domain = Let-dig [Ldh-str] / U-label.
  private void subDomain() throws SyntaxException {
    int start = at;
    boolean ascii = true;
    while (at < text.length() && (isLetDig(text.charAt(at)) || text.charAt(at) == '-')) {
      ascii &= text.charAt(at) < 0x80;
      at++;
    }
    if (at == start) {
      throw wrong("domain expected at " + start);
    }
    if (text.charAt(start) == '-' || text.charAt(at - 1) == '-') {
      throw wrong("a label neither begins nor ends with a hyphen");
    }
    if (ascii && at - start > MAX_LABEL || octets(text.substring(start, at)) > 4 * MAX_LABEL) {
      throw wrong("label longer than " + MAX_LABEL + " octets");
    }
  }

  private static boolean isLetDig(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || isBeyondAscii(c) && isLabelLetter(c);
  }

  /// What IDNA may map or keep (RFC 5892): letters, marks, digits, the joiners, and halves of what
  /// is beyond the BMP.
  private static boolean isLabelLetter(char c) {
    int type = Character.getType(c);
    return Character.isLetterOrDigit(c)
        || Character.isSurrogate(c)
        || type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK
        || c == '\u200c'
        || c == '\u200d'
        || c == '\u00b7';
  }

  /// address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal
  /// ) "]".
  private AddressLiteral addressLiteral() throws SyntaxException {
    expect('[');
    int end = text.indexOf(']', at);
    if (end < 0) {
      throw wrong("address literal without an end");
    }
    String content = text.substring(at, end);
    if (!IpLiteral.isLiteral(content)) {
      throw wrong("not an address literal: [" + content + "]");
    }
    at = end + 1;
    return new AddressLiteral(content);
  }

  private static int octets(String s) {
    for (int i = 0; i < s.length(); i++) {
      if (s.charAt(i) >= 0x80) {
        return s.getBytes(UTF_8).length;
      }
    }
    return s.length();
  }

  SyntaxException wrong(String reason) {
    return new SyntaxException(refusal, reason);
  }
}
