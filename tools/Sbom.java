import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

// Holds a CycloneDX list against what is really shipped, and against the licences that may be.
// Arguments: the list, the folder of jars, the file of licences. Exit 1 and a line each for what is wrong.

static final String OWN = "org.depesche";

void main(String[] args) throws IOException {
  List<Map<String, Object>> components = maps(JSON.std.mapFrom(Files.readString(Path.of(args[0]))), "components");
  Map<String, String> jars = jars(Path.of(args[1]));
  Set<String> allowed =
      Files.readAllLines(Path.of(args[2])).stream().map(String::strip).filter(l -> !l.isEmpty() && !l.startsWith("#")).collect(Collectors.toSet());
  List<String> wrong = new ArrayList<>();
  Set<String> listed = new TreeSet<>();
  for (var component : components) {
    String name = component.get("group") + ":" + component.get("name") + ":" + component.get("version");
    List<String> licences = licences(component);
    if (licences.stream().noneMatch(allowed::contains)) {
      wrong.add(name + " has no licence that may be shipped: " + (licences.isEmpty() ? "none is known" : String.join(", ", licences)));
    }
    String digest = digest(component);
    listed.add(digest);
    // Our own jars are built anew with every build, and need no one to vouch for them.
    if (!OWN.equals(component.get("group")) && !jars.containsKey(digest)) {
      wrong.add(name + " is listed, but no such file is shipped");
    }
  }
  jars.forEach(
      (digest, jar) -> {
        if (!jar.startsWith("depesche-") && !listed.contains(digest)) {
          wrong.add(jar + " is shipped and not listed");
        }
      });
  wrong.forEach(IO::println);
  if (!wrong.isEmpty()) {
    System.exit(1);
  }
  IO.println(components.size() + " components, all shipped as listed and under licences that may be.");
}

@SuppressWarnings("unchecked")
static List<Map<String, Object>> maps(Map<String, Object> from, String key) {
  return from.get(key) instanceof List<?> list ? (List<Map<String, Object>>) list : List.of();
}

/// Ids or names; an expression counts as one only when it is one.
static List<String> licences(Map<String, Object> component) {
  List<String> found = new ArrayList<>();
  for (var choice : maps(component, "licenses")) {
    if (choice.get("license") instanceof Map<?, ?> licence) {
      Object id = licence.get("id");
      found.add(String.valueOf(id != null ? id : licence.get("name")));
    } else {
      found.add(String.valueOf(choice.get("expression")));
    }
  }
  return found;
}

static String digest(Map<String, Object> component) {
  return maps(component, "hashes").stream()
      .filter(h -> "SHA-256".equals(h.get("alg")))
      .map(h -> String.valueOf(h.get("content")))
      .findFirst()
      .orElse("none of " + component.get("purl"));
}

static Map<String, String> jars(Path folder) throws IOException {
  Map<String, String> byDigest = new TreeMap<>();
  try (Stream<Path> files = Files.list(folder)) {
    for (Path jar : files.toList()) {
      byDigest.put(HexFormat.of().formatHex(sha256().digest(Files.readAllBytes(jar))), jar.getFileName().toString());
    }
  }
  return byDigest;
}

static MessageDigest sha256() {
  try {
    return MessageDigest.getInstance("SHA-256");
  } catch (NoSuchAlgorithmException e) {
    throw new IllegalStateException(e);
  }
}
