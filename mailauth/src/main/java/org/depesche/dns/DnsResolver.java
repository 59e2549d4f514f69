package org.depesche.dns;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// Asks recursive DNS servers.
public final class DnsResolver implements Resolver {

  private final Servers servers;
  private final boolean trusted;

  public DnsResolver(DnsSettings settings) {
    this.servers = new Servers(settings);
    this.trusted = settings.trusted();
  }

  @Override
  public Answer<Mx> mx(String name) {
    return ask(
        name,
        Type.MX,
        reading(MXRecord.class, r -> new Mx(r.getPriority(), Chase.text(r.getTarget()))));
  }

  @Override
  public Answer<InetAddress> addresses(String name, Family family) {
    return switch (family) {
      case IPV4 -> ask(name, Type.A, reading(ARecord.class, ARecord::getAddress));
      case IPV6 -> ask(name, Type.AAAA, reading(AAAARecord.class, AAAARecord::getAddress));
    };
  }

  @Override
  public Answer<String> txt(String name) {
    return ask(name, Type.TXT, reading(TXTRecord.class, DnsResolver::joined));
  }

  @Override
  public Answer<String> ptr(InetAddress address) {
    return ask(
        ReverseMap.fromAddress(address),
        Type.PTR,
        reading(PTRRecord.class, r -> Chase.text(r.getTarget())));
  }

  @Override
  public Answer<Tlsa> tlsa(String name) {
    return ask(
        name,
        Type.TLSA,
        reading(
            TLSARecord.class,
            r ->
                new Tlsa(
                    r.getCertificateUsage(),
                    r.getSelector(),
                    r.getMatchingType(),
                    HexFormat.of().formatHex(r.getCertificateAssociationData()))));
  }

  private static <R extends Record, T> Function<Record, Optional<T>> reading(
      Class<R> kind, Function<R, T> read) {
    return record ->
        kind.isInstance(record) ? Optional.of(read.apply(kind.cast(record))) : Optional.empty();
  }

  /// RFC 7208 §3.3: the strings of a record are put together without spaces.
  private static String joined(TXTRecord record) {
    StringBuilder text = new StringBuilder();
    for (Object string : record.getStringsAsByteArrays()) {
      text.append(new String((byte[]) string, StandardCharsets.ISO_8859_1));
    }
    return text.toString();
  }

  private <T> Answer<T> ask(String name, int type, Function<Record, Optional<T>> read) {
    try {
      return ask(Name.fromString(name.endsWith(".") ? name : name + "."), type, read);
    } catch (TextParseException e) {
      // A name that cannot be written in a question cannot be there.
      return new Answer.NoSuchName<>(Duration.ZERO);
    }
  }

  private <T> Answer<T> ask(Name name, int type, Function<Record, Optional<T>> read) {
    Chase<T> chase = new Chase<>(name, type, read, trusted);
    // Ends: an answer that leads on has used up an alias, and these are counted.
    while (true) {
      switch (servers.ask(chase.name(), type)) {
        case Servers.Reply.Nothing(var trouble, var reason, _) -> {
          return new Answer.Failed<>(trouble, reason);
        }
        case Servers.Reply.Heard(var message) -> {
          Optional<Answer<T>> answer = chase.take(message);
          if (answer.isPresent()) {
            return answer.get();
          }
        }
      }
    }
  }
}
