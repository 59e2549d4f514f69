package org.depesche.telemetry;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.depesche.mail.EnvelopeId;

/// Writes events into an open history, a transaction a batch. Used by one thread.
///
/// The time goes into calls of the native library, of which there is one for each statement and
/// each parameter. So the events of a message that come in one batch, which are all of them for
/// most messages, make one row.
final class HistoryWriter implements AutoCloseable {

  private final Connection connection;
  private final PreparedStatement entry;
  private final PreparedStatement refusal;
  private final PreparedStatement tally;
  private final HistoryPruner pruner;
  private final Map<Long, StringBuilder> lines = new LinkedHashMap<>();

  private long messages;
  private long refusals;

  /// The last number given to a row.
  private long seq;

  /// @param connection with auto-commit off; closed with this
  HistoryWriter(Connection connection) throws SQLException {
    this.connection = connection;
    entry = connection.prepareStatement("INSERT INTO entry VALUES (?,?,?)");
    refusal = connection.prepareStatement("INSERT INTO refusal VALUES (?,?,?)");
    tally = connection.prepareStatement("UPDATE tally SET messages = ?, refusals = ?, seq = ?");
    pruner = new HistoryPruner(connection);
    readTally();
  }

  /// Writes a batch and forgets a little of what is too old or too much, all or nothing. After a
  /// failure this writer is of no more use.
  ///
  /// @return true when there is more to forget
  boolean write(List<MailEvent> batch, HistorySettings settings, Instant now) throws SQLException {
    lines.clear();
    for (MailEvent event : batch) {
      take(event);
    }
    for (var message : lines.entrySet()) {
      entry.setLong(1, message.getKey());
      entry.setLong(2, ++seq);
      entry.setString(3, message.getValue().toString());
      entry.executeUpdate();
    }
    boolean more = prune(settings, now, batch.size());
    tally.setLong(1, messages);
    tally.setLong(2, refusals);
    tally.setLong(3, seq);
    tally.executeUpdate();
    connection.commit();
    return more;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private boolean prune(HistorySettings settings, Instant now, int written) throws SQLException {
    Instant oldest = now.minus(settings.keep());
    int step = HistoryPruner.STEP + written;
    HistoryPruner.Gone entries = pruner.pruneMessages(oldest, messages - settings.messages(), step);
    messages -= entries.counted();
    HistoryPruner.Gone refused = pruner.pruneRefusals(oldest, refusals - settings.refusals(), step);
    refusals -= refused.counted();
    return entries.rows() > 0 || refused.rows() > 0;
  }

  private void take(MailEvent event) throws SQLException {
    switch (event) {
      case MailEvent.Accepted e -> {
        messages++;
        line(e.eid(), e);
      }
      case MailEvent.Refused e -> refused(e);
      case MailEvent.Routed e -> line(e.eid(), e);
      case MailEvent.Delivered e -> line(e.eid(), e);
      case MailEvent.Waiting e -> line(e.eid(), e);
      case MailEvent.Failed e -> line(e.eid(), e);
      case MailEvent.Settled e -> line(e.eid(), e);
      case MailEvent.InDoubt e -> line(e.eid(), e);
      case MailEvent.Operated e -> operated(e);
      case MailEvent.LoggedIn _, MailEvent.SessionEnded _, MailEvent.Noted _ -> {}
    }
  }

  private void refused(MailEvent.Refused e) throws SQLException {
    refusals++;
    seq++;
    StringBuilder line = new StringBuilder();
    HistoryLine.append(line, e);
    refusal.setLong(1, seq);
    refusal.setString(2, e.sid());
    refusal.setString(3, line.toString());
    refusal.executeUpdate();
  }

  /// Belongs to a timeline when it was done to a message.
  private void operated(MailEvent.Operated e) {
    EnvelopeId eid;
    try {
      eid = EnvelopeId.parse(e.subject());
    } catch (IllegalArgumentException _) {
      return;
    }
    line(eid, e);
  }

  private void line(EnvelopeId eid, MailEvent event) {
    StringBuilder text = lines.computeIfAbsent(eid.value(), _ -> new StringBuilder(256));
    if (!text.isEmpty()) {
      text.append('\n');
    }
    HistoryLine.append(text, event);
  }

  private void readTally() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT messages, refusals, seq FROM tally")) {
      if (!row.next()) {
        throw new HistorySchema.Unusable("its tally is empty");
      }
      messages = row.getLong(1);
      refusals = row.getLong(2);
      seq = row.getLong(3);
    }
  }
}
