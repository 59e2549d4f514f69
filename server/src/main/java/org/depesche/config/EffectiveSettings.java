package org.depesche.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The configuration in effect, value by value, each with where it came from. Passwords, hashed as
/// they are, are not shown.
public final class EffectiveSettings {

  private static final int COLUMN = 48;

  private EffectiveSettings() {}

  /// A value.
  ///
  /// @param table the heading it stands under: `[limits]`, `[[account]]`, or empty
  /// @param path its full name: `account[0].address`
  /// @param toml it as the file would have it
  /// @param origin `default`, `--set` or a place in the file
  public record Entry(String table, String path, String toml, String origin) {

    String key() {
      return path.substring(path.lastIndexOf('.') + 1);
    }
  }

  /// All values, in the order of the reference.
  public static List<Entry> entries(Settings settings, Map<String, Position> origins) {
    List<Entry> entries = new ArrayList<>();
    table(entries, settings, "", "", origins);
    for (RecordComponent component : Settings.class.getRecordComponents()) {
      String key = Shape.key(component);
      if (!Shape.isTable(Shape.element(component))) {
        continue;
      }
      Object value = Shape.value(component, settings);
      if (value instanceof List<?> items) {
        for (int i = 0; i < items.size(); i++) {
          String path = key + "[" + i + "].";
          table(entries, (Record) items.get(i), "[[" + key + "]]", path, origins);
        }
      } else {
        table(entries, (Record) value, "[" + key + "]", key + ".", origins);
      }
    }
    return entries;
  }

  private static void table(
      List<Entry> to, Record of, String table, String prefix, Map<String, Position> origins) {
    for (RecordComponent component : of.getClass().getRecordComponents()) {
      Object value = Shape.value(component, of);
      if (Shape.isTable(Shape.element(component)) || value.equals(Optional.empty())) {
        continue;
      }
      String path = prefix + Shape.key(component);
      Position origin = origins.get(path);
      to.add(
          new Entry(
              table, path, toml(path, value), origin == null ? "default" : origin.toString()));
    }
  }

  private static String toml(String path, Object value) {
    Object shown = value instanceof Optional<?> present ? present.orElseThrow() : value;
    if (path.endsWith(".password")) {
      return "(hidden)";
    }
    return shown instanceof List<?> items
        ? items.stream().map(Scalars::toml).collect(Collectors.joining(", ", "[", "]"))
        : Scalars.toml(shown);
  }

  /// The configuration as a file. Hidden values are comments in it.
  public static String toml(Settings settings, Map<String, Position> origins) {
    StringBuilder out = new StringBuilder();
    String head = "";
    for (Entry entry : entries(settings, origins)) {
      String place = entry.table() + entry.path().replaceAll("\\.[^.]*$", "");
      if (!entry.table().isEmpty() && !place.equals(head)) {
        out.append('\n').append(entry.table()).append('\n');
        head = place;
      }
      String line = entry.key() + " = " + entry.toml();
      out.append(entry.toml().equals("(hidden)") ? "# " + line : line)
          .repeat(' ', Math.max(1, COLUMN - line.length()))
          .append("# ")
          .append(entry.origin())
          .append('\n');
    }
    return out.toString();
  }
}
