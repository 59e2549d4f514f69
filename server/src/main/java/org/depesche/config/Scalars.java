package org.depesche.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.depesche.directory.dovecot.DovecotAddress;
import org.depesche.directory.ldap.DistinguishedName;
import org.depesche.directory.ldap.LdapServer;
import org.depesche.directory.ldap.SearchFilter;
import org.depesche.directory.sql.Query;
import org.depesche.mail.Domain;
import org.depesche.policy.Network;
import org.depesche.routing.RelayTarget;
import org.depesche.sasl.Mechanism;
import org.depesche.smtp.AddressParser;

/// The kinds of values that are no tables and no lists: how each is written, read, described and
/// measured.
final class Scalars {

  /// No wait and no bound of this program is meant to be longer.
  private static final Duration LONGEST = Duration.ofDays(3650);

  private Scalars() {}

  /// Reads a value as the file has it, with its TOML type.
  static Optional<?> read(Class<?> type, Object value) {
    if (value instanceof String text) {
      return isNumber(type) || type == boolean.class ? Optional.empty() : readText(type, text);
    }
    if (isNumber(type)) {
      return value instanceof Long ? Optional.of(value) : Optional.empty();
    }
    if (type == boolean.class) {
      return value instanceof Boolean ? Optional.of(value) : Optional.empty();
    }
    return type == DataSize.class && value instanceof Long bytes
        ? readText(type, bytes.toString())
        : Optional.empty();
  }

  /// Reads a value that is written without quotes: on the command line, as a default, as a bound.
  static Optional<?> readText(Class<?> type, String text) {
    if (isNumber(type)) {
      return number(text);
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .filter(each -> written(each).equals(text.strip()))
          .findFirst();
    }
    return switch (type.getSimpleName()) {
      case "String" -> Optional.of(text);
      case "boolean" ->
          text.equals("true") || text.equals("false")
              ? Optional.of(Boolean.valueOf(text))
              : Optional.empty();
      case "DataSize" -> DataSize.parse(text);
      case "Duration" -> Durations.parse(text);
      case "ListenAddress" -> ListenAddress.parse(text);
      case "Domain" -> AddressParser.parseDomain(text, true);
      case "Mailbox" ->
          AddressParser.parseMailbox(text, true).filter(m -> m.host() instanceof Domain);
      case "Path" -> path(text);
      case "Network" -> Network.parse(text);
      case "RelayTarget" -> RelayTarget.parse(text);
      case "DomainPattern" -> DomainPattern.parse(text);
      case "DnsServer" -> DnsServer.parse(text);
      case "RateLimit" -> RateLimit.parse(text);
      case "Fingerprint" -> Fingerprint.parse(text);
      case "Query" -> Query.parse(text);
      case "LdapServer" -> LdapServer.parse(text);
      case "DistinguishedName" -> DistinguishedName.parse(text);
      case "SearchFilter" -> SearchFilter.parse(text);
      case "DovecotAddress" -> DovecotAddress.parse(text);
      default -> throw new IllegalStateException("no way to read a " + type);
    };
  }

  /// What a key of this type has to be, for who wrote something else.
  static String expected(Class<?> type) {
    if (type.isEnum()) {
      List<String> names =
          Arrays.stream(type.getEnumConstants()).map(each -> quoted(written(each))).toList();
      return String.join(", ", names.subList(0, names.size() - 1)) + " or " + names.getLast();
    }
    return switch (type.getSimpleName()) {
      case "int", "long" -> "a whole number such as 1000";
      case "boolean" -> "true or false";
      case "Duration" -> "a length of time such as \"30s\", \"5m\", \"4h\" or \"5d\"";
      case "DataSize" -> "a size such as \"512KiB\" or \"50MiB\"";
      case "ListenAddress" -> "an address with a port such as \"127.0.0.1:2525\" or \"[::]:25\"";
      case "Domain" -> "a domain such as \"example.org\"";
      case "Mailbox" -> "an address such as \"alice@example.org\"";
      case "Path" -> "a path such as \"/var/lib/depesche\"";
      case "Network" -> "a network such as \"192.0.2.0/24\" or \"2001:db8::/32\"";
      case "RelayTarget" -> "\"smtp://host:port\", \"lmtp://host:port\" or \"lmtp+unix:///path\"";
      case "DomainPattern" -> "a domain, a domain with a dot before it, or \"*\"";
      case "Fingerprint" -> "64 hexadecimal digits, with or without colons";
      case "RateLimit" -> "an amount in a time such as \"500/1h\" or \"1GiB/1d\"";
      case "Query" -> "a query with :address, :local or :domain in it";
      case "LdapServer" -> "\"ldap://host:389\" or \"ldaps://host:636\"";
      case "DistinguishedName" -> "the name of an entry such as \"dc=example,dc=org\"";
      case "SearchFilter" ->
          "a filter with :address, :local or :domain in a value, such as \"(mail=:address)\"";
      case "DovecotAddress" -> "the path of a socket, or \"host:port\"";
      case "DnsServer" -> "an address such as \"127.0.0.1\" or \"[::1]:53\"";
      default -> "a text in quotes";
    };
  }

