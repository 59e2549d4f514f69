package org.depesche.delivery.smtp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.depesche.delivery.DeliveryJob;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.ReversePath;
import org.depesche.mail.TlsWish;
import org.depesche.routing.Leg;
import org.depesche.routing.RelayTarget;
import org.depesche.routing.Route;
import org.depesche.smtp.client.Capabilities;
import org.depesche.smtp.client.Capability;

/// Whom a message goes to in one transaction, and whom it is from there.
final class Addressing {

  private final DeliveryJob job;
  private final int recipientsPerMessage;
  private final ForwardedSender forwarding;

  /// @param forwarding says who forwarded mail is from
  Addressing(DeliveryJob job, int recipientsPerMessage, ForwardedSender forwarding) {
    this.job = job;
    this.recipientsPerMessage = recipientsPerMessage;
    this.forwarding = forwarding;
  }

  /// One transaction.
  ///
  /// @param envelope as the server is told
  /// @param legs by the recipient as the server is told, the legs it stands for
  record Batch(Envelope envelope, Map<Recipient, List<Integer>> legs) {

    List<Integer> of(Recipient recipient) {
      return legs.getOrDefault(recipient, List.of());
    }

    List<Integer> all() {
      return legs.values().stream().flatMap(List::stream).toList();
    }
  }

  /// The transaction that begins with the first of these legs, with as many others as may join.
  ///
  /// @param open not empty
  Batch first(List<Integer> open, Capabilities server) {
    int most = Math.min(recipientsPerMessage, server.maxRecipients().orElse(Integer.MAX_VALUE));
    ReversePath sender = sender(leg(open.getFirst()));
    boolean foreign = isForeign(told(leg(open.getFirst()), server), server);
    Map<Recipient, List<Integer>> legs = new LinkedHashMap<>();
    Map<Mailbox, Recipient> first = new HashMap<>();
    for (int each : open) {
      Recipient told = told(leg(each), server);
      // One transaction has one sender.
      boolean joins = sender(leg(each)).equals(sender) && isForeign(told, server) == foreign;
      Recipient same = first.get(told.address());
      if (joins && same == null && legs.size() < most) {
        first.put(told.address(), told);
        legs.put(told, new ArrayList<>(List.of(each)));
      } else if (joins && same != null && same.wanted().equals(told.wanted())) {
        // One copy is enough, under the name that came first.
        legs.getOrDefault(same, new ArrayList<>(1)).add(each);
      }
      // RFC 3461 §5.2.1: wishes are those of one recipient. Two who have come to one address with
      // different ones stay two, and a server might take them for one in the same transaction.
    }
    Envelope envelope =
        accepted()
            .withRecipients(List.copyOf(legs.keySet()))
            .withSender(AsciiForm.of(sender, server));
    // What stays on this machine needs no TLS.
    boolean local = job.route() instanceof Route.Relay(RelayTarget.UnixSocket _);
    return new Batch(local ? envelope.withTls(TlsWish.UNSET) : envelope, legs);
  }

  /// RFC 6531 §3.2: an address beyond ASCII is not for a server without SMTPUTF8. It stands in a
  /// transaction of its own, so that it does not take others with it.
  private static boolean isForeign(Recipient told, Capabilities server) {
    return !server.offers(Capability.SMTPUTF8) && !told.address().isAscii();
  }

  private Leg leg(int index) {
    return job.legs().get(index);
  }

  private Envelope accepted() {
    return job.message().envelope().envelope();
  }

  /// A recipient as the server is told.
  private Recipient told(Leg leg, Capabilities server) {
    Mailbox address = AsciiForm.of(leg.address(), server);
    if (!server.offers(Capability.DSN)) {
      // RFC 3461 §5.2.2: it hears of no wishes.
      return new Recipient(address);
    }
    Recipient recipient =
        AsciiForm.of(accepted().recipients().get(leg.recipient()), address, server);
    return leg.oneOfSeveral() ? recipient.withoutSuccess() : recipient;
  }

  /// Who the message is from on this way.
  private ReversePath sender(Leg leg) {
    Mailbox recipient = accepted().recipients().get(leg.recipient()).address();
    return leg.address().equals(recipient)
        ? accepted().sender()
        : forwarding.sender(accepted().sender(), recipient, leg.address());
  }
}
