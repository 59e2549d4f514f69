package org.depesche.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.routing.Destination;
import org.depesche.spool.RecipientState;
import org.depesche.spool.StoredEnvelope;

/// Which recipients of which messages are meant. Conditions that are not given are met by all; all
/// that are given must be met.
///
/// @param id one message
/// @param sender the reverse path, case ignored; `<>` for the null path; `@example.org` for a whole
///   domain
/// @param recipient the recipient's address, case ignored
/// @param domain the recipient's domain or address literal, by the name `Destination` has for it
/// @param olderThan accepted at least this long ago
/// @param largerThan at least this many bytes
/// @param reply part of the text of the last failure, case ignored
/// @param state only recipients in this state
public record Selection(
    Optional<EnvelopeId> id,
    Optional<String> sender,
    Optional<String> recipient,
    Optional<String> domain,
    Optional<Duration> olderThan,
    OptionalLong largerThan,
    Optional<String> reply,
    Optional<State> state) {

  /// States an operator can name.
  public enum State {
    WAITING,
    HELD,
    REMOVED
  }

  public static final Selection ALL =
      new Selection(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          Optional.empty());

  /// Only one message.
  public static Selection of(EnvelopeId id) {
    return new Selection(
        Optional.of(id),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// True when no condition is given.
  public boolean isAll() {
    return equals(ALL);
  }

  /// The indexes of the recipients of a message that are meant.
  List<Integer> recipients(StoredEnvelope message, Instant now) {
    List<Integer> found = new ArrayList<>();
    if (meetsMessage(message, now)) {
      for (int i = 0; i < message.states().size(); i++) {
        Mailbox address = message.envelope().recipients().get(i).address();
        if (meetsRecipient(address, message.states().get(i))) {
          found.add(i);
        }
      }
    }
    return found;
  }

  private boolean meetsMessage(StoredEnvelope message, Instant now) {
    return (id.isEmpty() || id.get().equals(message.id()))
        && (olderThan.isEmpty() || !message.receivedAt().plus(olderThan.get()).isAfter(now))
        && (largerThan.isEmpty() || message.size() >= largerThan.getAsLong())
        && (sender.isEmpty() || isSender(message.envelope().sender().wire(), sender.get()));
  }

  private static boolean isSender(String path, String wanted) {
    if (wanted.equals("<>") || wanted.isEmpty()) {
      return path.isEmpty();
    }
    return wanted.startsWith("@")
        ? lower(path).endsWith(lower(wanted))
        : path.equalsIgnoreCase(wanted);
  }

  private boolean meetsRecipient(Mailbox address, RecipientState now) {
    return (recipient.isEmpty() || address.wire().equalsIgnoreCase(recipient.get()))
        && (domain.isEmpty() || Destination.of(address.host()).name().equals(domain.get()))
        && waiting(now)
            .filter(w -> reply.isEmpty() || lower(w.cause()).contains(lower(reply.get())))
            .isPresent()
        && (state.isEmpty() || state.get() == name(now));
  }

  private static Optional<RecipientState.Waiting> waiting(RecipientState state) {
    return switch (state) {
      case RecipientState.Waiting w -> Optional.of(w);
      case RecipientState.Held(var w) -> Optional.of(w);
      case RecipientState.Discarded(var w, _, _) -> Optional.of(w);
      case RecipientState.Delivered _, RecipientState.Failed _, RecipientState.Removed _ ->
          Optional.empty();
    };
  }

  private static State name(RecipientState state) {
    return switch (state) {
      case RecipientState.Held _ -> State.HELD;
      case RecipientState.Discarded _ -> State.REMOVED;
      default -> State.WAITING;
    };
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
