package org.depesche.smtp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Optional;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.Domain;
import org.depesche.mail.Host;
import org.depesche.mail.Mailbox;
import org.depesche.mail.NullPath;
import org.depesche.mail.ReversePath;

/// The grammar of paths, mailboxes, domains and address literals (RFC 5321 §4.1.2, §4.1.3, RFC 6531
/// §3.3), one method a rule. A rule that does not match answers empty or false and leaves the
/// cursor anywhere.
public final class AddressParser {

  /// Longest path in octets, brackets included (RFC 5321 §4.5.3.1.3).
  public static final int MAX_PATH_OCTETS = 256;

  /// Longest label of a domain (RFC 1035 §2.3.4).
  public static final int MAX_LABEL_OCTETS = 63;

  private static final String POSTMASTER = "postmaster";

  private final Cursor cursor;
  private final Optional<Domain> completing;

  AddressParser(Cursor cursor) {
    this(cursor, Optional.empty());
  }

  /// @param completing domain of mailboxes that have none; empty to refuse such (RFC 6409 §4.2)
  AddressParser(Cursor cursor, Optional<Domain> completing) {
    this.cursor = cursor;
    this.completing = completing;
  }

  /// Reads a mailbox such as `bob@example.org`.
  ///
  /// @param utf8 whether local part and domain may be more than ASCII (RFC 6531)
  public static Optional<Mailbox> parseMailbox(String text, boolean utf8) {
    return cursorOver(text, utf8)
        .flatMap(c -> new AddressParser(c).mailbox().filter(_ -> c.atEnd()));
  }

  /// Reads a domain such as `example.org`.
  ///
  /// @param utf8 whether it may have U-labels (RFC 6531)
  public static Optional<Domain> parseDomain(String text, boolean utf8) {
    return cursorOver(text, utf8)
        .flatMap(c -> new AddressParser(c).domain().filter(_ -> c.atEnd()));
  }

