import com.google.googlejavaformat.java.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs google-java-format over source trees: java -cp gjf.jar tools/Format.java --check|--apply DIR...
void main(String[] args) throws IOException {
  List<String> a = new ArrayList<>();
  a.addAll(
      args[0].equals("--check") ? List.of("--dry-run", "--set-exit-if-changed") : List.of("--replace"));
  for (int i = 1; i < args.length; i++) {
    if (!Files.isDirectory(Path.of(args[i]))) continue;
    try (var s = Files.walk(Path.of(args[i]))) {
      s.map(Path::toString).filter(p -> p.endsWith(".java")).sorted().forEach(a::add);
    }
  }
  Main.main(a.toArray(String[]::new));
}
