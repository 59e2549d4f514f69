package org.depesche.config;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.depesche.mail.Mailbox;

/// Checks what no single key can show: that names are there once, and that what is pointed at
/// exists.
final class Consistency {

  private final Settings settings;
  private final Map<String, Position> origins;
  private final Position file;
  private final List<Problem> problems;

  Consistency(
      Settings settings, Map<String, Position> origins, String source, List<Problem> problems) {
    this.settings = settings;
    this.origins = origins;
    this.file = new Position(source.isEmpty() ? "configuration" : source, 0, 0);
    this.problems = problems;
  }

  void check() {
    Map<String, String> domains = domains();
    Map<String, String> addresses = addresses(domains);
    catchAlls(addresses);
    mailboxes();
    queue();
    segments();
  }

  private Map<String, String> domains() {
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < settings.domain().size(); i++) {
      once(seen, settings.domain().get(i).name().name(), "domain[" + i + "].name");
    }
    return seen;
  }

  private Map<String, String> addresses(Map<String, String> domains) {
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < settings.account().size(); i++) {
      Settings.Account account = settings.account().get(i);
      String path = "account[" + i + "]";
      once(seen, key(account.address()), path + ".address");
      local(domains, account.address(), path + ".address");
      for (int j = 0; j < account.aliases().size(); j++) {
        once(seen, key(account.aliases().get(j)), path + ".aliases[" + j + "]");
        local(domains, account.aliases().get(j), path + ".aliases[" + j + "]");
      }
    }
    return seen;
  }

  private void local(Map<String, String> domains, Mailbox address, String path) {
    boolean implied = settings.domain().isEmpty() && address.host().wire().equals("localhost");
    if (!implied && !domains.containsKey(address.host().wire())) {
      problem(path, address + " is in no [[domain]] of this configuration");
    }
  }

  private void catchAlls(Map<String, String> addresses) {
    for (int i = 0; i < settings.domain().size(); i++) {
      String path = "domain[" + i + "].catch-all";
      settings
          .domain()
          .get(i)
          .catchAll()
          .filter(target -> !addresses.containsKey(key(target)))
          .ifPresent(target -> problem(path, "no account or alias is named " + target));
    }
  }

  private void mailboxes() {
    String path = settings.mailboxes().path();
    if (!path.contains("{local}")) {
      problem("mailboxes.path", "without {local} all accounts would share one mailbox");
    }
    if (path.replaceAll("\\{(data-dir|domain|local)}", "").matches(".*[{}].*")) {
      problem("mailboxes.path", "only {data-dir}, {domain} and {local} are known");
    }
    if (settings.domain().size() > 1 && !path.contains("{domain}")) {
      problem("mailboxes.path", "with several domains it needs {domain}");
    }
  }

  private void queue() {
    if (settings.queue().retry().isEmpty()) {
      problem("queue.retry", "a retry schedule has at least one wait");
    }
  }

  private void segments() {
    long bytes = settings.spool().segmentSize().bytes();
    if (bytes < 1 << 20 || bytes > 1 << 30) {
      problem("spool.segment-size", "a segment has 1MiB to 1GiB");
    }
  }

  private void once(Map<String, String> seen, String name, String path) {
    String before = seen.putIfAbsent(name, path);
    if (before != null) {
      problem(path, name + " is there already, at " + origins.getOrDefault(before, file));
    }
  }

  private static String key(Mailbox address) {
    return address.wire().toLowerCase(Locale.ROOT);
  }

  private void problem(String path, String message) {
    problems.add(new Problem(origins.getOrDefault(path, file), path + ": " + message));
  }
}
