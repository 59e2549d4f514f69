package org.depesche.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;

/// Reads a configuration: the file, what the command line puts over it, defaults under it; and
/// checks the whole.
public final class ConfigurationLoader {

  /// Largest file that is taken for a configuration.
  private static final int MAX_BYTES = 16 << 20;

  /// Mistakes that are told; who has more has another kind of file.
  private static final int MAX_PROBLEMS = 100;

  private ConfigurationLoader() {}

  /// What came of it.
  public sealed interface Result {}

  /// All is well.
  ///
  /// @param origins where each value that is no default came from, by its path
  public record Loaded(Settings settings, Map<String, Position> origins) implements Result {}

  /// Nothing is taken of a configuration with a mistake; these are all of them, in their order in
  /// the file.
  public record Refused(List<Problem> problems) implements Result {}

  /// Loads a configuration.
  ///
  /// @param file empty for defaults alone
  /// @param overrides values by dotted key: `limits.recipients`, `listener.0.address`
  public static Result load(Optional<Path> file, Map<String, String> overrides) {
    if (file.isEmpty()) {
      return parse("", "", overrides);
    }
    try (InputStream in = Files.newInputStream(file.get())) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      return bytes.length > MAX_BYTES
          ? refused(file.get(), "the file is larger than " + new DataSize(MAX_BYTES))
          : parse(text(bytes), file.get().toString(), overrides);
    } catch (NoSuchFileException e) {
      return refused(file.get(), "there is no such file");
    } catch (CharacterCodingException e) {
      return refused(file.get(), "the file is not UTF-8");
    } catch (IOException e) {
      return refused(file.get(), "cannot be read: " + e.getMessage());
    }
  }

  private static String text(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private static Refused refused(Path file, String message) {
    return new Refused(List.of(new Problem(new Position(file.toString(), 0, 0), message)));
  }

  /// Reads a configuration's text.
  ///
  /// @param source what its places are named after
  static Result parse(String text, String source, Map<String, String> overrides) {
    TomlParseResult toml = Toml.parse(text);
    if (toml.hasErrors()) {
      return refused(toml.errors().stream().map(error -> syntax(error, source)).toList());
    }
    List<Problem> problems = new ArrayList<>();
    Node.Table table = Node.of(toml, source);
    Overrides over = new Overrides(table, problems);
    overrides.forEach(over::put);
    Binder binder = new Binder(problems);
    Settings settings = binder.bind(table);
    new Consistency(settings, binder, problems).check();
    return problems.isEmpty()
        ? new Loaded(settings, Map.copyOf(binder.origins()))
        : refused(problems);
  }

  private static Problem syntax(TomlParseError error, String source) {
    return new Problem(
        new Position(source, error.position().line(), error.position().column()),
        String.valueOf(error.getMessage()));
  }

  private static Refused refused(List<Problem> problems) {
    return new Refused(
        problems.stream()
            .distinct()
            .sorted(
                Comparator.comparingInt((Problem p) -> p.at().line())
                    .thenComparingInt(p -> p.at().column()))
            .limit(MAX_PROBLEMS)
            .toList());
  }
}
