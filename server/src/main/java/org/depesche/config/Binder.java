package org.depesche.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;
import org.jspecify.annotations.Nullable;

/// Makes records of tables: the components of a record are the keys of its table. Everything that
/// is wrong is remembered, with its place, and binding goes on.
final class Binder {

  /// Farthest distance of two words that may be meant for each other.
  private static final int MAX_TYPOS = 2;

  private final List<Problem> problems;

  /// Where each value came from, by its path: `limits.recipients`, `account[0].address`.
  private final Map<String, Position> origins = new LinkedHashMap<>();

  Binder(List<Problem> problems) {
    this.problems = problems;
  }

  Map<String, Position> origins() {
    return origins;
  }

  /// Binds a record; null when something in it was wrong.
  <R extends Record> @Nullable R bind(Class<R> type, Node.Table table, String path) {
    RecordComponent[] components = type.getRecordComponents();
    unknownKeys(components, table, path);
    @Nullable Object[] values = new @Nullable Object[components.length];
    boolean good = true;
    for (int i = 0; i < components.length; i++) {
      String key = key(components[i]);
      String childPath = path.isEmpty() ? key : path + "." + key;
      Object value = component(components[i], table.entries().get(key), table, childPath);
      good &= value != null;
      values[i] = value;
    }
    if (!good) {
      return null;
    }
    try {
      var constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      problems.add(new Problem(table.at(), String.valueOf(e.getCause())));
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make a " + type, e);
    }
  }

  static String key(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private void unknownKeys(RecordComponent[] components, Node.Table table, String path) {
    List<String> known = Arrays.stream(components).map(Binder::key).toList();
    table
        .entries()
        .forEach(
            (key, node) -> {
              if (!known.contains(key)) {
                String full = path.isEmpty() ? key : path + "." + key;
                problems.add(new Problem(node.at(), unknown(full, key, known)));
              }
            });
  }

  private static String unknown(String path, String key, List<String> known) {
    String general = path.replaceAll("\\[\\d+]", "");
    Optional<String> later = LaterKeys.reason(general);
    if (later.isPresent()) {
      return later.get();
    }
    return "unknown key "
        + path
        + nearest(key, known).map(n -> ", did you mean " + n + "?").orElse("");
  }

  private static Optional<String> nearest(String word, List<String> known) {
    return known.stream()
        .filter(k -> distance(word, k) <= MAX_TYPOS)
        .min((a, b) -> Integer.compare(distance(word, a), distance(word, b)));
  }

  /// How many letters have to be changed, added or taken away (Levenshtein).
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    Arrays.setAll(previous, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }

  private @Nullable Object component(
      RecordComponent component, @Nullable Node node, Node.Table table, String path) {
    Type type = component.getGenericType();
    Class<?> raw = component.getType();
    if (node == null) {
      return missing(component, table, path);
    }
    origins.put(path, node.at());
    if (raw == Optional.class) {
      Object value = scalar(argument(type), node, component, path);
      return value == null ? null : Optional.of(value);
    }
    if (raw == List.class) {
      return list(argument(type), node, component, path);
    }
    if (raw.isRecord() && Record.class.isAssignableFrom(raw) && isTable(raw)) {
      if (node instanceof Node.Table inner) {
        return bind(raw.asSubclass(Record.class), inner, path);
      }
      return wrong(node, path, "a table, [" + path + "]");
    }
    return scalar(raw, node, component, path);
  }

  /// Records of this package that are written as one value are no tables.
  private static boolean isTable(Class<?> type) {
    return type.getEnclosingClass() == Settings.class;
  }

  private @Nullable Object missing(RecordComponent component, Node.Table table, String path) {
    Class<?> raw = component.getType();
    Default given = component.getAnnotation(Default.class);
    if (given != null) {
      Position at = new Position("default", 0, 0);
      Node node =
          raw == List.class
              ? new Node.Sequence(
                  Arrays.stream(given.value().split(", "))
                      .map(text -> (Node) new Node.Value(text, at))
                      .toList(),
                  at)
              : new Node.Value(given.value(), at);
      return raw == List.class
          ? list(argument(component.getGenericType()), node, component, path)
          : scalar(raw, node, component, path);
    }
    if (raw == Optional.class) {
      return Optional.empty();
    }
    if (raw == List.class) {
      return List.of();
    }
    if (raw.isRecord() && isTable(raw)) {
      return bind(
          raw.asSubclass(Record.class), new Node.Table(new LinkedHashMap<>(), table.at()), path);
    }
    problems.add(new Problem(table.at(), path + " is missing"));
    return null;
  }

  private @Nullable Object list(
      Class<?> element, Node node, RecordComponent component, String path) {
    if (!(node instanceof Node.Sequence(var items, _))) {
      return wrong(
          node,
          path,
          isTable(element) ? "tables, each under [[" + path + "]]" : "a list in brackets");
    }
    List<Object> values = new ArrayList<>();
    boolean good = true;
    for (int i = 0; i < items.size(); i++) {
      String itemPath = path + "[" + i + "]";
      origins.put(itemPath, items.get(i).at());
      Object value;
      if (isTable(element)) {
        value =
            items.get(i) instanceof Node.Table table
                ? bind(element.asSubclass(Record.class), table, itemPath)
                : wrong(items.get(i), itemPath, "a table");
      } else {
        value = scalar(element, items.get(i), component, itemPath);
      }
      good &= value != null;
      if (value != null) {
        values.add(value);
      }
    }
    return good ? List.copyOf(values) : null;
  }

  private static Class<?> argument(Type type) {
    return type instanceof ParameterizedType parameterized
            && parameterized.getActualTypeArguments()[0] instanceof Class<?> argument
        ? argument
        : Object.class;
  }

  private @Nullable Object scalar(
      Class<?> type, Node node, RecordComponent component, String path) {
    if (!(node instanceof Node.Value(var value, _))) {
      return wrong(node, path, expected(type));
    }
    Optional<?> parsed = parse(type, value);
    if (parsed.isEmpty()) {
      return wrong(node, path, expected(type));
    }
    Range range = component.getAnnotation(Range.class);
    if (parsed.get() instanceof Number number) {
      long n = number.longValue();
      long min = range == null ? 0 : range.min();
      long max = range == null ? Long.MAX_VALUE : range.max();
      if (n < min || n > max) {
        problems.add(
            new Problem(
                node.at(),
                path
                    + " is "
                    + n
                    + ", it has to be at least "
                    + min
                    + (max == Long.MAX_VALUE ? "" : " and at most " + max)));
        return null;
      }
    }
    return parsed.get();
  }

  private @Nullable Object wrong(Node node, String path, String expected) {
    String found =
        switch (node) {
          case Node.Value(var value, _) -> value instanceof String s ? "\"" + s + "\"" : "" + value;
          case Node.Sequence _ -> "a list";
          case Node.Table _ -> "a table";
        };
    problems.add(new Problem(node.at(), path + " is " + found + ", it has to be " + expected));
    return null;
  }

  private static String expected(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "int", "long" -> "a number";
      case "boolean" -> "true or false";
      case "Duration" -> "a length of time such as \"30s\", \"5m\", \"4h\" or \"5d\"";
      case "DataSize" -> "a size such as \"512KiB\" or \"50MiB\"";
      case "ListenAddress" -> "an address with a port such as \"127.0.0.1:2525\" or \"[::]:25\"";
      case "Role" -> "\"mx\" (this version cannot do submission, submissions or lmtp yet)";
      case "Domain" -> "a domain such as \"example.org\"";
      case "Mailbox" -> "an address such as \"alice@example.org\"";
      case "Path" -> "a path";
      default -> "a text in quotes";
    };
  }

