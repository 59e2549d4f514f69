package org.depesche.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// Asks recursive DNS servers: by UDP, and by TCP what does not fit (RFC 7766 §5).
public final class DnsResolver implements Resolver {

  /// Payload that goes through everywhere without fragments (1232 is what DNS operators settled on
  /// in 2020).
  private static final int PAYLOAD = 1232;

  /// Aliases followed before it is called a loop.
  private static final int MOST_ALIASES = 16;

  private final List<SimpleResolver> servers;
  private final DnsSettings settings;

  public DnsResolver(DnsSettings settings) {
    this.settings = settings;
    List<InetSocketAddress> addresses =
        settings.servers().isEmpty()
            ? ResolverConfig.getCurrentConfig().servers()
            : settings.servers();
    this.servers = addresses.stream().map(this::server).toList();
  }

  private SimpleResolver server(InetSocketAddress address) {
    SimpleResolver server = new SimpleResolver(address);
    server.setTimeout(settings.timeout());
    server.setEDNS(0, PAYLOAD, 0, List.of());
    return server;
  }

  @Override
  public Answer<Mx> mx(String name) {
    return ask(
        name,
        Type.MX,
        r -> r instanceof MXRecord mx ? Optional.of(exchanger(mx)) : Optional.empty());
  }

  @Override
  public Answer<InetAddress> addresses(String name, Family family) {
    return switch (family) {
      case IPV4 ->
          ask(
              name,
              Type.A,
              r -> r instanceof ARecord a ? Optional.of(a.getAddress()) : Optional.empty());
      case IPV6 ->
          ask(
              name,
              Type.AAAA,
              r -> r instanceof AAAARecord a ? Optional.of(a.getAddress()) : Optional.empty());
    };
  }

  private static Mx exchanger(MXRecord record) {
    String name = record.getTarget().toString(true).toLowerCase(Locale.ROOT);
    return new Mx(record.getPriority(), record.getTarget().equals(Name.root) ? "" : name);
  }

  private <T> Answer<T> ask(String text, int type, Function<Record, Optional<T>> read) {
    Name name;
    try {
      name = Name.fromString(text.endsWith(".") ? text : text + ".");
    } catch (TextParseException e) {
      // A name that cannot be written in a question cannot be there.
      return new Answer.NoSuchName<>(Duration.ZERO);
    }
    Chase<T> chase = new Chase<>(type, read, settings.trusted());
    Name at = name;
    for (int asked = 0; asked < MOST_ALIASES; asked++) {
      Sent sent = send(at, type);
      if (sent.message() == null) {
        return new Answer.Failed<>(sent.trouble(), sent.reason());
      }
      Optional<Answer<T>> answer = chase.take(at, sent.message());
      if (answer.isPresent()) {
        return answer.get();
      }
      at = chase.name();
    }
    return new Answer.Failed<>(
        Answer.Trouble.MALFORMED, "more than " + MOST_ALIASES + " aliases from " + text);
  }

  /// What came back.
  private record Sent(
      @org.jspecify.annotations.Nullable Message message, Answer.Trouble trouble, String reason) {}

  private Sent send(Name name, int type) {
    Message question = Message.newQuery(Record.newRecord(name, type, DClass.IN));
    Sent last = new Sent(null, Answer.Trouble.TIMEOUT, "no DNS server is known");
    for (int i = 0; i < settings.tries() && !servers.isEmpty(); i++) {
      last = send(servers.get(i % servers.size()), question, name, type);
      if (last.message() != null) {
        return last;
      }
    }
    return last;
  }

  private Sent send(SimpleResolver server, Message question, Name name, int type) {
    String what = Type.string(type) + " of " + name.toString(true);
    try {
      Message answer = server.send(question);
      return switch (answer.getRcode()) {
        case Rcode.NOERROR, Rcode.NXDOMAIN ->
            answers(answer, name, type)
                ? new Sent(answer, Answer.Trouble.MALFORMED, "")
                : new Sent(null, Answer.Trouble.MALFORMED, what + ": an answer to something else");
        case Rcode.SERVFAIL ->
            new Sent(null, Answer.Trouble.SERVFAIL, what + ": the DNS answers SERVFAIL");
        default ->
            new Sent(
                null,
                Answer.Trouble.REFUSED,
                what + ": the DNS answers " + Rcode.string(answer.getRcode()));
      };
    } catch (IOException e) {
      String words = Optional.ofNullable(e.getMessage()).orElse("the DNS server cannot be reached");
      return words.contains("imed out") || words.contains("imeout")
          ? new Sent(null, Answer.Trouble.TIMEOUT, what + ": no answer from the DNS in time")
          : new Sent(null, Answer.Trouble.MALFORMED, what + ": " + words);
    }
  }

  private static boolean answers(Message answer, Name name, int type) {
    Record question = answer.getQuestion();
    return question != null && question.getType() == type && question.getName().equals(name);
  }

  /// Follows the aliases of one answer after the other.
  private static final class Chase<T> {

    private final int type;
    private final Function<Record, Optional<T>> read;
    private boolean authenticated;
    private long ttl = Long.MAX_VALUE;
    private int aliases;
    private Name name = Name.root;

    Chase(int type, Function<Record, Optional<T>> read, boolean trusted) {
      this.type = type;
      this.read = read;
      this.authenticated = trusted;
    }

    Name name() {
      return name;
    }

    /// Empty when the alias leads to a name that has to be asked for.
    Optional<Answer<T>> take(Name asked, Message answer) {
      authenticated &= answer.getHeader().getFlag(Flags.AD);
      name = asked;
      List<Record> records = answer.getSection(Section.ANSWER);
      boolean moved = false;
      for (Optional<Name> next = alias(records); next.isPresent(); next = alias(records)) {
        if (++aliases > MOST_ALIASES) {
          return Optional.of(
              new Answer.Failed<>(Answer.Trouble.MALFORMED, "a loop of aliases at " + name));
        }
        name = next.get();
        moved = true;
      }
      List<T> found = new ArrayList<>();
      for (Record record : records) {
        if (record.getType() == type && record.getName().equals(name)) {
          read.apply(record).ifPresent(found::add);
          ttl = Math.min(ttl, record.getTTL());
        }
      }
      if (!found.isEmpty()) {
        return Optional.of(new Answer.Found<>(found, authenticated, Duration.ofSeconds(ttl)));
      }
      Duration negative = negativeTtl(answer);
      if (answer.getRcode() == Rcode.NXDOMAIN) {
        return Optional.of(new Answer.NoSuchName<>(negative));
      }
      // A server that stops at an alias without a word about its target leaves that to us.
      return moved && answer.getSection(Section.AUTHORITY).isEmpty()
          ? Optional.empty()
          : Optional.of(new Answer.NoData<>(negative));
    }

    private Optional<Name> alias(List<Record> records) {
      for (Record record : records) {
        if (record instanceof CNAMERecord cname && cname.getName().equals(name)) {
          ttl = Math.min(ttl, cname.getTTL());
          return Optional.of(cname.getTarget());
        }
      }
      return Optional.empty();
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
  }
}
