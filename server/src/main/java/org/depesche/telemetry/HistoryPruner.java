package org.depesche.telemetry;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.depesche.mail.EnvelopeId;

/// Forgets the oldest of the history in steps small enough not to hold up the writing.
final class HistoryPruner {

  /// Messages or refusals forgotten in a step, beside as many as were written.
  static final int STEP = 200;

  /// A step ends early when its messages had this many recipients together.
  private static final int MAX_RECIPIENTS = 5000;

  private final PreparedStatement oldestMessages;
  private final PreparedStatement oldestRefusals;
  private final PreparedStatement message;
  private final PreparedStatement entries;
  private final PreparedStatement refusal;
  private final PreparedStatement address;

  HistoryPruner(Connection connection) throws SQLException {
    oldestMessages =
        connection.prepareStatement(
            "SELECT eid, sender, rcpts FROM message WHERE eid < ? ORDER BY eid LIMIT ?");
    oldestRefusals =
        connection.prepareStatement(
            "SELECT id, sender, rcpt FROM refusal WHERE id < ? ORDER BY id LIMIT ?");
    message = connection.prepareStatement("DELETE FROM message WHERE eid = ?");
    entries = connection.prepareStatement("DELETE FROM entry WHERE eid <= ?");
    refusal = connection.prepareStatement("DELETE FROM refusal WHERE id = ?");
    address = connection.prepareStatement("DELETE FROM address WHERE address = ? AND id = ?");
  }

  /// What was found to forget.
  private record Old(long id, List<String> addresses) {}

  /// Forgets messages, the oldest first.
  ///
  /// @param oldest what is older goes
  /// @param tooMany how many go whatever their age, the oldest first
  /// @return how many went
  int pruneMessages(Instant oldest, long tooMany, int step) throws SQLException {
    long bound = EnvelopeId.firstAt(oldest.toEpochMilli()).value();
    List<Old> gone = find(oldestMessages, bound, tooMany, step);
    for (Old old : gone) {
      forget(message, old, old.id());
    }
    if (!gone.isEmpty()) {
      // Entries of messages whose head was never seen go with the first that is younger.
      entries.setLong(1, gone.getLast().id());
      entries.executeUpdate();
    }
    return gone.size();
  }

  /// Forgets refusals, the oldest first.
  ///
  /// @param bound ids below are too old
  int pruneRefusals(long bound, long tooMany, int step) throws SQLException {
    List<Old> gone = find(oldestRefusals, bound, tooMany, step);
    for (Old old : gone) {
      forget(refusal, old, -old.id());
    }
    return gone.size();
  }

  private static List<Old> find(PreparedStatement query, long bound, long tooMany, int step)
      throws SQLException {
    boolean crowded = tooMany > 0;
    query.setLong(1, crowded ? Long.MAX_VALUE : bound);
    query.setLong(2, crowded ? Math.min(tooMany, step) : step);
    List<Old> found = new ArrayList<>();
    int recipients = 0;
    try (ResultSet rows = query.executeQuery()) {
      while (recipients < MAX_RECIPIENTS && rows.next()) {
        List<String> addresses = new ArrayList<>(List.of(rows.getString(3).split("\n")));
        recipients += addresses.size();
        addresses.add(rows.getString(2));
        found.add(new Old(rows.getLong(1), addresses));
      }
    }
    return found;
  }

  private void forget(PreparedStatement row, Old old, long idInAddress) throws SQLException {
    row.setLong(1, old.id());
    row.executeUpdate();
    for (String text : old.addresses()) {
      address.setString(1, text.toLowerCase(Locale.ROOT));
      address.setLong(2, idInAddress);
      address.executeUpdate();
    }
  }
}
