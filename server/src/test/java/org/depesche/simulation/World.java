package org.depesche.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.depesche.delivery.Cause;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.mail.EnvelopeId;
import org.depesche.routing.Leg;
import org.depesche.spool.StoredMessage;

/// The other servers: hundreds of sites that are down for hours or days, put recipients off, know
/// some and not others, and now and then take a message and forget to say so.
final class World {

  /// Where the senders live, whose site hears of what could not be delivered.
  static final String SENDERS = "client.test";

  private static final Pattern RECIPIENT =
      Pattern.compile("Final-Recipient: rfc822; (\\S+)\r\nAction: failed");
  private static final Pattern ABOUT = Pattern.compile("References: <message-(\\d+)@");

  private final Random random;
  private final InstantSource clock;
  private final Map<String, Instant> downUntil = new HashMap<>();

  /// Copies by message and recipient: `7 bob@r1.test`.
  private final Map<String, Integer> copies = new HashMap<>();

  /// The notifications of failure about each message and recipient, by their own ids.
  private final Map<String, Set<EnvelopeId>> failures = new HashMap<>();

  private int inDoubt;

  World(Random random, InstantSource clock) {
    this.random = random;
    this.clock = clock;
  }

  int copies(int message, String recipient) {
    return copies.getOrDefault(message + " " + recipient, 0);
  }

  int failures(int message, String recipient) {
    return failures.getOrDefault(message + " " + recipient, Set.of()).size();
  }

  int inDoubt() {
    return inDoubt;
  }

  /// From now on every site is up and takes what it knows.
  void calmDown() {
    downUntil.clear();
    calm = true;
  }

  private boolean calm;

  List<Outcome> deliver(DeliveryJob job) {
    String site = job.legs().getFirst().address().host().wire();
    // A sender's site that is down for days hears of nothing, and that is no fault of the queue.
    if (!calm && !site.equals(SENDERS) && isDown(site)) {
      Outcome down =
          new Outcome.Deferred(Scope.DESTINATION, Cause.of("4.4.1", site + " does not answer"));
      return job.legs().stream().map(_ -> down).toList();
    }
    String text = text(job.message());
    List<Outcome> outcomes = new ArrayList<>();
    for (Leg leg : job.legs()) {
      outcomes.add(site.equals(SENDERS) ? told(job, text) : answer(leg, text));
    }
    return outcomes;
  }

  private boolean isDown(String site) {
    Instant now = clock.instant();
    Instant until = downUntil.getOrDefault(site, Instant.MIN);
    if (!until.isAfter(now) && random.nextInt(30) == 0) {
      until = now.plus(Duration.ofMinutes(random.nextInt(5 * 24 * 60)));
      downUntil.put(site, until);
    }
    return until.isAfter(now);
  }

  private Outcome answer(Leg leg, String text) {
    String recipient = leg.address().wire();
    if (recipient.startsWith("nobody")) {
      return new Outcome.Failed(Cause.of("5.1.1", "550 5.1.1 no such user"));
    }
    if (!calm && random.nextInt(4) == 0) {
      return new Outcome.Deferred(Scope.RECIPIENT, Cause.of("4.2.2", "452 4.2.2 full"));
    }
    copies.merge(number(text, Simulation.NUMBER) + " " + recipient, 1, Integer::sum);
    if (!calm && random.nextInt(20) == 0) {
      inDoubt++;
      return new Outcome.Deferred(Scope.MESSAGE, Cause.of("4.4.2", "lost after the dot"));
    }
    return new Outcome.Delivered("host", "250 ok", Outcome.Handover.WISH_LOST);
  }

  private Outcome told(DeliveryJob job, String text) {
    int about = number(text, ABOUT);
    Matcher failed = RECIPIENT.matcher(text);
    while (failed.find()) {
      failures
          .computeIfAbsent(about + " " + failed.group(1), _ -> new HashSet<>())
          .add(job.message().envelope().id());
    }
    return new Outcome.Delivered(SENDERS, "250 ok", Outcome.Handover.WISH_PASSED_ON);
  }

  private static int number(String text, Pattern pattern) {
    Matcher number = pattern.matcher(text);
    if (!number.find()) {
      throw new AssertionError("no number in " + text);
    }
    return Integer.parseInt(number.group(1));
  }

  private static String text(StoredMessage message) {
    ByteBuffer bytes = ByteBuffer.allocate((int) message.content().size());
    try {
      while (bytes.hasRemaining() && message.content().read(bytes.position(), bytes) > 0) {
        // As much as a read gives.
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return new String(bytes.array(), UTF_8);
  }
}
