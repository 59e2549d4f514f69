package org.depesche.queue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.NullPath;
import org.depesche.mail.ReversePath;
import org.depesche.routing.Leg;
import org.depesche.spool.RecipientState;
import org.jspecify.annotations.Nullable;

/// What the queue remembers of a message: little, the rest is in the spool. Touched by the
/// dispatcher's thread only, but for what attempts may look at.
final class QueuedMessage {

  private static final BitSet NONE = new BitSet(0);

  private final long id;
  private final long receivedMillis;
  private final int sender;

  /// The addresses still open of recipients that had several at any time; of all others it is the
  /// one they have.
  private Map<Integer, Set<Mailbox>> open = Map.of();

  /// And those that are not open any more, because their ways have come to an end.
  private Map<Integer, Set<Mailbox>> over = Map.of();

  /// Those recipients, for attempts to look at; never changed, only replaced.
  private volatile BitSet expanded = NONE;

  /// The recipients' states while attempts are running and their outcomes are being gathered; null
  /// in between, when the spool has them.
  RecipientState @Nullable [] gathered;

  /// Items of this message, running ones included.
  int items;

  /// Attempts running.
  int running;

  /// Outcomes gathered and not settled.
  int unsettled;

  /// What the sender has to be told with the next settlement.
  List<Notice> notices = List.of();

  /// Slots of intents to be freed with the next settlement.
  List<Integer> doubts = List.of();

  /// A settlement with notifications is being written.
  boolean settling;

  /// @param sender who it is from, as `sender` makes it
  QueuedMessage(long id, long receivedMillis, int sender) {
    this.id = id;
    this.sender = sender;
    this.receivedMillis = receivedMillis;
  }

  void doubted(List<Integer> slots) {
    if (!slots.isEmpty()) {
      List<Integer> all = new ArrayList<>(doubts);
      all.addAll(slots);
      doubts = all;
    }
  }

  /// True for a recipient that is an alias with several addresses behind it.
  boolean isExpanded(int recipient) {
    return expanded.get(recipient);
  }

  EnvelopeId id() {
    return new EnvelopeId(id);
  }

  long idValue() {
    return id;
  }

  /// Whose turn it takes. A number: names would take more memory than all the rest, and two senders
  /// that share one only share their turns.
  int sender() {
    return sender;
  }

  /// The number of a sender. What a mailing program puts behind a plus or equals sign to tell
  /// bounces apart does not make another sender.
  static int sender(ReversePath path) {
    return switch (path) {
      case NullPath _ -> 0;
      case Mailbox(var localPart, var host) ->
          31 * stem(localPart).toLowerCase(Locale.ROOT).hashCode() + host.wire().hashCode();
    };
  }

  private static String stem(String localPart) {
    for (int i = 0; i < localPart.length(); i++) {
      if (localPart.charAt(i) == '+' || localPart.charAt(i) == '=') {
        return localPart.substring(0, i);
      }
    }
    return localPart;
  }

  long receivedMillis() {
    return receivedMillis;
  }

  /// Takes a way in.
  ///
  /// @return false when that address of the recipient is open already
  boolean opened(Leg leg) {
    int recipient = leg.recipient();
    if (leg.oneOfSeveral() && !expanded.get(recipient)) {
      BitSet more = (BitSet) expanded.clone();
      more.set(recipient);
      expanded = more;
      open = open.isEmpty() ? new HashMap<>() : open;
      open.put(recipient, new HashSet<>());
    }
    Set<Mailbox> addresses = open.get(recipient);
    return addresses == null || addresses.add(leg.address());
  }

  /// A way has come to its end.
  ///
  /// @return true when it was the last of its recipient
  boolean ended(Leg leg) {
    if (isExpanded(leg.recipient())) {
      over = over.isEmpty() ? new HashMap<>() : over;
      over.computeIfAbsent(leg.recipient(), _ -> new LinkedHashSet<>()).add(leg.address());
    }
    return closed(leg);
  }

  /// The addresses of a recipient with several whose ways have come to their end.
  Set<Mailbox> over(int recipient) {
    return over.getOrDefault(recipient, Set.of());
  }

  /// The addresses of a recipient with several whose ways are open.
  Set<Mailbox> open(int recipient) {
    return open.getOrDefault(recipient, Set.of());
  }

  /// A way that had come to its end is to be gone again.
  void reopened(Leg leg) {
    Set<Mailbox> ended = over.get(leg.recipient());
    if (ended != null) {
      ended.remove(leg.address());
    }
    opened(leg);
  }

  /// A way is not taken any more.
  ///
  /// @return true when it was the last of its recipient
  boolean closed(Leg leg) {
    Set<Mailbox> addresses = open.get(leg.recipient());
    if (addresses == null) {
      return true;
    }
    addresses.remove(leg.address());
    return addresses.isEmpty();
  }
}
