package org.depesche.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;

/// Puts values of the command line over those of the file. A key names its way through tables and
/// lists: `limits.recipients`, `listener.0.address`, `account.1.aliases.0`; the place behind the
/// last one of a list makes a new one.
final class Overrides {

  private static final Position SET = new Position("--set", 0, 0);

  private final Node.Table file;
  private final List<Problem> problems;

  Overrides(Node.Table file, List<Problem> problems) {
    this.file = file;
    this.problems = problems;
  }

  void put(String key, String value) {
    String[] steps = key.split("\\.", -1);
    Node at = file;
    for (int i = 0; i < steps.length; i++) {
      boolean last = i == steps.length - 1;
      Node next = last ? value(value) : container(steps[i + 1]);
      switch (at) {
        case Node.Table(var entries, _) -> {
          if (last) {
            entries.put(steps[i], next);
          } else {
            entries.putIfAbsent(steps[i], next);
          }
          at = Objects.requireNonNull(entries.get(steps[i]));
        }
        case Node.Sequence(var items, _) -> {
          int index = index(steps[i]);
          if (index < 0 || index > items.size()) {
            wrong(key, "'" + steps[i] + "' is no place of a list of " + items.size());
            return;
          }
          if (index == items.size()) {
            items.add(next);
          } else if (last) {
            items.set(index, next);
          }
          at = items.get(index);
        }
        case Node.Value _, Node.Plain _ -> {
          wrong(key, "there is nothing below a value");
          return;
        }
      }
    }
  }

  private void wrong(String key, String why) {
    problems.add(new Problem(SET, key + ": " + why));
  }

  private static int index(String step) {
    return step.matches("\\d{1,4}") ? Integer.parseInt(step) : -1;
  }

  private static Node container(String step) {
    return index(step) >= 0
        ? new Node.Sequence(new ArrayList<>(), SET)
        : new Node.Table(new LinkedHashMap<>(), SET);
  }

  /// A text in quotes and a list are read as TOML; all else is what it says, so that neither shells
  /// nor people have to quote it.
  private static Node value(String text) {
    if (!text.isEmpty() && "\"'[".indexOf(text.charAt(0)) >= 0) {
      TomlParseResult parsed = Toml.parse("v = " + text);
      if (!parsed.hasErrors() && parsed.keySet().size() == 1) {
        Object value = parsed.get("v");
        if (value instanceof TomlArray array) {
          return Node.of(array, SET);
        }
        if (value instanceof String quoted) {
          return new Node.Plain(quoted, SET);
        }
      }
    }
    return new Node.Plain(text, SET);
  }
}
