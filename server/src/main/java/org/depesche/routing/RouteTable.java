package org.depesche.routing;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.depesche.directory.DomainNames;
import org.depesche.mail.Domain;
import org.depesche.mail.Host;

/// The configured next hops by domain; the first entry that matches wins.
///
/// @param entries in the order of the configuration
public record RouteTable(List<Entry> entries) {

  public static final RouteTable EMPTY = new RouteTable(List.of());

  public RouteTable {
    entries = List.copyOf(entries);
  }

  /// One `[[route]]`.
  ///
  /// @param pattern `example.org` for that domain, `.example.org` for all below it, `*` for all
  public record Entry(String pattern, RelayTarget target) {

    public Entry {
      pattern = normal(pattern);
    }

    /// True for an entry that names a domain or a tree of domains.
    boolean isSpecific() {
      return !pattern.equals("*");
    }

    boolean matches(Host host) {
      if (!isSpecific()) {
        return true;
      }
      String name = host instanceof Domain d ? DomainNames.ascii(d) : host.wire();
      return pattern.startsWith(".")
          ? name.length() > pattern.length() && name.endsWith(pattern)
          : name.equalsIgnoreCase(pattern);
    }

    private static String normal(String pattern) {
      boolean below = pattern.startsWith(".");
      String name = below ? pattern.substring(1) : pattern;
      return name.equals("*")
          ? name
          : (below ? "." : "") + DomainNames.ascii(new Domain(name)).toLowerCase(Locale.ROOT);
    }
  }

  /// The next hop for mail to a host of the world.
  Optional<RelayTarget> find(Host host) {
    return entries.stream().filter(e -> e.matches(host)).findFirst().map(Entry::target);
  }

  /// The next hop for mail to a domain of ours: a catch-all entry means the world and not us.
  Optional<RelayTarget> findForLocal(Host host) {
    return entries.stream()
        .filter(e -> e.isSpecific() && e.matches(host))
        .findFirst()
        .map(Entry::target);
  }
}
