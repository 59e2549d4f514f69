package org.depesche.dns;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// One look-up: reads the answers to it and follows aliases, within one answer or from one to the
/// next (RFC 1034 §3.6.2). Only records at the name that was asked for, or at what it is an alias
/// of, are believed.
final class Chase<T> {

  /// Aliases followed before it is called a loop.
  private static final int MOST_ALIASES = 16;

  private final int type;
  private final Function<Record, Optional<T>> read;
  private Name name;
  private boolean authenticated;
  private long ttl = Long.MAX_VALUE;
  private int aliases;

  /// @param trusted what the server says about DNSSEC counts
  Chase(Name name, int type, Function<Record, Optional<T>> read, boolean trusted) {
    this.name = name;
    this.type = type;
    this.read = read;
    this.authenticated = trusted;
  }

  /// What is to be asked for now.
  Name name() {
    return name;
  }

  /// Empty when an alias leads to a name that has to be asked for.
  Optional<Answer<T>> take(Message answer) {
    // RFC 4035 §4.9.3: what an untrusted server says about DNSSEC says nothing.
    authenticated &= answer.getHeader().getFlag(Flags.AD);
    Name asked = name;
    List<Record> records = answer.getSection(Section.ANSWER);
    for (Optional<CNAMERecord> alias = alias(records); alias.isPresent(); alias = alias(records)) {
      if (++aliases > MOST_ALIASES) {
        return failed("more than " + MOST_ALIASES + " aliases, the last " + text(name));
      }
      ttl = Math.min(ttl, alias.get().getTTL());
      name = alias.get().getTarget();
    }
    List<T> found = found(records);
    if (!found.isEmpty()) {
      return Optional.of(
          new Answer.Found<>(found, authenticated, text(name), Duration.ofSeconds(ttl)));
    }
    if (answer.getRcode() == Rcode.NXDOMAIN) {
      return Optional.of(new Answer.NoSuchName<>(negativeTtl(answer)));
    }
    return nothingThere(answer, !name.equals(asked));
  }

  private Optional<Answer<T>> nothingThere(Message answer, boolean moved) {
    boolean closed = has(answer, Type.SOA);
    if (moved && !closed) {
      // A server that stops at an alias without a word about its target leaves that to us.
      return Optional.empty();
    }
    if (!closed && has(answer, Type.NS)) {
      // RFC 2308 §2.2: name servers without a SOA are no answer but a hint whom to ask.
      return failed("the DNS server does not look up names of others: " + text(name));
    }
    return Optional.of(new Answer.NoData<>(negativeTtl(answer)));
  }

  private Optional<Answer<T>> failed(String reason) {
    return Optional.of(
        new Answer.Failed<>(Answer.Trouble.MALFORMED, Type.string(type) + " look-up: " + reason));
  }

  private List<T> found(List<Record> records) {
    List<T> found = new ArrayList<>();
    for (Record record : records) {
      if (record.getType() == type && isHere(record)) {
        read.apply(record).ifPresent(found::add);
        ttl = Math.min(ttl, record.getTTL());
      }
    }
    return found;
  }

  private Optional<CNAMERecord> alias(List<Record> records) {
    for (Record record : records) {
      if (record instanceof CNAMERecord cname && isHere(cname)) {
        return Optional.of(cname);
      }
    }
    return Optional.empty();
  }

  private boolean isHere(Record record) {
    return record.getDClass() == DClass.IN && record.getName().equals(name);
  }

  private static boolean has(Message answer, int type) {
    return answer.getSection(Section.AUTHORITY).stream().anyMatch(r -> r.getType() == type);
  }

  /// RFC 2308 §5: as long as the SOA says, by its own TTL and its minimum.
  private static Duration negativeTtl(Message answer) {
    for (Record record : answer.getSection(Section.AUTHORITY)) {
      if (record instanceof SOARecord soa) {
        return Duration.ofSeconds(Math.min(soa.getTTL(), soa.getMinimum()));
      }
    }
    return Duration.ZERO;
  }

  /// A name as the port gives it.
  static String text(Name name) {
    return name.equals(Name.root) ? "" : name.toString(true).toLowerCase(Locale.ROOT);
  }
}
