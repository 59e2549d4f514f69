package org.depesche.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Every key of the file with its type, its default and its meaning.
public final class Reference {

  private Reference() {}

  /// The reference as Markdown.
  public static String markdown() {
    StringBuilder out =
        new StringBuilder(
            """
            # Configuration

            The configuration is one TOML file. Keys are in kebab-case. Lengths of time are written `500ms`, `30s`, `5m`,
            `4h`, `5d`; sizes `512KiB`, `50MiB`, `1GiB`, or `MB` and its like for powers of ten. A key that is not known is an
            error. `depesche config check` tells every mistake with its line and column, `depesche config show` what is in
            effect and where each value comes from. `--set limits.recipients=500` puts a value over that of the file; places
            in lists are numbers: `--set listener.0.address=127.0.0.1:2525`.

            This page is what `depesche config reference` prints.

            ## Keys without a table
            """);
    section(out, Settings.class);
    return out.toString();
  }

  private static void section(StringBuilder out, Class<?> type) {
    List<RecordComponent> tables = new ArrayList<>();
    out.append("\n| key | type | default | meaning |\n|---|---|---|---|\n");
    for (RecordComponent component : type.getRecordComponents()) {
      if (Shape.isTable(Shape.element(component))) {
        tables.add(component);
      } else {
        row(out, component);
      }
    }
    for (RecordComponent component : tables) {
      String key = Shape.key(component);
      out.append("\n## ")
          .append(component.getType() == List.class ? "[[" + key + "]]" : "[" + key + "]")
          .append("\n\n")
          .append(doc(component).value())
          .append('\n');
      section(out, Shape.element(component));
    }
  }

  private static void row(StringBuilder out, RecordComponent component) {
    Doc doc = doc(component);
    out.append("| `")
        .append(Shape.key(component))
        .append("` | ")
        .append(component.getType() == List.class ? "list of: " : "")
        .append(Scalars.name(Shape.element(component)))
        .append(Shape.range(component).map(r -> ", " + bounds(r)).orElse(""))
        .append(" | ")
        .append(given(component))
        .append(" | ")
        .append(doc.value());
    if (!doc.example().isEmpty()) {
      out.append(" Example: `").append(doc.example()).append('`');
    }
    out.append(" |\n");
  }

  private static String bounds(Range range) {
    return Scalars.bounds(range.min(), range.max());
  }

  private static Doc doc(RecordComponent component) {
    return Optional.ofNullable(component.getAnnotation(Doc.class))
        .orElseThrow(() -> new IllegalStateException(component + " has no meaning"));
  }

  private static String given(RecordComponent component) {
    Default given = component.getAnnotation(Default.class);
    if (given == null) {
      boolean needed = component.getType() != Optional.class && component.getType() != List.class;
      return needed ? "(required)" : "(none)";
    }
    if (component.getType() == List.class) {
      return "`[\"" + given.value().replace(", ", "\", \"") + "\"]`";
    }
    return component.getType().isPrimitive()
        ? "`" + given.value() + "`"
        : "`\"" + given.value() + "\"`";
  }
}
