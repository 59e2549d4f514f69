package org.depesche.limits;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// What has been used of allowances, kept over a restart. It is written now and then and not
/// synced: after a crash a sender has at worst what a minute has cost him once more.
public final class AllowanceFile {

  private static final String FIRST_LINE = "allowances 1";

  private final Path path;

  public AllowanceFile(Path path) {
    this.path = path;
  }

  /// Takes over what the file has; lines that make no sense are left out.
  ///
  /// @throws IOException when there is a file and it cannot be read
  public void restore(Allowances into) throws IOException {
    List<String> lines;
    try {
      // Written in ASCII; whatever else is in there makes no sense, and must not stop a start.
      lines = Files.readAllLines(path, ISO_8859_1);
    } catch (NoSuchFileException _) {
      return;
    }
    List<Allowances.Level> levels = new ArrayList<>();
    if (!lines.isEmpty() && lines.getFirst().equals(FIRST_LINE)) {
      lines.forEach(line -> parse(line).ifPresent(levels::add));
    }
    into.restore(levels);
  }

  /// Replaces the file.
  public void save(Allowances from) throws IOException {
    String text =
        from.levels().stream()
            .map(AllowanceFile::format)
            .collect(Collectors.joining("", FIRST_LINE + "\n", ""));
    Path next = path.resolveSibling(path.getFileName() + ".new");
    Files.writeString(next, text, UTF_8);
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String format(Allowances.Level level) {
    return String.join(
            " ",
            level.sender().scope().name().toLowerCase(Locale.ROOT),
            URLEncoder.encode(level.sender().name(), UTF_8),
            level.kind().name(),
            Long.toString((long) Math.ceil(level.used())),
            Long.toString(level.at().toEpochMilli()))
        + "\n";
  }

  private static Optional<Allowances.Level> parse(String line) {
    String[] parts = line.split(" ", -1);
    if (parts.length != 5) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Allowances.Level(
              new Allowances.Sender(
                  Allowances.Scope.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                  URLDecoder.decode(parts[1], UTF_8)),
              Allowances.Kind.valueOf(parts[2]),
              Long.parseLong(parts[3]),
              Instant.ofEpochMilli(Long.parseLong(parts[4]))));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
