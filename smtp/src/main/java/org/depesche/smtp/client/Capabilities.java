package org.depesche.smtp.client;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.depesche.mail.Reply;

/// What a server said it can do (RFC 5321 §4.1.1.1).
///
/// @param byKeyword keyword in upper case, and its parameters as received
public record Capabilities(Map<String, String> byKeyword) {

  private static final Pattern MAIL_MAX = limitNamed("MAILMAX");
  private static final Pattern RCPT_MAX = limitNamed("RCPTMAX");

  private static Pattern limitNamed(String name) {
    return Pattern.compile("(?i)(?:^|\\s)" + name + "=([1-9]\\d{0,8})(?=\\s|$)");
  }

  /// Those of a server that was greeted with HELO.
  public static final Capabilities NONE = new Capabilities(Map.of());

  public Capabilities {
    byKeyword = Map.copyOf(byKeyword);
  }

  /// Reads the reply to EHLO. What is no keyword is passed over.
  static Capabilities parse(Reply ehlo) {
    Map<String, String> byKeyword = new HashMap<>();
    List<String> lines = ehlo.lines();
    for (String line : lines.subList(1, lines.size())) {
      String[] parts = line.strip().split("\\s+", 2);
      if (!parts[0].isEmpty()) {
        byKeyword.put(parts[0].toUpperCase(Locale.ROOT), parts.length > 1 ? parts[1] : "");
      }
    }
    return new Capabilities(byKeyword);
  }

  public boolean offers(Capability capability) {
    return byKeyword.containsKey(capability.keyword());
  }

  /// The same but for some, as of a server that does not know them.
  public Capabilities without(Set<Capability> some) {
    Map<String, String> left = new HashMap<>(byKeyword);
    some.forEach(capability -> left.remove(capability.keyword()));
    return new Capabilities(left);
  }

  /// The ways to log in, as they are called by the server; none when there is no login (RFC 4954
  /// §3).
  public List<String> mechanisms() {
    String names = byKeyword.getOrDefault(Capability.AUTH.keyword(), "");
    return names.isBlank() ? List.of() : List.of(names.strip().split("\\s+"));
  }

  /// The largest message taken, in octets; empty when the server named none (RFC 1870 §4).
  public OptionalLong maxSize() {
    return Optional.ofNullable(byKeyword.get(Capability.SIZE.keyword()))
        .filter(value -> value.matches("[0-9]{1,18}"))
        .map(Long::parseLong)
        .filter(octets -> octets > 0)
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }

  /// How many messages may be sent in one session; empty when the server named no limit (RFC 9422
  /// §4.1).
  public OptionalInt maxMessages() {
    return limit(MAIL_MAX);
  }

  /// How many recipients a message may have; empty when the server named no limit (RFC 9422 §4.2).
  public OptionalInt maxRecipients() {
    return limit(RCPT_MAX);
  }

  private OptionalInt limit(Pattern form) {
    String limits = byKeyword.get(Capability.LIMITS.keyword());
    if (limits == null) {
      return OptionalInt.empty();
    }
    Matcher value = form.matcher(limits);
    return value.find() ? OptionalInt.of(Integer.parseInt(value.group(1))) : OptionalInt.empty();
  }
}
