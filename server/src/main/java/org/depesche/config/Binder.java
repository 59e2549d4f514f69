package org.depesche.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes records of tables: the components of a record are the keys of its table. Everything that
/// is wrong is remembered, with its place, and binding goes on.
final class Binder {

  private final List<Problem> problems;

  /// Where each value came from, by its path: `limits.recipients`, `account[0].address`.
  private final Map<String, Position> origins = new LinkedHashMap<>();

  private final Set<String> spoiled = new HashSet<>();

  Binder(List<Problem> problems) {
    this.problems = problems;
  }

  Map<String, Position> origins() {
    return origins;
  }

  /// The keys of the file's top that could not be bound; their values are the defaults, and nothing
  /// can be said of them.
  Set<String> spoiled() {
    return spoiled;
  }

  /// Binds the whole file. With mistakes in it the result is good only to look for more of them.
  Settings bind(Node.Table file) {
    unknownKeys(Settings.class, file, "");
    RecordComponent[] components = Settings.class.getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String key = Shape.key(components[i]);
      values[i] = component(components[i], file.entries().get(key), file.at(), key);
      if (values[i] == null) {
        spoiled.add(key);
        values[i] = missing(components[i], file.at(), key);
      }
    }
    return record(Settings.class, values);
  }

  /// Binds a table; null when something in it was wrong.
  private <R extends Record> @Nullable R table(Class<R> type, Node.Table table, String path) {
    unknownKeys(type, table, path + ".");
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    boolean good = true;
    for (int i = 0; i < components.length; i++) {
      String key = Shape.key(components[i]);
      values[i] = component(components[i], table.entries().get(key), table.at(), path + "." + key);
      good &= values[i] != null;
    }
    return good ? record(type, values) : null;
  }

  private static <R extends Record> R record(Class<R> type, @Nullable Object[] values) {
    try {
      return type.getDeclaredConstructor(
              Arrays.stream(type.getRecordComponents())
                  .map(RecordComponent::getType)
                  .toArray(Class<?>[]::new))
          .newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make a " + type, e);
    }
  }

  private void unknownKeys(Class<?> type, Node.Table table, String prefix) {
    List<String> known = Shape.keys(type);
    table
        .entries()
        .forEach(
            (key, node) -> {
              if (!known.contains(key)) {
                problems.add(new Problem(node.at(), unknown(prefix, key, known)));
              }
            });
  }

  private static String unknown(String prefix, String key, List<String> known) {
    List<String> elsewhere = Shape.named(key);
    return "unknown key "
        + prefix
        + key
        + Spelling.nearest(key, known)
            .map(n -> prefix + n)
            .or(() -> elsewhere.stream().findFirst())
            .map(n -> ", did you mean " + n + "?")
            .orElse("");
  }

  private @Nullable Object component(
      RecordComponent component, @Nullable Node node, Position parent, String path) {
    if (node == null) {
      return missing(component, parent, path);
    }
    origins.put(path, node.at());
    Class<?> raw = component.getType();
    if (raw == Optional.class) {
      Object value = scalar(component, node, path);
      return value == null ? null : Optional.of(value);
    }
    if (raw == List.class) {
      return list(component, node, path);
    }
    if (Shape.isTable(raw)) {
      return node instanceof Node.Table inner
          ? table(raw.asSubclass(Record.class), inner, path)
          : wrong(node, path, "a table, [" + path + "]");
    }
    return scalar(component, node, path);
  }

  private @Nullable Object missing(RecordComponent component, Position parent, String path) {
    Class<?> raw = component.getType();
    Default given = component.getAnnotation(Default.class);
    if (given != null && raw == List.class) {
      List<Node> items = new ArrayList<>();
      for (String text : given.value().split(", ", -1)) {
        items.add(new Node.Plain(text, parent));
      }
      return list(component, new Node.Sequence(items, parent), "");
    }
    if (given != null) {
      return scalar(component, new Node.Plain(given.value(), parent), path);
    }
    if (raw == Optional.class) {
      return Optional.empty();
    }
    if (raw == List.class) {
      return List.of();
    }
    if (Shape.isTable(raw)) {
      return table(raw.asSubclass(Record.class), new Node.Table(Map.of(), parent), path);
    }
    problems.add(new Problem(parent, path + " is missing; it has to be " + Scalars.expected(raw)));
    return null;
  }

  private @Nullable Object list(RecordComponent component, Node node, String path) {
    Class<?> element = Shape.element(component);
    if (!(node instanceof Node.Sequence(var items, _))) {
      return wrong(
          node,
          path,
          Shape.isTable(element) ? "tables, each under [[" + path + "]]" : "a list in brackets");
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      String itemPath = path + "[" + i + "]";
      if (!path.isEmpty()) {
        origins.put(itemPath, items.get(i).at());
      }
      Object value = item(component, element, items.get(i), itemPath);
      if (value != null) {
        values.add(value);
      }
    }
    return values.size() == items.size() ? List.copyOf(values) : null;
  }

  private @Nullable Object item(
      RecordComponent component, Class<?> element, Node node, String path) {
    if (!Shape.isTable(element)) {
      return scalar(component, node, path);
    }
    return node instanceof Node.Table table
        ? table(element.asSubclass(Record.class), table, path)
        : wrong(node, path, "a table");
  }

  private @Nullable Object scalar(RecordComponent component, Node node, String path) {
    Class<?> type = Shape.element(component);
    Optional<?> read =
        switch (node) {
          case Node.Value(var value, _) -> Scalars.read(type, value);
          case Node.Plain(var text, _) -> Scalars.readText(type, text);
          case Node.Sequence _, Node.Table _ -> Optional.empty();
        };
    if (read.isEmpty()) {
      return wrong(node, path, Scalars.expected(type));
    }
    Object value = read.get();
    Optional<String> bounds = Scalars.outOfRange(type, value, Shape.range(component));
    if (bounds.isPresent()) {
      return wrong(node, path, bounds.get());
    }
    return Scalars.narrow(type, value);
  }

  private @Nullable Object wrong(Node node, String path, String expected) {
    problems.add(
        new Problem(node.at(), path + " is " + found(node, path) + ", it has to be " + expected));
    return null;
  }

  private static String found(Node node, String path) {
    // What was meant as a password is not for logs and terminals.
    if (path.endsWith(".password")) {
      return "something else";
    }
    return switch (node) {
      case Node.Value(String text, _) -> "\"" + text + "\"";
      case Node.Value(var value, _) -> String.valueOf(value);
      case Node.Plain(var text, _) -> text.isEmpty() ? "empty" : text;
      case Node.Sequence _ -> "a list";
      case Node.Table _ -> "a table";
    };
  }
}