  /// The name of a type in the reference.
  static String name(Class<?> type) {
    if (type.isEnum()) {
      return type == Mechanism.class ? "mechanism" : type.getSimpleName().toLowerCase(Locale.ROOT);
    }
    return switch (type.getSimpleName()) {
      case "int", "long" -> "number";
      case "boolean" -> "true or false";
      case "Duration" -> "time";
      case "DataSize" -> "size";
      case "ListenAddress" -> "address:port";
      case "Domain" -> "domain";
      case "Mailbox" -> "mail address";
      case "Path" -> "path";
      case "Network" -> "network";
      case "RelayTarget" -> "next hop";
      case "DomainPattern" -> "domains";
      case "DnsServer" -> "address";
      case "RateLimit" -> "amount/time";
      case "Fingerprint" -> "SHA-256";
      case "Query" -> "query";
      case "LdapServer" -> "server";
      case "DistinguishedName" -> "name of an entry";
      case "SearchFilter" -> "filter";
      case "DovecotAddress" -> "socket or host:port";
      default -> "text";
    };
  }

  /// What is wrong with a value that can be counted; empty when it is within its bounds or cannot
  /// be counted.
  static Optional<String> outOfRange(Class<?> type, Object value, Optional<Range> range) {
    long measure = measure(value);
    String min = range.map(Range::min).filter(s -> !s.isEmpty()).orElse(lowest(type));
    String max = range.map(Range::max).filter(s -> !s.isEmpty()).orElse(highest(type));
    boolean low = !min.isEmpty() && measure < bound(type, min);
    boolean high = !max.isEmpty() && measure > bound(type, max);
    return low || high ? Optional.of(bounds(min, max)) : Optional.empty();
  }

  /// Bounds in words.
  static String bounds(String min, String max) {
    if (max.isEmpty()) {
      return "at least " + min;
    }
    return min.isEmpty() ? "at most " + max : "at least " + min + " and at most " + max;
  }

  /// A number that has passed its bounds, in the type of its component.
  static Object narrow(Class<?> type, Object value) {
    return type == int.class && value instanceof Long n ? (Object) Math.toIntExact(n) : value;
  }

  /// A constant as it stands in a file.
  static String written(Object constant) {
    return constant instanceof Mechanism mechanism
        ? mechanism.wireName()
        : constant.toString().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String lowest(Class<?> type) {
    return type == Duration.class ? "1ms" : isNumber(type) ? "0" : "";
  }

  private static String highest(Class<?> type) {
    if (type == Duration.class) {
      return Durations.format(LONGEST);
    }
    return type == int.class ? Integer.toString(Integer.MAX_VALUE) : "";
  }

  private static long bound(Class<?> type, String text) {
    return measure(
        readText(type, text)
            .orElseThrow(() -> new IllegalStateException(text + " is no bound of a " + type)));
  }

  private static long measure(Object value) {
    return switch (value) {
      case Number n -> n.longValue();
      case Duration d -> d.toMillis();
      case DataSize s -> s.bytes();
      default -> 0;
    };
  }

  private static boolean isNumber(Class<?> type) {
    return type == int.class || type == long.class;
  }

  private static Optional<Long> number(String text) {
    try {
      return Optional.of(Long.valueOf(text.strip().replace("_", "")));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Path> path(String text) {
    try {
      return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /// A value as it stands in a file.
  static String toml(Object value) {
    return switch (value) {
      case Integer n -> n.toString();
      case Long n -> n.toString();
      case Boolean b -> b.toString();
      case Duration d -> quoted(Durations.format(d));
      case Enum<?> each -> quoted(written(each));
      default -> quoted(value.toString());
    };
  }

  /// A basic string of TOML.
  private static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f) {
        out.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
