package org.depesche.mailbox.maildir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.depesche.mail.Mailbox;

/// Where mailboxes lie: a template such as `/data/mail/{domain}/{local}/Maildir`, resolved for the
/// address of an account.
///
/// **Encoding.** ASCII letters, digits and `- _ + = ' .` stand for themselves, a dot not at the
/// beginning. Every other byte of the UTF-8 form is `%` and two hexadecimal digits, and an empty
/// local part is a lone `%`. So a value has no slash, no control character and no hidden name, is
/// never `.` or `..`, does not depend on the locale, and two addresses never share a name. Case is
/// kept: which spellings are one account is the directory's word. A component over 255 bytes is
/// cut, and `%%` with its SHA-256 follows.
///
/// The folder before the first placeholder is the root; nothing resolves to a path outside it.
final class MailboxPath {

  /// Longest name of a file on the usual file systems, in bytes.
  static final int MAX_NAME_BYTES = 255;

  private static final int KEPT_OF_LONG_NAME = 180;
  private static final String PLAIN = "-_+='.";

  /// A piece of a path component.
  private sealed interface Part {

    /// Text of the template itself.
    record Text(String text) implements Part {}

    /// `{local}`.
    record Local() implements Part {}

    /// `{domain}`.
    record Domain() implements Part {}
  }

  private final Path root;
  private final List<List<Part>> components;

  private MailboxPath(Path root, List<List<Part>> components) {
    this.root = root;
    this.components = components;
  }

  /// Reads a template.
  ///
  /// @throws IllegalArgumentException when it names no place for each mailbox, or more than one
  ///   mailbox could have the same
  static MailboxPath parse(String template) {
    StringBuilder fixed = new StringBuilder();
    List<List<Part>> components = new ArrayList<>();
    boolean perMailbox = false;
    for (String component : template.split("/+", -1)) {
      if (components.isEmpty() && component.indexOf('{') < 0 && component.indexOf('}') < 0) {
        fixed.append(component).append('/');
      } else if (!component.isEmpty()) {
        List<Part> parts = parts(template, component);
        perMailbox |= parts.stream().anyMatch(Part.Local.class::isInstance);
        components.add(parts);
      }
    }
    if (!perMailbox) {
      throw new IllegalArgumentException("mailbox path " + template + " needs {local}");
    }
    return new MailboxPath(Path.of(fixed.toString()).toAbsolutePath().normalize(), components);
  }

  private static List<Part> parts(String template, String component) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (at < component.length()) {
      int open = component.indexOf('{', at);
      int close = component.indexOf('}', at);
      int textEnd = open < 0 ? component.length() : open;
      if (textEnd > at) {
        parts.add(new Part.Text(component.substring(at, textEnd)));
      }
      if (open < 0 ? close >= 0 : close < open) {
        throw new IllegalArgumentException("mailbox path " + template + ": unpaired brace");
      }
      if (open >= 0) {
        parts.add(placeholder(template, component.substring(open + 1, close)));
      }
      at = open < 0 ? component.length() : close + 1;
    }
    checkUnambiguous(template, component, parts);
    return List.copyOf(parts);
  }

  private static Part placeholder(String template, String name) {
    return switch (name) {
      case "local" -> new Part.Local();
      case "domain" -> new Part.Domain();
      default ->
          throw new IllegalArgumentException(
              "mailbox path " + template + ": {" + name + "} is neither {local} nor {domain}");
    };
  }

  private static void checkUnambiguous(String template, String component, List<Part> parts) {
    boolean valueBefore = false;
    boolean divided = true;
    for (Part part : parts) {
      if (part instanceof Part.Text(String text)) {
        if (text.indexOf('%') >= 0 || text.indexOf('\0') >= 0) {
          throw new IllegalArgumentException("mailbox path " + template + ": % or NUL in a name");
        }
        divided |= text.chars().anyMatch(c -> !isPlain(c));
      } else {
        if (valueBefore && !divided) {
          throw new IllegalArgumentException(
              "mailbox path " + template + ": two addresses could share " + component + "; use @");
        }
        valueBefore = true;
        divided = false;
      }
    }
    if (component.equals(".") || component.equals("..")) {
      throw new IllegalArgumentException("mailbox path " + template + ": " + component);
    }
  }

  /// The folder all mailboxes lie in.
  Path root() {
    return root;
  }

  /// The Maildir of an account.
  Path resolve(Mailbox mailbox) {
    Path path = root;
    for (List<Part> component : components) {
      path = path.resolve(name(component, mailbox));
    }
    // The encoding has seen to this; a mistake in it must not become a way out.
    if (!path.normalize().equals(path)
        || !path.startsWith(root)
        || path.getNameCount() != root.getNameCount() + components.size()) {
      throw new IllegalStateException("mailbox path leaves " + root);
    }
    return path;
  }

  private static String name(List<Part> component, Mailbox mailbox) {
    StringBuilder out = new StringBuilder();
    for (Part part : component) {
      switch (part) {
        case Part.Text(String text) -> out.append(text);
        case Part.Local() -> encode(mailbox.localPart(), out);
        case Part.Domain() -> encode(mailbox.host().wire(), out);
      }
    }
    byte[] bytes = out.toString().getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MAX_NAME_BYTES
        ? out.toString()
        : out.substring(0, KEPT_OF_LONG_NAME) + "%%" + HexFormat.of().formatHex(sha256(bytes));
  }

  private static void encode(String value, StringBuilder out) {
    if (value.isEmpty()) {
      out.append('%');
      return;
    }
    boolean first = true;
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      if (isPlain(b) && !(first && b == '.')) {
        out.append((char) b);
      } else {
        out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
      first = false;
    }
  }

  private static boolean isPlain(int c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c > 0 && PLAIN.indexOf(c) >= 0;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
