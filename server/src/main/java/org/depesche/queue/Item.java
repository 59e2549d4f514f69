package org.depesche.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.routing.Leg;
import org.depesche.routing.Route;
import org.jspecify.annotations.Nullable;

/// One message for one route: what the scheduler orders. Small, because there may be millions.
final class Item {

  final QueuedMessage message;
  final Route route;

  /// Indexes into the envelope of the recipients it serves; one that an alias leads to several
  /// addresses on this route is there several times.
  final int[] recipients;

  /// The addresses beside them; null when they are those of the envelope, which is nearly always
  /// so.
  private final Mailbox @Nullable [] addresses;

  /// Attempts made.
  int attempts;

  /// When the next one is due, in milliseconds since 1970.
  long dueMillis;

  /// When its sender has to be told something, whether it was tried meanwhile or not.
  long deadlineMillis = Long.MAX_VALUE;

  /// Whose slot it takes; of meaning while it runs.
  Scheduler.Pool pool = Scheduler.Pool.MAILBOXES;

  private Item(
      QueuedMessage message,
      Route route,
      int[] recipients,
      Mailbox @Nullable [] addresses,
      int attempts,
      long dueMillis) {
    this.message = message;
    this.route = route;
    this.recipients = recipients;
    this.addresses = addresses;
    this.attempts = attempts;
    this.dueMillis = dueMillis;
  }

  /// @param envelope the recipients of the message by their index, those of the legs at least
  static Item of(
      QueuedMessage message,
      Route route,
      List<Leg> legs,
      Map<Integer, Recipient> envelope,
      int attempts,
      long dueMillis) {
    int[] recipients = new int[legs.size()];
    Mailbox[] addresses = new Mailbox[legs.size()];
    boolean own = true;
    for (int i = 0; i < recipients.length; i++) {
      Leg leg = legs.get(i);
      recipients[i] = leg.recipient();
      addresses[i] = leg.address();
      Recipient recipient = envelope.get(leg.recipient());
      own &= recipient != null && recipient.address().equals(leg.address());
    }
    return new Item(message, route, recipients, own ? null : addresses, attempts, dueMillis);
  }

  /// The same work for some of its legs.
  ///
  /// @param legs positions in `recipients`
  Item part(List<Integer> legs, long due) {
    int[] some = legs.stream().mapToInt(i -> recipients[i]).toArray();
    Mailbox[] their = addresses;
    Mailbox[] names =
        their == null ? null : legs.stream().map(i -> their[i]).toArray(Mailbox[]::new);
    return new Item(message, route, some, names, attempts, due);
  }

  /// What goes over the route.
  List<Leg> legs(List<Recipient> envelope) {
    List<Leg> legs = new ArrayList<>(recipients.length);
    for (int i = 0; i < recipients.length; i++) {
      Mailbox address = addresses == null ? envelope.get(recipients[i]).address() : addresses[i];
      legs.add(new Leg(recipients[i], address, message.isExpanded(recipients[i])));
    }
    return legs;
  }
}
