package org.depesche.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.mail.ReversePath;
import org.depesche.message.Content;
import org.depesche.net.Connection;
import org.depesche.net.Connector;
import org.depesche.smtp.client.Answer;
import org.depesche.smtp.client.Opening;
import org.depesche.smtp.client.SendResult;
import org.depesche.smtp.client.SmtpClient;
import org.depesche.smtp.client.Timeouts;
import org.depesche.smtp.client.Transcript;
import org.depesche.time.Ticker;

/// Sends many messages over several connections.
///
/// A connection that breaks, or has carried as many messages as the server wants in one session, is
/// made anew for the next message. Nothing is tried twice: what was not accepted is reported.
final class SendRun {

  /// Attempts to reach a server, in a row and all in vain, after which it is left alone.
  private static final int MAX_FAILURES = 3;

  private static final Duration CONNECT = Duration.ofSeconds(30);

  /// What is to be sent.
  ///
  /// @param groups recipients that share a transaction
  /// @param count how many messages each group gets
  /// @param fields header fields that only one message has, by its number
  /// @param content what all have
  /// @param eightBit whether that is more than ASCII
  record Plan(
      ReversePath from,
      List<List<Mailbox>> groups,
      long count,
      LongFunction<String> fields,
      Content content,
      boolean eightBit) {

    long total() {
      return count * groups.size();
    }
  }

  /// How to reach the server.
  ///
  /// @param helo our name; empty for the address of our end
  record Route(InetSocketAddress server, String helo, int connections) {}

  private final Plan plan;
  private final Route route;
  private final SendTally tally;
  private final LongFunction<Transcript> transcripts;
  private final Connector connector = new Connector(Ticker.system());
  private final AtomicLong next = new AtomicLong();
  private final AtomicInteger failures = new AtomicInteger();

  /// @param transcripts one for each connection, by its number
  SendRun(Plan plan, Route route, SendTally tally, LongFunction<Transcript> transcripts) {
    this.plan = plan;
    this.route = route;
    this.tally = tally;
    this.transcripts = transcripts;
  }

  void run() throws InterruptedException {
    connector.start();
    long workers = Math.min(route.connections(), plan.total());
    try (connector;
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (long i = 0; i < workers; i++) {
        Transcript transcript = transcripts.apply(i);
        threads.execute(() -> new Worker(transcript).run());
      }
      threads.shutdown();
      boolean _ = threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }
  }

  /// Sends over one connection at a time.
  private final class Worker {

    private final Transcript transcript;
    private int sent;

    Worker(Transcript transcript) {
      this.transcript = transcript;
    }

    void run() {
      long number = next.getAndIncrement();
      while (number < plan.total()) {
        number = session(number);
      }
    }

    /// Sends from a message on for as long as one connection carries; answers the number of the
    /// next message.
    private long session(long first) {
      if (failures.get() >= MAX_FAILURES) {
        refuse(first, "not tried: the server could not be reached " + MAX_FAILURES + " times");
        return next.getAndIncrement();
      }
      try (Connection connection = connector.connect(route.server(), CONNECT);
          SmtpClient client =
              new SmtpClient(
                  connection, helo(connection), Timeouts.RFC_5321, Ticker.system(), transcript)) {
        return session(client, first);
      } catch (IOException e) {
        failures.incrementAndGet();
        refuse(first, "cannot connect to " + name(route.server()) + ": " + e.getMessage());
        return next.getAndIncrement();
      }
    }

    private long session(SmtpClient client, long first) {
      switch (client.open()) {
        case Opening.Ready _ -> failures.set(0);
        case Opening.Refused(var stage, var reply) -> {
          failures.incrementAndGet();
          client.quit();
          refuse(first, "refused at " + stage + ": " + reply);
          return next.getAndIncrement();
        }
        case Opening.Broken(var stage, var reason) -> {
          failures.incrementAndGet();
          refuse(first, "broken at " + stage + ": " + reason);
          return next.getAndIncrement();
        }
      }
      int most = client.capabilities().maxMessages().orElse(Integer.MAX_VALUE);
      long number = first;
      sent = 0;
      while (client.isOpen() && sent < most && number < plan.total()) {
        send(client, number);
        sent++;
        number = next.getAndIncrement();
      }
      client.quit();
      return number;
    }

    private void send(SmtpClient client, long number) {
      String fields = plan.fields().apply(number / plan.groups().size());
      Envelope envelope = envelope(group(number));
      switch (client.send(envelope, fields, plan.content())) {
        case SendResult.Answered(var answers, _) -> take(answers);
        case SendResult.Unsendable(var status, var reason) ->
            refuse(number, "not sent: " + status + " " + reason);
        case SendResult.Broken(var stage, var reason, var answers, boolean inDoubt) -> {
          String why =
              "broken at "
                  + stage
                  + ": "
                  + reason
                  + (inDoubt ? "; the server may have accepted it" : "");
          take(answers);
          for (Recipient recipient : envelope.recipients()) {
            if (answers.stream().noneMatch(a -> a.recipient().equals(recipient))) {
              tally.refused(recipient.address().wire(), why);
            }
          }
        }
      }
    }

    private void take(List<Answer> answers) {
      int accepted = 0;
      String words = "";
      for (Answer answer : answers) {
        if (answer.accepted()) {
          accepted++;
          words = answer.reply().toString();
        } else {
          tally.refused(
              answer.recipient().address().wire(),
              "refused at " + answer.stage() + ": " + answer.reply());
        }
      }
      if (accepted > 0) {
        tally.accepted(accepted, plan.content().size(), words);
      }
    }

    private void refuse(long number, String reason) {
      group(number).forEach(to -> tally.refused(to.wire(), reason));
    }
  }

  private List<Mailbox> group(long number) {
    return plan.groups().get((int) (number % plan.groups().size()));
  }

  private Envelope envelope(List<Mailbox> to) {
    List<Recipient> recipients = to.stream().map(Recipient::new).toList();
    BodyType body = plan.eightBit() ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT;
    return new Envelope(plan.from(), recipients, body, false, Return.UNSET, Optional.empty());
  }

  /// RFC 5321 §4.1.4: a client without a name of its own gives the address literal of its end.
  private String helo(Connection connection) {
    if (!route.helo().isEmpty()) {
      return route.helo();
    }
    InetAddress own = connection.local().getAddress();
    String text = own.getHostAddress().replaceFirst("%.*", "");
    return text.contains(":") ? "[IPv6:" + text + "]" : "[" + text + "]";
  }

  static String name(InetSocketAddress server) {
    String host = server.getHostString();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + server.getPort();
  }
}