  private static Optional<?> parse(Class<?> type, Object value) {
    String text = value instanceof String s ? s : "";
    if (type == String.class) {
      return value instanceof String ? Optional.of(text) : Optional.empty();
    }
    if (type == int.class || type == long.class) {
      return number(type, value);
    }
    if (type == boolean.class) {
      return value instanceof Boolean b
          ? Optional.of(b)
          : Optional.of(text)
              .filter(t -> t.equals("true") || t.equals("false"))
              .map(Boolean::valueOf);
    }
    if (type == DataSize.class) {
      return DataSize.parse(value instanceof Long n ? n.toString() : text);
    }
    if (type == Duration.class) {
      return Durations.parse(text);
    }
    if (type == ListenAddress.class) {
      return ListenAddress.parse(text);
    }
    if (type == Role.class) {
      return text.equals("mx") ? Optional.of(Role.MX) : Optional.empty();
    }
    if (type == Domain.class) {
      return AddressParser.parseDomain(text, true);
    }
    if (type == Mailbox.class) {
      return AddressParser.parseMailbox(text, true);
    }
    if (type == Path.class) {
      return path(text);
    }
    throw new IllegalStateException("no way to read a " + type);
  }

  private static Optional<?> number(Class<?> type, Object value) {
    try {
      long n = value instanceof Long l ? l : Long.parseLong(String.valueOf(value));
      if (type == long.class) {
        return Optional.of(n);
      }
      return Optional.of(Math.toIntExact(n));
    } catch (NumberFormatException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Optional<Path> path(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}
