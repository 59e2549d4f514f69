package org.depesche.telemetry;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Reply;

/// Writes events into an open history, a transaction a batch. Used by one thread.
final class HistoryWriter implements AutoCloseable {

  /// Characters kept of a reply or reason.
  private static final int MAX_TEXT = 1000;

  /// Ids made here: milliseconds, then a sequence.
  private static final int SEQUENCE_BITS = 20;

  private final Connection connection;
  private final PreparedStatement message;
  private final PreparedStatement entry;
  private final PreparedStatement refusal;
  private final PreparedStatement address;
  private final PreparedStatement tally;
  private final HistoryPruner pruner;

  private long messages;
  private long refusals;

  /// The last id given; ids grow, whatever the clock does.
  private long seq;

  /// @param connection with auto-commit off; closed with this
  HistoryWriter(Connection connection) throws SQLException {
    this.connection = connection;
    message =
        connection.prepareStatement("INSERT OR IGNORE INTO message VALUES (?,?,?,?,?,?,?,?,?,?)");
    entry = connection.prepareStatement("INSERT INTO entry VALUES (?,?,?,?,?,?,?,?,?,?,?)");
    refusal = connection.prepareStatement("INSERT INTO refusal VALUES (?,?,?,?,?,?,?,?,?,?,?,?)");
    address = connection.prepareStatement("INSERT OR IGNORE INTO address VALUES (?,?)");
    tally = connection.prepareStatement("UPDATE tally SET messages = ?, refusals = ?, seq = ?");
    pruner = new HistoryPruner(connection);
    readTally();
  }

  /// Writes a batch and forgets a little of what is too old or too much, all or nothing. After a
  /// failure this writer is of no more use.
  ///
  /// @return true when there is more to forget
  boolean write(List<MailEvent> batch, HistorySettings settings, Instant now) throws SQLException {
    for (MailEvent event : batch) {
      write(event);
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
    long tooManyMessages = messages - settings.messages();
    int goneMessages = pruner.pruneMessages(oldest, tooManyMessages, step);
    messages -= goneMessages;
    long tooManyRefusals = refusals - settings.refusals();
    int goneRefusals = pruner.pruneRefusals(firstId(oldest), tooManyRefusals, step);
    refusals -= goneRefusals;
    return goneMessages > 0 || goneRefusals > 0;
  }

  private void write(MailEvent event) throws SQLException {
    switch (event) {
      case MailEvent.Accepted e -> accepted(e);
      case MailEvent.Refused e -> refused(e);
      case MailEvent.Routed _,
          MailEvent.Delivered _,
          MailEvent.Waiting _,
          MailEvent.Failed _,
          MailEvent.Settled _,
          MailEvent.Operated _ -> {
        Optional<HistoryEntry> found = HistoryEntry.of(event);
        if (found.isPresent()) {
          entry(found.get());
        }
      }
      case MailEvent.SessionEnded _, MailEvent.Noted _ -> {}
    }
  }

  private void accepted(MailEvent.Accepted e) throws SQLException {
    message.setLong(1, e.eid().value());
    message.setLong(2, e.at().toEpochMilli());
    message.setString(3, e.sid());
    message.setString(4, e.client());
    message.setString(5, cut(e.helo()));
    message.setString(6, e.protocol());
    message.setString(7, e.from());
    message.setString(8, String.join("\n", e.to()));
    message.setLong(9, e.sizeBytes());
    message.setLong(10, e.took().toMillis());
    messages += message.executeUpdate();
    address(e.from(), e.eid().value());
    for (String to : e.to()) {
      address(to, e.eid().value());
    }
  }

  private void refused(MailEvent.Refused e) throws SQLException {
    long id = nextId(e.at());
    refusal.setLong(1, id);
    refusal.setLong(2, e.at().toEpochMilli());
    refusal.setString(3, e.sid());
    refusal.setString(4, e.client());
    refusal.setString(5, cut(e.helo()));
    refusal.setString(6, cut(e.command()));
    refusal.setString(7, cut(e.from()));
    refusal.setString(8, cut(e.to()));
    reply(e.reply());
    refusal.setString(12, cut(e.reason()));
    refusals += refusal.executeUpdate();
    address(cut(e.from()), -id);
    address(cut(e.to()), -id);
  }

  private void reply(Reply reply) throws SQLException {
    refusal.setInt(9, reply.code());
    refusal.setString(10, reply.status().map(EnhancedStatus::toString).orElse(""));
    refusal.setString(11, cut(String.join("\n", reply.lines())));
  }

  private void entry(HistoryEntry e) throws SQLException {
    entry.setLong(1, e.eid().value());
    entry.setLong(2, nextId(e.at()));
    entry.setLong(3, e.at().toEpochMilli());
    entry.setInt(4, e.kind().code());
    entry.setString(5, e.rcpt());
    entry.setString(6, cut(e.place()));
    entry.setString(7, cut(e.detail()));
    entry.setInt(8, e.attempt());
    if (e.until().equals(Instant.MAX)) {
      entry.setNull(9, Types.INTEGER);
    } else {
      entry.setLong(9, e.until().toEpochMilli());
    }
    entry.setLong(10, e.delay().toMillis());
    entry.setLong(11, e.took().toMillis());
    entry.executeUpdate();
  }

  private void address(String text, long id) throws SQLException {
    if (text.isEmpty()) {
      return;
    }
    address.setString(1, text.toLowerCase(Locale.ROOT));
    address.setLong(2, id);
    address.executeUpdate();
  }

  private long nextId(Instant at) {
    seq = Math.max(seq + 1, firstId(at));
    return seq;
  }

  private static long firstId(Instant at) {
    return at.toEpochMilli() << SEQUENCE_BITS;
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

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }
}