  private static Optional<Cursor> cursorOver(String text, boolean utf8) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      return Optional.empty();
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    boolean ascii = bytes.length == text.length();
    return ascii || utf8 && Cursor.isUtf8Text(bytes, 0, bytes.length)
        ? Optional.of(new Cursor(bytes, 0, bytes.length))
        : Optional.empty();
  }

  // Reverse-path = Path / "<>"
  Optional<ReversePath> reversePath() {
    return cursor.eatWord("<>") ? Optional.of(NullPath.INSTANCE) : path().map(mailbox -> mailbox);
  }

  // "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path (RFC 5321 §4.1.1.3)
  Optional<Mailbox> forwardPath(Domain ourselves) {
    return cursor.eatWord("<POSTMASTER>")
        ? Optional.of(new Mailbox(POSTMASTER, ourselves))
        : path();
  }

  // Path = "<" [ A-d-l ":" ] Mailbox ">"
  private Optional<Mailbox> path() {
    int from = cursor.position();
    if (!cursor.eat('<') || cursor.peek() == '@' && !sourceRoute()) {
      return Optional.empty();
    }
    Optional<Mailbox> mailbox = mailbox();
    return mailbox.isPresent() && cursor.eat('>') && cursor.position() - from <= MAX_PATH_OCTETS
        ? mailbox
        : Optional.empty();
  }

  // A-d-l = At-domain *( "," At-domain ), and the ":" behind it. Accepted and ignored (RFC 5321
  // §4.1.2, appendix C).
  private boolean sourceRoute() {
    do {
      if (!cursor.eat('@') || domain().isEmpty()) {
        return false;
      }
    } while (cursor.eat(','));
    return cursor.eat(':');
  }

  // Mailbox = Local-part "@" ( Domain / address-literal )
  private Optional<Mailbox> mailbox() {
    Optional<String> local = cursor.peek() == '"' ? quotedString() : dotString();
    if (local.isEmpty()) {
      return Optional.empty();
    }
    if (!cursor.eat('@')) {
      return completing.map(domain -> new Mailbox(local.get(), domain));
    }
    Optional<? extends Host> host = cursor.peek() == '[' ? addressLiteral() : domain();
    return host.map(h -> new Mailbox(local.get(), h));
  }

  // Dot-string = Atom *("." Atom)
  private Optional<String> dotString() {
    int from = cursor.position();
    do {
      if (!atom()) {
        return Optional.empty();
      }
    } while (cursor.eat('.'));
    int octets = cursor.position() - from;
    return Optional.of(cursor.textFrom(from))
        .filter(local -> octets <= Mailbox.MAX_LOCAL_OCTETS || isRewritten(local, octets));
  }

  /// RFC 5321 §4.5.3.1 asks for no limits where that is possible. A sender that a forwarding host
  /// has rewritten (SRS) holds a whole other address, and the host wants its notifications.
  private static boolean isRewritten(String local, int octets) {
    return octets <= MAX_PATH_OCTETS
        && local.length() > 4
        && (local.regionMatches(true, 0, "SRS0", 0, 4)
            || local.regionMatches(true, 0, "SRS1", 0, 4))
        && "=-+".indexOf(local.charAt(4)) >= 0;
  }

  // Atom = 1*atext
  boolean atom() {
    int from = cursor.position();
    while (isAtext(cursor.peek())) {
      cursor.advance();
    }
    return cursor.position() > from;
  }

  // RFC 5322 §3.2.3 atext; RFC 6531 §3.3 adds UTF8-non-ascii.
  private static boolean isAtext(int c) {
    return Cursor.isLetter(c)
        || Cursor.isDigit(c)
        || c >= 0x80
        || switch (c) {
          case '!', '#', '$', '%', '&', '\'', '*', '+', '-', '/' -> true;
          case '=', '?', '^', '_', '`', '{', '|', '}', '~' -> true;
          default -> false;
        };
  }

  // Quoted-string = DQUOTE *QcontentSMTP DQUOTE
  private Optional<String> quotedString() {
    cursor.advance();
    ByteArrayOutputStream meaning = new ByteArrayOutputStream(Mailbox.MAX_LOCAL_OCTETS);
    while (!cursor.eat('"')) {
      // quoted-pairSMTP = %d92 %d32-126
      boolean pair = cursor.eat('\\');
      int c = cursor.peek();
      // qtextSMTP = %d32-33 / %d35-91 / %d93-126, and UTF8-non-ascii by RFC 6531 §3.3
      boolean plain = c >= ' ' && c <= '~' || c >= 0x80 && !pair;
      if (!plain || meaning.size() == MAX_PATH_OCTETS) {
        return Optional.empty();
      }
      meaning.write(c);
      cursor.advance();
    }
    int octets = meaning.size();
    return Optional.of(meaning.toString(StandardCharsets.UTF_8))
        .filter(local -> octets <= Mailbox.MAX_LOCAL_OCTETS || isRewritten(local, octets));
  }

  // Domain = sub-domain *("." sub-domain)
  Optional<Domain> domain() {
    int from = cursor.position();
    do {
      if (!subDomain()) {
        return Optional.empty();
      }
    } while (cursor.eat('.'));
    return cursor.position() - from <= Domain.MAX_OCTETS
        ? Optional.of(new Domain(cursor.textFrom(from)))
        : Optional.empty();
  }

  // sub-domain = Let-dig [Ldh-str] / U-label (RFC 6531 §3.3)
  private boolean subDomain() {
    int from = cursor.position();
    boolean ascii = true;
    for (int c = cursor.peek();
        Cursor.isLetter(c) || Cursor.isDigit(c) || c == '-' || c >= 0x80;
        c = cursor.peek()) {
      ascii &= c < 0x80;
      cursor.advance();
    }
    int length = cursor.position() - from;
    if (length == 0 || cursor.byteAt(from) == '-' || cursor.byteAt(cursor.position() - 1) == '-') {
      return false;
    }
    return ascii ? length <= MAX_LABEL_OCTETS : isULabel(cursor.textFrom(from));
  }

  /// What one can know of a U-label without the tables of RFC 5892: normal form, letters, digits
  /// and marks only, no hyphens where an A-label has them, and at most as many characters as the
  /// A-label has octets (RFC 5891 §4.2, RFC 5890 §2.3.2.1).
  private static boolean isULabel(String label) {
    return label.codePointCount(0, label.length()) <= MAX_LABEL_OCTETS
        && Normalizer.isNormalized(label, Normalizer.Form.NFC)
        && !label.startsWith("--", 2)
        && !isMark(label.codePointAt(0))
        && label.codePoints().allMatch(AddressParser::mayStandInULabel);
  }

  private static boolean mayStandInULabel(int c) {
    return c == '-'
        || Character.isLetterOrDigit(c)
        || isMark(c)
        || switch (c) {
          // RFC 5892 appendix A: joiners, middle dots and punctuation allowed by context
          case 0x00B7, 0x0375, 0x05F3, 0x05F4, 0x200C, 0x200D, 0x30FB -> true;
          default -> false;
        };
  }

  private static boolean isMark(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
  }

  // address-literal = "[" ( IPv4-address-literal / IPv6-address-literal /
  //                   General-address-literal ) "]"
  Optional<AddressLiteral> addressLiteral() {
    if (!cursor.eat('[')) {
      return Optional.empty();
    }
    int from = cursor.position();
    Optional<String> content;
    if (cursor.eatWord("IPV6:")) {
      content = ipv6() ? Optional.of(cursor.textFrom(from)) : Optional.empty();
    } else {
      content = ipv4();
      if (content.isEmpty()) {
        cursor.backTo(from);
        content = generalLiteral() ? Optional.of(cursor.textFrom(from)) : Optional.empty();
      }
    }
    return cursor.eat(']') && cursor.position() - from <= Domain.MAX_OCTETS
        ? content.map(AddressLiteral::new)
        : Optional.empty();
  }

  // IPv4-address-literal = Snum 3("." Snum); leading zeros go, so that nobody takes them for octal
  private Optional<String> ipv4() {
    StringBuilder canonical = new StringBuilder(15);
    for (int i = 0; i < 4; i++) {
      if (i > 0 && !cursor.eat('.')) {
        return Optional.empty();
      }
      int number = snum();
      if (number < 0) {
        return Optional.empty();
      }
      canonical.append(i > 0 ? "." : "").append(number);
    }
    return Optional.of(canonical.toString());
  }

  // Snum = 1*3DIGIT ; 0 through 255. -1 when it is none.
  private int snum() {
    int from = cursor.position();
    int value = 0;
    while (Cursor.isDigit(cursor.peek()) && cursor.position() - from < 3) {
      value = value * 10 + cursor.peek() - '0';
      cursor.advance();
    }
    return cursor.position() == from || value > 255 ? -1 : value;
  }

  // IPv6-addr = IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp
  private boolean ipv6() {
    int groups = 0;
    boolean dotted = false;
    boolean compressed = cursor.eatWord("::");
    boolean more = !(compressed && cursor.peek() == ']');
    while (more) {
      int here = cursor.position();
      dotted = ipv4().isPresent();
      if (dotted) {
        break;
      }
      cursor.backTo(here);
      if (!ipv6Hex()) {
        return false;
      }
      groups++;
      if (cursor.eatWord("::")) {
        if (compressed) {
          return false;
        }
        compressed = true;
        more = cursor.peek() != ']';
      } else {
        more = cursor.eat(':');
      }
    }
    // The "::" stands for at least two groups of zeros.
    int wanted = dotted ? 6 : 8;
    return compressed ? groups <= wanted - 2 : groups == wanted;
  }

  // IPv6-hex = 1*4HEXDIG
  private boolean ipv6Hex() {
    int from = cursor.position();
    while (Cursor.isHexDigit(cursor.peek()) && cursor.position() - from < 4) {
      cursor.advance();
    }
    return cursor.position() > from;
  }

  // General-address-literal = Standardized-tag ":" 1*dcontent ; Standardized-tag = Ldh-str
  private boolean generalLiteral() {
    int from = cursor.position();
    while (Cursor.isLetter(cursor.peek())
        || Cursor.isDigit(cursor.peek())
        || cursor.peek() == '-') {
      cursor.advance();
    }
    if (cursor.position() == from
        || cursor.byteAt(cursor.position() - 1) == '-'
        || !cursor.eat(':')) {
      return false;
    }
    int content = cursor.position();
    // dcontent = %d33-90 / %d94-126
    for (int c = cursor.peek(); c >= '!' && c <= 'Z' || c >= '^' && c <= '~'; c = cursor.peek()) {
      cursor.advance();
    }
    return cursor.position() > content;
  }
}
