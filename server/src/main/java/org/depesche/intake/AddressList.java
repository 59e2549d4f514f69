package org.depesche.intake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;
import org.jspecify.annotations.Nullable;

/// The mailboxes of a header field such as From (RFC 5322 §3.4), display names and comments left
/// out. A field that cannot be read as a whole is not read at all: who looks for forged authors
/// must not overlook one.
final class AddressList {

  private final String text;
  private int at;

  /// What stands between two commas, without names and comments.
  ///
  /// @param end where it ends in the text
  private record Element(String address, int end) {

    boolean isBlank() {
      return address.isBlank();
    }
  }

  private AddressList(String text) {
    this.text = text;
  }

  /// Empty when the field makes no sense.
  static Optional<List<Mailbox>> parse(String value) {
    List<Mailbox> found = new ArrayList<>();
    AddressList list = new AddressList(value);
    while (list.at < list.text.length()) {
      Optional<Element> element = list.next();
      if (element.isEmpty()) {
        return Optional.empty();
      }
      if (element.get().isBlank()) {
        continue;
      }
      Optional<Mailbox> mailbox = AddressParser.parseMailbox(element.get().address().strip(), true);
      if (mailbox.isEmpty()) {
        return Optional.empty();
      }
      found.add(mailbox.get());
    }
    return Optional.of(found);
  }

  /// The field with a domain behind each local part that has none; all else as it was. What cannot
  /// be read stays as it is.
  ///
  /// @param value with its folds, bytes as Latin-1
  static String completed(String value, Domain domain) {
    StringBuilder completed = new StringBuilder();
    AddressList list = new AddressList(value);
    int done = 0;
    while (list.at < value.length()) {
      Optional<Element> element = list.next();
      if (element.isEmpty()) {
        return value;
      }
      if (isLocalPart(element.get().address().strip(), domain)) {
        completed.append(value, done, element.get().end()).append('@').append(domain.name());
        done = element.get().end();
      }
    }
    return completed.append(value, done, value.length()).toString();
  }

  private static boolean isLocalPart(String text, Domain domain) {
    String decoded = new String(text.getBytes(ISO_8859_1), UTF_8);
    return !text.isEmpty()
        && AddressParser.parseMailbox(decoded, true).isEmpty()
        && AddressParser.parseMailbox(decoded + "@" + domain.name(), true).isPresent();
  }

  /// The next element, up to a comma; empty when brackets or quotes do not end.
  private Optional<Element> next() {
    StringBuilder plain = new StringBuilder();
    @Nullable Element inBrackets = null;
    int plainEnd = at;
    while (at < text.length()) {
      char c = text.charAt(at);
      switch (c) {
        case ',', ';' -> {
          at++;
          return Optional.of(
              inBrackets != null ? inBrackets : new Element(plain.toString(), plainEnd));
        }
        case '"' -> {
          int end = endOf('"', at + 1);
          if (end < 0) {
            return Optional.empty();
          }
          plain.append(text, at, end + 1);
          at = end + 1;
          plainEnd = at;
        }
        case '(' -> {
          at = endOfComment();
          if (at < 0) {
            return Optional.empty();
          }
        }
        case '<' -> {
          int end = endOf('>', at + 1);
          if (end < 0 || inBrackets != null) {
            return Optional.empty();
          }
          String inside = text.substring(at + 1, end);
          inBrackets = new Element(inside, at + 1 + inside.stripTrailing().length());
          at = end + 1;
        }
        case ':' -> {
          // The name of a group (RFC 6854).
          plain.setLength(0);
          at++;
        }
        default -> {
          plain.append(c);
          at++;
          plainEnd = Character.isWhitespace(c) ? plainEnd : at;
        }
      }
    }
    return Optional.of(inBrackets != null ? inBrackets : new Element(plain.toString(), plainEnd));
  }

  private int endOf(char end, int from) {
    boolean quoted = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '"' && end != '"') {
        quoted = !quoted;
      } else if (c == end && !quoted) {
        return i;
      }
    }
    return -1;
  }

  private int endOfComment() {
    int depth = 0;
    for (int i = at; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '\\' -> i++;
        case '(' -> depth++;
        case ')' -> {
          if (--depth == 0) {
            return i + 1;
          }
        }
        default -> {}
      }
    }
    return -1;
  }
}
