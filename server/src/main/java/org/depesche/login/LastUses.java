package org.depesche.login;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/// When application passwords were last used. Written now and then, as a file of lines with time,
/// account and name; what a crash loses is an hour of somebody's curiosity.
public final class LastUses {

  private record Key(String account, String name) {}

  private final Path path;
  private final InstantSource clock;
  private final Map<Key, Instant> uses = new ConcurrentHashMap<>();
  private final AtomicBoolean changed = new AtomicBoolean();

  /// Takes over what the file has; lines that make no sense are left out.
  ///
  /// @throws IOException when there is a file and it cannot be read
  public LastUses(Path path, InstantSource clock) throws IOException {
    this.path = path;
    this.clock = clock;
    uses.putAll(read(path));
  }

  private static Map<Key, Instant> read(Path path) throws IOException {
    List<String> lines;
    try {
      lines = new String(Files.readAllBytes(path), UTF_8).lines().toList();
    } catch (NoSuchFileException _) {
      return Map.of();
    }
    Map<Key, Instant> read = new ConcurrentHashMap<>();
    for (String line : lines) {
      String[] parts = line.split("\t", -1);
      try {
        if (parts.length == 3) {
          read.put(new Key(parts[1], parts[2]), Instant.parse(parts[0]));
        }
      } catch (DateTimeException _) {
        // No line of ours.
      }
    }
    return read;
  }

  /// What a file says, for those who only want to look.
  ///
  /// @throws IOException when there is a file and it cannot be read
  public static Optional<Instant> in(Path path, String account, String name) throws IOException {
    return Optional.ofNullable(read(path).get(new Key(account, name)));
  }

  /// When a password was last used.
  public Optional<Instant> last(String account, String name) {
    return Optional.ofNullable(uses.get(new Key(account, name)));
  }

  /// A password has been used now.
  ///
  /// @param name of an application password; empty for the account's own, which is not remembered
  void of(String account, String name) {
    if (!name.isEmpty()) {
      uses.put(new Key(account, name), clock.instant().truncatedTo(ChronoUnit.SECONDS));
      changed.set(true);
    }
  }

  /// Writes the file when there is something new.
  public void save() throws IOException {
    if (!changed.getAndSet(false)) {
      return;
    }
    String text =
        uses.entrySet().stream()
            .map(e -> e.getValue() + "\t" + e.getKey().account() + "\t" + e.getKey().name() + "\n")
            .collect(Collectors.joining());
    try {
      Path next = path.resolveSibling(path.getFileName() + ".new");
      Files.writeString(next, text, UTF_8);
      Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      changed.set(true);
      throw e;
    }
  }
}
