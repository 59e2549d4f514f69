package org.depesche.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// The mailboxes of a header field such as From (RFC 5322 §3.4), display names and comments left
/// out. A field that cannot be read as a whole is not read at all: who looks for forged authors
/// must not overlook one.
final class AddressList {

  private final String text;
  private int at;

  private AddressList(String text) {
    this.text = text;
  }

  /// Empty when the field makes no sense.
  static Optional<List<Mailbox>> parse(String value) {
    List<Mailbox> found = new ArrayList<>();
    AddressList list = new AddressList(value);
    while (list.at < list.text.length()) {
      Optional<String> address = list.next();
      if (address.isEmpty()) {
        return Optional.empty();
      }
      if (address.get().isBlank()) {
        continue;
      }
      Optional<Mailbox> mailbox = AddressParser.parseMailbox(address.get().strip(), true);
      if (mailbox.isEmpty()) {
        return Optional.empty();
      }
      found.add(mailbox.get());
    }
    return Optional.of(found);
  }

  /// The address of the next element, up to a comma; empty when brackets or quotes do not end.
  private Optional<String> next() {
    StringBuilder plain = new StringBuilder();
    String inBrackets = "";
    boolean bracketed = false;
    while (at < text.length()) {
      char c = text.charAt(at);
      switch (c) {
        case ',', ';' -> {
          at++;
          return Optional.of(bracketed ? inBrackets : plain.toString());
        }
        case '"' -> {
          int end = endOf('"', at + 1);
          if (end < 0) {
            return Optional.empty();
          }
          plain.append(text, at, end + 1);
          at = end + 1;
        }
        case '(' -> {
          at = endOfComment();
          if (at < 0) {
            return Optional.empty();
          }
        }
        case '<' -> {
          int end = endOf('>', at + 1);
          if (end < 0 || bracketed) {
            return Optional.empty();
          }
          inBrackets = text.substring(at + 1, end);
          bracketed = true;
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
        }
      }
    }
    return Optional.of(bracketed ? inBrackets : plain.toString());
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
