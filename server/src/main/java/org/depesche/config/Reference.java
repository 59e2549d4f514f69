package org.depesche.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes configurations: the reference of all keys, and the one in effect.
public final class Reference {

  private Reference() {}

  /// Every key with type, default and meaning, as Markdown.
  public static String markdown() {
    StringBuilder out =
        new StringBuilder(
            """
            # Configuration

            TOML. Keys are in kebab-case, lengths of time are written `30s`, `5m`, `4h`, `5d`, sizes `512KiB`, `50MiB`. A key that is
            not known is an error. `depesche config check` tells every mistake with its line and column; `depesche config show`
            what is in effect and where it comes from; `--set limits.recipients=500` puts a value over the file.

            This page is made by `depesche config reference`.
            """);
    section(out, Settings.class, "", true);
    return out.toString();
  }

  private static void section(StringBuilder out, Class<?> type, String heading, boolean top) {
    List<RecordComponent> tables = new ArrayList<>();
    out.append(top ? "\n## Top\n" : "");
    out.append("\n| key | default | meaning |\n|---|---|---|\n");
    for (RecordComponent component : type.getRecordComponents()) {
      if (table(component).isPresent()) {
        tables.add(component);
      } else {
        row(out, component);
      }
    }
    for (RecordComponent component : tables) {
      String key = Binder.key(component);
      boolean several = component.getType() == List.class;
      out.append("\n## ").append(several ? "[[" + key + "]]" : "[" + key + "]").append("\n\n");
      out.append(component.getAnnotation(Doc.class).value()).append('\n');
      section(out, table(component).orElseThrow(), heading + key + ".", false);
    }
  }

  private static void row(StringBuilder out, RecordComponent component) {
    Doc doc = component.getAnnotation(Doc.class);
    Default given = component.getAnnotation(Default.class);
    String shown =
        given == null ? optional(component) : "`" + quoted(component, given.value()) + "`";
    out.append("| `").append(Binder.key(component)).append("` | ").append(shown).append(" | ");
    out.append(doc.value());
    if (!doc.example().isEmpty()) {
      out.append(" Example: `").append(doc.example()).append('`');
    }
    out.append(" |\n");
  }

  private static String optional(RecordComponent component) {
    boolean needed = component.getType() != Optional.class && component.getType() != List.class;
    return needed ? "(required)" : "(none)";
  }

  private static String quoted(RecordComponent component, String value) {
    if (component.getType() == List.class) {
      return "[\"" + value.replace(", ", "\", \"") + "\"]";
    }
    boolean bare = component.getType().isPrimitive();
    return bare ? value : "\"" + value + "\"";
  }

  /// The record type of a table or of an array of tables.
  private static Optional<Class<?>> table(RecordComponent component) {
    Class<?> type = component.getType();
    if (component.getGenericType() instanceof ParameterizedType parameterized
        && parameterized.getActualTypeArguments()[0] instanceof Class<?> argument) {
      type = argument;
    }
    return type.getEnclosingClass() == Settings.class ? Optional.of(type) : Optional.empty();
  }

  /// A configuration as TOML, each value with where it came from. Password hashes are not shown.
  public static String show(Settings settings, Map<String, Position> origins) {
    StringBuilder out = new StringBuilder();
    values(out, settings, "", origins);
    for (RecordComponent component : Settings.class.getRecordComponents()) {
      if (table(component).isEmpty()) {
        continue;
      }
      String key = Binder.key(component);
      Object value = value(component, settings);
      if (value instanceof Collection<?> items) {
        int i = 0;
        for (Object item : items) {
          out.append("\n[[").append(key).append("]]\n");
          values(out, (Record) item, key + "[" + i++ + "].", origins);
        }
      } else {
        out.append("\n[").append(key).append("]\n");
        values(out, (Record) value, key + ".", origins);
      }
    }
    return out.toString();
  }

  private static void values(
      StringBuilder out, Record section, String path, Map<String, Position> origins) {
    for (RecordComponent component : section.getClass().getRecordComponents()) {
      Object value = value(component, section);
      if (table(component).isPresent() || value.equals(Optional.empty())) {
        continue;
      }
      String key = Binder.key(component);
      Object shown = value instanceof Optional<?> o ? o.orElseThrow() : value;
      String text = key.equals("password") ? "\"(hidden)\"" : toml(shown);
      Position origin = origins.get(path + key);
      out.append("%-44s # %s%n".formatted(key + " = " + text, origin == null ? "default" : origin));
    }
  }

  private static String toml(Object value) {
    return switch (value) {
      case Integer n -> n.toString();
      case Long n -> n.toString();
      case Boolean b -> b.toString();
      case Duration d -> "\"" + Durations.format(d) + "\"";
      case Collection<?> items -> items.stream().map(Reference::toml).toList().toString();
      case Role role -> "\"" + role.name().toLowerCase(java.util.Locale.ROOT) + "\"";
      default -> "\"" + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    };
  }

  private static Object value(RecordComponent component, Record of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }
}
