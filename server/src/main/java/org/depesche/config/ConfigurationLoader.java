package org.depesche.config;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;

/// Reads a configuration: the file, what the command line puts over it, defaults under it; and
/// checks the whole.
public final class ConfigurationLoader {

  private ConfigurationLoader() {}

  /// What came of it.
  public sealed interface Result {}

  /// All is well.
  ///
  /// @param origins where each value that is no default came from, by its path
  public record Loaded(Settings settings, Map<String, Position> origins) implements Result {}

  /// Nothing is taken of a configuration with a mistake; these are all of them.
  public record Refused(List<Problem> problems) implements Result {}

  /// Loads a configuration.
  ///
  /// @param file empty for defaults alone
  /// @param overrides values by dotted key: `limits.recipients`, `listener.0.address`
  public static Result load(Optional<Path> file, Map<String, String> overrides) {
    if (file.isEmpty()) {
      return parse("", "", overrides);
    }
    try {
      return parse(Files.readString(file.get()), file.get().toString(), overrides);
    } catch (NoSuchFileException e) {
      return refused(file.get(), "there is no such file");
    } catch (MalformedInputException e) {
      return refused(file.get(), "the file is not UTF-8");
    } catch (IOException e) {
      return refused(file.get(), "cannot be read: " + e.getMessage());
    }
  }

  private static Refused refused(Path file, String message) {
    return new Refused(List.of(new Problem(new Position(file.toString(), 0, 0), message)));
  }

  /// Reads a configuration's text.
  ///
  /// @param source what its places are named after
  static Result parse(String text, String source, Map<String, String> overrides) {
    List<Problem> problems = new ArrayList<>();
    TomlParseResult toml = Toml.parse(text);
    for (TomlParseError error : toml.errors()) {
      problems.add(
          new Problem(
              new Position(source, error.position().line(), error.position().column()),
              String.valueOf(error.getMessage())));
    }
    if (!problems.isEmpty()) {
      return new Refused(List.copyOf(problems));
    }
    Node.Table table = Node.of(toml, source);
    overrides.forEach((key, value) -> override(table, key, value, problems));
    Binder binder = new Binder(problems);
    Settings settings = binder.bind(Settings.class, table, "");
    if (settings != null) {
      new Consistency(settings, binder.origins(), source, problems).check();
    }
    if (settings == null || !problems.isEmpty()) {
      return new Refused(
          problems.stream()
              .sorted(
                  java.util.Comparator.comparingInt((Problem p) -> p.at().line())
                      .thenComparingInt(p -> p.at().column()))
              .toList());
    }
    return new Loaded(settings, Map.copyOf(binder.origins()));
  }

  private static void override(Node.Table table, String key, String value, List<Problem> problems) {
    String[] steps = key.split("\\.", -1);
    Node at = table;
    for (int i = 0; i < steps.length; i++) {
      boolean last = i == steps.length - 1;
      Node next = last ? value(value) : emptyFor(steps[i + 1]);
      switch (at) {
        case Node.Table(var entries, _) -> {
          if (last) {
            entries.put(steps[i], next);
          } else {
            entries.putIfAbsent(steps[i], next);
          }
          at = java.util.Objects.requireNonNull(entries.get(steps[i]));
        }
        case Node.Sequence(var items, _) -> {
          int index = steps[i].matches("\\d{1,4}") ? Integer.parseInt(steps[i]) : -1;
          if (index < 0 || index > items.size()) {
            problems.add(
                new Problem(
                    Position.ofSet(),
                    key + ": '" + steps[i] + "' is not one of the list's places"));
            return;
          }
          if (index == items.size()) {
            items.add(next);
          } else if (last) {
            items.set(index, next);
          }
          at = items.get(index);
        }
        case Node.Value _ -> {
          problems.add(new Problem(Position.ofSet(), key + ": there is nothing below a value"));
          return;
        }
      }
    }
  }

  private static Node emptyFor(String step) {
    return step.matches("\\d+")
        ? new Node.Sequence(new ArrayList<>(), Position.ofSet())
        : new Node.Table(new LinkedHashMap<>(), Position.ofSet());
  }

  /// A value of the command line: as TOML when it is TOML, else a text, so that quotes are not
  /// needed.
  private static Node value(String text) {
    TomlParseResult parsed = Toml.parse("v = " + text);
    Object value = parsed.hasErrors() ? null : parsed.get("v");
    if (value instanceof org.tomlj.TomlArray array) {
      List<Node> items = new ArrayList<>();
      for (int i = 0; i < array.size(); i++) {
        items.add(new Node.Value(array.get(i), Position.ofSet()));
      }
      return new Node.Sequence(items, Position.ofSet());
    }
    boolean plain = value instanceof Long || value instanceof Boolean || value instanceof String;
    return new Node.Value(plain && value != null ? value : text, Position.ofSet());
  }
}
