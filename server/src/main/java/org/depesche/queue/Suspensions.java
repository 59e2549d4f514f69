package org.depesche.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.depesche.routing.Route;

/// The destinations an operator has stopped, kept over a restart in a file of one line each: a
/// domain, the text of a next hop, or `*` for all other servers.
final class Suspensions {

  private final Path file;
  private final Set<String> names = new TreeSet<>();

  /// @throws IOException when the file is there and cannot be read
  Suspensions(Path file) throws IOException {
    this.file = file;
    if (Files.exists(file)) {
      Files.readAllLines(file).stream().filter(line -> !line.isBlank()).forEach(names::add);
    }
  }

  synchronized List<String> names() {
    return List.copyOf(names);
  }

  /// Adds one; false when it was there already.
  synchronized boolean add(String name) throws IOException {
    return change(name, true);
  }

  /// Takes one out; false when it was not there.
  synchronized boolean remove(String name) throws IOException {
    return change(name, false);
  }

  private boolean change(String name, boolean there) throws IOException {
    String key = name.toLowerCase(Locale.ROOT);
    boolean changed = there ? names.add(key) : names.remove(key);
    if (changed) {
      try {
        write();
      } catch (IOException e) {
        boolean _ = there ? names.remove(key) : names.add(key);
        throw e;
      }
    }
    return changed;
  }

  private void write() throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    byte[] text = (String.join("\n", names) + "\n").getBytes(StandardCharsets.UTF_8);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// Whether a route is stopped now.
  synchronized boolean contains(Route route) {
    return switch (route) {
      case Route.Local(var account) ->
          names.contains(account.wire().toLowerCase(Locale.ROOT))
              || names.contains(account.host().wire());
      case Route.Mx(var host) -> names.contains("*") || names.contains(host.wire());
      case Route.Relay(var target) -> names.contains("*") || names.contains(target.toString());
      case Route.Nowhere _, Route.Done _ -> false;
    };
  }
}
