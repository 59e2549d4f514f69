package org.depesche.testing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.depesche.dns.Answer;
import org.depesche.dns.Mx;
import org.depesche.dns.Resolver;

/// A DNS of a few lines, `name TYPE data`: `example.org MX 10 mx.example.org`. The types `SERVFAIL`
/// and `TIMEOUT` let every question about a name fail.
public final class ZoneResolver implements Resolver {

  private static final Duration TTL = Duration.ofMinutes(5);

  private record Line(String name, String type, String data) {}

  private final List<Line> lines;

  private ZoneResolver(List<Line> lines) {
    this.lines = lines;
  }

  /// Reads a zone.
  public static ZoneResolver of(String zone) {
    return new ZoneResolver(
        zone.lines()
            .map(line -> line.strip().split("\\s+", 3))
            .filter(part -> part.length >= 2)
            .map(part -> new Line(part[0], part[1], part.length > 2 ? part[2] : ""))
            .toList());
  }

  @Override
  public Answer<Mx> mx(String name) {
    return ask(name, "MX", ZoneResolver::exchanger);
  }

  @Override
  public Answer<InetAddress> addresses(String name, Family family) {
    return ask(name, family == Family.IPV4 ? "A" : "AAAA", ZoneResolver::address);
  }

  private <T> Answer<T> ask(String asked, String type, Function<String, T> read) {
    String name = asked.toLowerCase(Locale.ROOT);
    List<T> found = new ArrayList<>();
    boolean known = false;
    for (Line line : lines) {
      if (line.name().equals(name)) {
        known = true;
        switch (line.type()) {
          case "SERVFAIL" -> {
            return new Answer.Failed<>(Answer.Trouble.SERVFAIL, name + " SERVFAIL");
          }
          case "TIMEOUT" -> {
            return new Answer.Failed<>(Answer.Trouble.TIMEOUT, name + " TIMEOUT");
          }
          case "CNAME" -> {
            return ask(line.data(), type, read);
          }
          default -> {
            if (line.type().equals(type)) {
              found.add(read.apply(line.data()));
            }
          }
        }
      }
    }
    if (!found.isEmpty()) {
      return new Answer.Found<>(found, false, TTL);
    }
    return known ? new Answer.NoData<>(TTL) : new Answer.NoSuchName<>(TTL);
  }

  private static Mx exchanger(String data) {
    String[] parts = data.split("\\s+");
    return new Mx(Integer.parseInt(parts[0]), parts[1].equals(".") ? "" : parts[1]);
  }

  private static InetAddress address(String data) {
    try {
      return InetAddress.getByName(data);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(data, e);
    }
  }
}
