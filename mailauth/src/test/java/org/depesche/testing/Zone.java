package org.depesche.testing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.depesche.dns.Answer.Trouble;

/// What the DNS holds, written a record a line:
///
/// ```
/// example.org. 60 MX 10 mx1.example.org.   ; a TTL is optional
/// mx1.example.org. A 192.0.2.1
/// example.org. SECURE                      ; DNSSEC secures what is here and below
/// dead.example.org. A !SERVFAIL            ; this question fails; ANY for all questions
/// ```
///
/// Names are complete and end with a dot; there is no way to write one with a dot or a space in a
/// label.
public final class Zone {

  private static final long DEFAULT_TTL = 300;

  /// A record.
  ///
  /// @param name in lower case without the last dot
  public record Entry(String name, long ttl, String type, String data) {}

  private final List<Entry> entries = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Set<String> secure = new HashSet<>();

  private Zone() {}

  public static Zone parse(String text) {
    Zone zone = new Zone();
    text.lines().map(line -> line.replaceFirst(";.*", "").strip()).forEach(zone::line);
    return zone;
  }

  private void line(String line) {
    if (line.isEmpty()) {
      return;
    }
    String[] words = line.split("\\s+", 2);
    if (words.length < 2 || !words[0].endsWith(".")) {
      throw new IllegalArgumentException("no record: " + line);
    }
    String name = fold(words[0]);
    if (words[1].equals("SECURE")) {
      secure.add(name);
      return;
    }
    String[] rest = words[1].split("\\s+", 2);
    long ttl = DEFAULT_TTL;
    if (rest[0].matches("\\d+")) {
      ttl = Long.parseLong(rest[0]);
      rest = rest[1].split("\\s+", 2);
    }
    entries.add(new Entry(name, ttl, rest[0], rest[1]));
    for (String at = name; !at.isEmpty(); at = parent(at)) {
      names.add(at);
    }
  }

  /// The records of a type at a name.
  public List<Entry> at(String name, String type) {
    String folded = fold(name);
    return entries.stream()
        .filter(e -> e.name().equals(folded) && e.type().equals(type))
        .filter(e -> !e.data().startsWith("!"))
        .toList();
  }

  /// True when a record stands there or below.
  public boolean exists(String name) {
    return names.contains(fold(name));
  }

  /// How a question fails, when the zone says that it does.
  public Optional<Trouble> trouble(String name, String type) {
    String folded = fold(name);
    return entries.stream()
        .filter(e -> e.name().equals(folded) && e.data().startsWith("!"))
        .filter(e -> e.type().equals(type) || e.type().equals("ANY"))
        .map(e -> Trouble.valueOf(e.data().substring(1)))
        .findFirst();
  }

  public boolean isSecure(String name) {
    for (String at = fold(name); !at.isEmpty(); at = parent(at)) {
      if (secure.contains(at)) {
        return true;
      }
    }
    return false;
  }

  /// The SOA record of the zone around a name.
  public Optional<Entry> authority(String name) {
    for (String at = fold(name); !at.isEmpty(); at = parent(at)) {
      List<Entry> found = at(at, "SOA");
      if (!found.isEmpty()) {
        return Optional.of(found.getFirst());
      }
    }
    return Optional.empty();
  }

  private static String parent(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1);
  }

  /// A name as it is compared.
  static String fold(String name) {
    String folded = name.toLowerCase(Locale.ROOT);
    return folded.endsWith(".") ? folded.substring(0, folded.length() - 1) : folded;
  }
}
