package org.depesche.testing;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.depesche.dns.Answer;
import org.depesche.dns.Mx;
import org.depesche.dns.Resolver;
import org.depesche.dns.Tlsa;

/// The DNS in memory. Remembers what it was asked.
public final class ZoneResolver implements Resolver {

  private static final int MOST_ALIASES = 16;
  private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile Zone zone;

  /// @param zone in the form of [Zone]
  public ZoneResolver(String zone) {
    this.zone = Zone.parse(zone);
  }

  /// From now on the DNS holds this.
  public void change(String zone) {
    this.zone = Zone.parse(zone);
  }

  /// The questions so far, as `MX example.org`.
  public List<String> asked() {
    return List.copyOf(asked);
  }

  @Override
  public Answer<Mx> mx(String name) {
    return ask(
        name,
        "MX",
        data -> {
          String[] words = data.split("\\s+");
          return new Mx(Integer.parseInt(words[0]), Zone.fold(words[1]));
        });
  }

  @Override
  public Answer<InetAddress> addresses(String name, Family family) {
    return ask(name, family == Family.IPV4 ? "A" : "AAAA", InetAddress::ofLiteral);
  }

  @Override
  public Answer<String> txt(String name) {
    return ask(name, "TXT", ZoneResolver::joined);
  }

  @Override
  public Answer<String> ptr(InetAddress address) {
    return ask(reverse(address), "PTR", Zone::fold);
  }

  @Override
  public Answer<Tlsa> tlsa(String name) {
    return ask(
        name,
        "TLSA",
        data -> {
          String[] words = data.split("\\s+");
          return new Tlsa(
              Integer.parseInt(words[0]),
              Integer.parseInt(words[1]),
              Integer.parseInt(words[2]),
              words[3].toLowerCase(Locale.ROOT));
        });
  }

  private static String joined(String data) {
    StringBuilder text = new StringBuilder();
    for (Matcher m = QUOTED.matcher(data); m.find(); ) {
      text.append(m.group(1) == null ? m.group(2) : m.group(1));
    }
    return text.toString();
  }

  /// RFC 1035 §3.5 and RFC 3596 §2.5: the octets, or half octets, backwards.
  private static String reverse(InetAddress address) {
    byte[] octets = address.getAddress();
    boolean four = address instanceof Inet4Address;
    StringBuilder name = new StringBuilder();
    for (int i = octets.length - 1; i >= 0; i--) {
      String hex = HexFormat.of().toHexDigits(octets[i]);
      name.append(four ? (octets[i] & 0xff) + "." : hex.charAt(1) + "." + hex.charAt(0) + ".");
    }
    return name + (four ? "in-addr.arpa" : "ip6.arpa");
  }

  private <T> Answer<T> ask(String name, String type, Function<String, T> read) {
    Zone current = zone;
    String at = Zone.fold(name);
    asked.add(type + " " + at);
    boolean authenticated = true;
    long ttl = Long.MAX_VALUE;
    for (int aliases = 0; aliases <= MOST_ALIASES; aliases++) {
      Optional<Answer.Trouble> trouble = current.trouble(at, type);
      if (trouble.isPresent()) {
        return new Answer.Failed<>(trouble.get(), type + " of " + at + " fails by script");
      }
      authenticated &= current.isSecure(at);
      List<Zone.Entry> found = current.at(at, type);
      if (!found.isEmpty()) {
        return found(found, read, authenticated, ttl);
      }
      List<Zone.Entry> alias = current.at(at, "CNAME");
      if (alias.isEmpty()) {
        Duration negative = negativeTtl(current, at);
        return current.exists(at)
            ? new Answer.NoData<>(negative)
            : new Answer.NoSuchName<>(negative);
      }
      ttl = Math.min(ttl, alias.getFirst().ttl());
      at = Zone.fold(alias.getFirst().data());
    }
    return new Answer.Failed<>(Answer.Trouble.MALFORMED, "more than 16 aliases from " + name);
  }

  private static <T> Answer<T> found(
      List<Zone.Entry> entries, Function<String, T> read, boolean authenticated, long ttl) {
    List<T> records = new ArrayList<>();
    long shortest = ttl;
    for (Zone.Entry entry : entries) {
      records.add(read.apply(entry.data()));
      shortest = Math.min(shortest, entry.ttl());
    }
    return new Answer.Found<>(
        records, authenticated, entries.getFirst().name(), Duration.ofSeconds(shortest));
  }

  /// RFC 2308 §5: the smaller one of the SOA's own TTL and its last number.
  private static Duration negativeTtl(Zone zone, String name) {
    return zone.authority(name)
        .map(
            soa ->
                Duration.ofSeconds(
                    Math.min(soa.ttl(), Long.parseLong(soa.data().replaceFirst(".*\\s", "")))))
        .orElse(Duration.ZERO);
  }
}
