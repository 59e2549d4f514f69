package org.depesche.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import org.xbill.DNS.WireParseException;

/// The DNS servers, asked by turns until one answers: by UDP, and by TCP what does not fit (RFC
/// 7766 §5).
final class Servers {

  /// Payload that goes through everywhere without fragments (1232 is what DNS operators settled on
  /// in 2020).
  private static final int PAYLOAD = 1232;

  private final DnsSettings settings;
  private final List<SimpleResolver> servers;

  Servers(DnsSettings settings) {
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

  /// What came of a question.
  sealed interface Reply {

    /// A message that answers this question, with records or without.
    record Heard(Message message) implements Reply {}

    /// No answer that could be used.
    ///
    /// @param said a server has spoken, and would say the same again
    record Nothing(Answer.Trouble trouble, String reason, boolean said) implements Reply {}
  }

  Reply ask(Name name, int type) {
    Reply last = new Reply.Nothing(Answer.Trouble.TIMEOUT, "no DNS server is known", true);
    int refused = 0;
    for (int i = 0; i < settings.tries() && refused < servers.size(); i++) {
      last = ask(servers.get(i % servers.size()), name, type);
      if (last instanceof Reply.Heard || Thread.currentThread().isInterrupted()) {
        return last;
      }
      refused += last instanceof Reply.Nothing(_, _, var said) && said ? 1 : 0;
    }
    return last;
  }

  private Reply ask(SimpleResolver server, Name name, int type) {
    Message question = Message.newQuery(Record.newRecord(name, type, DClass.IN));
    if (settings.trusted()) {
      // RFC 6840 §5.7: the bit in a question asks for the bit in the answer.
      question.getHeader().setFlag(Flags.AD);
    }
    String what = Type.string(type) + " of " + name.toString(true) + ": ";
    try {
      Message answer =
          server
              .sendAsync(question)
              .toCompletableFuture()
              .get(settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
      return judged(answer, question, what);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return nothing(Answer.Trouble.TIMEOUT, what + "interrupted", true);
    } catch (TimeoutException _) {
      return silence(server, what);
    } catch (ExecutionException e) {
      return e.getCause() instanceof SocketTimeoutException
          ? silence(server, what)
          : broken(server, what, Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  private static Reply.Nothing nothing(Answer.Trouble trouble, String reason, boolean said) {
    return new Reply.Nothing(trouble, reason, said);
  }

  private static Reply silence(SimpleResolver server, String what) {
    return nothing(
        Answer.Trouble.TIMEOUT, what + "no answer in time from " + address(server), false);
  }

  /// An answer that cannot be read, or a server that cannot be reached.
  private static Reply broken(SimpleResolver server, String what, Throwable cause) {
    String words = Objects.requireNonNullElse(cause.getMessage(), "cannot be read");
    return cause instanceof IOException && !(cause instanceof WireParseException)
        ? nothing(Answer.Trouble.TIMEOUT, what + address(server) + ": " + words, false)
        : nothing(
            Answer.Trouble.MALFORMED, what + "answer of " + address(server) + ": " + words, false);
  }

  private static String address(SimpleResolver server) {
    InetSocketAddress address = server.getAddress();
    return address.getAddress().getHostAddress() + " port " + address.getPort();
  }

  private static Reply judged(Message answer, Message question, String what) {
    if (!isAnswer(answer, question)) {
      return nothing(Answer.Trouble.MALFORMED, what + "not an answer to the question", false);
    }
    String code = Rcode.string(answer.getRcode()) + explanation(answer);
    return switch (answer.getRcode()) {
      case Rcode.NOERROR, Rcode.NXDOMAIN -> new Reply.Heard(answer);
      case Rcode.SERVFAIL -> nothing(Answer.Trouble.SERVFAIL, what + "the DNS says " + code, true);
      default -> nothing(Answer.Trouble.REFUSED, what + "the DNS says " + code, true);
    };
  }

  /// The library compares name, type and class already; a message without a question, a question
  /// sent back, and an answer that is cut off even over TCP are left for us.
  private static boolean isAnswer(Message answer, Message question) {
    return answer.getHeader().getFlag(Flags.QR)
        && !answer.getHeader().getFlag(Flags.TC)
        && question.getQuestion().equals(answer.getQuestion());
  }

  /// Why, when the server tells (RFC 8914 §2). Its free text is left out: anybody may have written
  /// it.
  private static String explanation(Message answer) {
    OPTRecord opt = answer.getOPT();
    if (opt == null) {
      return "";
    }
    for (EDNSOption option : opt.getOptions(EDNSOption.Code.EDNS_EXTENDED_ERROR)) {
      if (option instanceof ExtendedErrorCodeOption error) {
        return " (" + ExtendedErrorCodeOption.text(error.getErrorCode()) + ")";
      }
    }
    return "";
  }
}
