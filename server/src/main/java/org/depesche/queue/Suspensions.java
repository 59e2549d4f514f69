package org.depesche.queue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.depesche.files.WholeFile;
import org.depesche.routing.Destination;
import org.depesche.routing.Route;

/// The destinations an operator has stopped, kept over a restart in a file of one line each.
final class Suspensions {

  private final Path file;
  private final Set<Destination> stopped = new LinkedHashSet<>();

  /// @throws IOException when the file is there and cannot be read; the message says which line
  Suspensions(Path file) throws IOException {
    this.file = file;
    if (!Files.exists(file)) {
      return;
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (!line.isBlank()) {
        String where = file + ":" + number;
        stopped.add(
            Destination.parse(line.strip())
                .orElseThrow(() -> new IOException(where + " is no destination; remove the line")));
      }
    }
  }

  synchronized List<String> names() {
    return stopped.stream().map(Destination::name).sorted().toList();
  }

  /// Adds one; false when it was there already.
  synchronized boolean add(Destination destination) throws IOException {
    return change(destination, true);
  }

  /// Takes one out; false when it was not there.
  synchronized boolean remove(Destination destination) throws IOException {
    return change(destination, false);
  }

  private boolean change(Destination destination, boolean there) throws IOException {
    boolean changed = there ? stopped.add(destination) : stopped.remove(destination);
    if (changed) {
      try {
        write();
      } catch (IOException e) {
        boolean _ = there ? stopped.remove(destination) : stopped.add(destination);
        throw e;
      }
    }
    return changed;
  }

  private void write() throws IOException {
    String lines = names().stream().map(name -> name + "\n").collect(Collectors.joining());
    WholeFile.replace(file, lines.getBytes(StandardCharsets.UTF_8));
  }

  /// Whether a route is stopped now.
  synchronized boolean contains(Route route) {
    return stopped.stream().anyMatch(destination -> destination.isOf(route));
  }
}
