package org.depesche.telemetry;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Reply;
import org.sqlite.SQLiteConfig;

/// A history's file, read on the calling thread. Writes nothing, and works beside a running server
/// as well as without one.
public final class HistoryFile implements Timelines, AutoCloseable {

  /// The file's name in the data folder.
  public static final String NAME = "history.db";

  private static final Duration BUSY = Duration.ofSeconds(5);

  private final Connection connection;

  private HistoryFile(Connection connection) {
    this.connection = connection;
  }

  /// Opens a file for reading.
  ///
  /// @throws HistoryException when there is none or it cannot be read
  public static HistoryFile open(Path file) {
    if (!Files.isReadable(file)) {
      throw new HistoryException("there is no history at " + file);
    }
    try {
      Connection connection = connect(file);
      try {
        HistorySchema.check(connection);
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
      return new HistoryFile(connection);
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  @Override
  public List<MailEvent> timeline(EnvelopeId eid) {
    List<MailEvent> events = new ArrayList<>();
    events.addAll(query("SELECT * FROM message WHERE eid = ?", HistoryFile::accepted, eid.value()));
    events.addAll(
        query("SELECT * FROM entry WHERE eid = ? ORDER BY seq", HistoryFile::entry, eid.value()));
    return events;
  }

  @Override
  public List<MailEvent.Refused> refusals(String sid) {
    return query(
        "SELECT * FROM refusal WHERE sid = ? ORDER BY id LIMIT 1000", HistoryFile::refused, sid);
  }

  @Override
  public List<MailEvent.Accepted> messages(String address, int limit) {
    return query(
        """
        SELECT message.* FROM address JOIN message ON message.eid = address.id
        WHERE address.address = ? AND address.id > 0 ORDER BY address.id DESC LIMIT ?
        """,
        HistoryFile::accepted,
        address.toLowerCase(Locale.ROOT),
        limit);
  }

  @Override
  public List<MailEvent.Refused> refusalsFor(String address, int limit) {
    return query(
        """
        SELECT refusal.* FROM address JOIN refusal ON refusal.id = -address.id
        WHERE address.address = ? AND address.id < 0 ORDER BY address.id LIMIT ?
        """,
        HistoryFile::refused,
        address.toLowerCase(Locale.ROOT),
        limit);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  private static Connection connect(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout((int) BUSY.toMillis());
    return config.createConnection("jdbc:sqlite:" + file);
  }

  /// Makes a row into what it stands for.
  private interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> query(String sql, Row<T> row, Object... parameters) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<T> found = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(row.read(rows));
        }
      }
      return found;
    } catch (SQLException | IllegalArgumentException e) {
      throw unreadable(e);
    }
  }

  private static MailEvent.Accepted accepted(ResultSet row) throws SQLException {
    return new MailEvent.Accepted(
        time(row, "at"),
        new EnvelopeId(row.getLong("eid")),
        row.getString("sid"),
        row.getString("client"),
        row.getString("helo"),
        row.getString("protocol"),
        row.getString("sender"),
        List.of(row.getString("rcpts").split("\n")),
        row.getLong("size"),
        duration(row, "took"));
  }

  private static MailEvent entry(ResultSet row) throws SQLException {
    return new HistoryEntry(
            HistoryEntry.Kind.of(row.getInt("kind")),
            time(row, "at"),
            new EnvelopeId(row.getLong("eid")),
            row.getString("rcpt"),
            row.getString("place"),
            row.getString("detail"),
            row.getInt("attempt"),
            time(row, "until"),
            duration(row, "delay"),
            duration(row, "took"))
        .event();
  }

  private static MailEvent.Refused refused(ResultSet row) throws SQLException {
    String status = row.getString("status");
    return new MailEvent.Refused(
        time(row, "at"),
        row.getString("sid"),
        row.getString("client"),
        row.getString("helo"),
        row.getString("command"),
        row.getString("sender"),
        row.getString("rcpt"),
        new Reply(
            row.getInt("code"),
            status.isEmpty() ? Optional.empty() : Optional.of(EnhancedStatus.parse(status)),
            List.of(row.getString("lines").split("\n", -1))),
        row.getString("reason"));
  }

  /// NULL is never.
  private static Instant time(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Instant.MAX : Instant.ofEpochMilli(millis);
  }

  private static Duration duration(ResultSet row, String column) throws SQLException {
    return Duration.ofMillis(row.getLong(column));
  }

  private static HistoryException unreadable(Exception e) {
    return new HistoryException("the history cannot be read: " + e.getMessage(), e);
  }
}
