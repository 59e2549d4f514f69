package org.depesche.telemetry;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.depesche.mail.EnvelopeId;

/// Forgets the oldest of the history in steps small enough not to hold up the writing.
final class HistoryPruner {

  /// Rows forgotten in a step, beside as many as were written.
  static final int STEP = 200;

  private static final EnvelopeId NONE = new EnvelopeId(0);

  private final PreparedStatement oldestEntries;
  private final PreparedStatement oldestRefusals;
  private final PreparedStatement entries;
  private final PreparedStatement refusals;

  /// What a step did.
  ///
  /// @param rows rows forgotten
  /// @param counted messages or refusals among them
  record Gone(int rows, int counted) {}

  HistoryPruner(Connection connection) throws SQLException {
    oldestEntries =
        connection.prepareStatement("SELECT * FROM entry WHERE eid < ? ORDER BY eid, seq LIMIT ?");
    oldestRefusals = connection.prepareStatement("SELECT * FROM refusal ORDER BY id LIMIT ?");
    entries = connection.prepareStatement("DELETE FROM entry WHERE (eid, seq) <= (?, ?)");
    refusals = connection.prepareStatement("DELETE FROM refusal WHERE id <= ?");
  }

  /// Forgets messages, the oldest first.
  ///
  /// @param oldest what is older goes
  /// @param tooMany how many messages go whatever their age
  Gone pruneMessages(Instant oldest, long tooMany, int step) throws SQLException {
    oldestEntries.setLong(
        1, tooMany > 0 ? Long.MAX_VALUE : EnvelopeId.firstAt(oldest.toEpochMilli()).value());
    oldestEntries.setInt(2, step);
    int gone = 0;
    int messages = 0;
    try (ResultSet rows = oldestEntries.executeQuery()) {
      while ((tooMany <= 0 || messages < tooMany) && rows.next()) {
        gone++;
        for (String line : rows.getString(3).lines().toList()) {
          if (HistoryLine.isAcceptance(line)) {
            messages++;
          }
        }
        entries.setLong(1, rows.getLong(1));
        entries.setLong(2, rows.getLong(2));
      }
    }
    if (gone > 0) {
      entries.executeUpdate();
    }
    return new Gone(gone, messages);
  }

  /// Forgets refusals, the oldest first.
  ///
  /// @param oldest what is older goes
  /// @param tooMany how many go whatever their age
  Gone pruneRefusals(Instant oldest, long tooMany, int step) throws SQLException {
    oldestRefusals.setInt(1, step);
    int gone = 0;
    try (ResultSet rows = oldestRefusals.executeQuery()) {
      while (rows.next()
          && read(NONE, rows.getString(3)) instanceof MailEvent.Refused old
          && (gone < tooMany || old.at().isBefore(oldest))) {
        refusals.setLong(1, rows.getLong(1));
        gone++;
      }
    }
    if (gone > 0) {
      refusals.executeUpdate();
    }
    return new Gone(gone, gone);
  }

  private static MailEvent read(EnvelopeId eid, String line) throws SQLException {
    try {
      return HistoryLine.read(eid, line);
    } catch (IllegalArgumentException e) {
      throw new HistorySchema.Unusable("a line cannot be read: " + e.getMessage());
    }
  }
}
