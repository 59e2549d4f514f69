package org.depesche.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/// A value of the file with its place. Tables can be changed, so that settings from the command
/// line can be put over those of the file.
sealed interface Node {

  Position at();

  /// A value of the file, typed by TOML.
  record Value(Object value, Position at) implements Node {}

  /// A value without a type: what it is depends on who reads it. Written on the command line, where
  /// quotes are no fun, and as defaults.
  record Plain(String text, Position at) implements Node {}

  record Sequence(List<Node> items, Position at) implements Node {}

  record Table(Map<String, Node> entries, Position at) implements Node {}

  static Table of(TomlTable table, String source) {
    return table(table, source, new Position(source, 1, 1));
  }

  /// A list that stands nowhere in a file.
  static Node of(TomlArray array, Position at) {
    List<Node> items = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      items.add(
          array.get(i) instanceof TomlArray inner ? of(inner, at) : new Value(array.get(i), at));
    }
    return new Sequence(items, at);
  }

  private static Table table(TomlTable table, String source, Position at) {
    Map<String, Node> entries = new LinkedHashMap<>();
    for (String key : table.keySet()) {
      List<String> path = List.of(key);
      Object value = table.get(path);
      if (value != null) {
        entries.put(key, node(value, source, position(table.inputPositionOf(path), source, at)));
      }
    }
    return new Table(entries, at);
  }

  private static Node node(Object value, String source, Position at) {
    return switch (value) {
      case TomlTable table -> table(table, source, at);
      case TomlArray array -> {
        List<Node> items = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
          items.add(node(array.get(i), source, position(array.inputPositionOf(i), source, at)));
        }
        yield new Sequence(items, at);
      }
      default -> new Value(value, at);
    };
  }

  private static Position position(@Nullable TomlPosition position, String source, Position other) {
    return position == null ? other : new Position(source, position.line(), position.column());
  }
}
