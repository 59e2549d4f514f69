package org.depesche.telemetry;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.depesche.mail.EnvelopeId;
import org.sqlite.SQLiteConfig;

/// A history's file, read on the calling thread. Writes nothing, and works beside a running server
/// as well as without one.
public final class HistoryFile implements Timelines, AutoCloseable {

  /// The file's name in the data folder.
  public static final String NAME = "history.db";

  private static final Duration BUSY = Duration.ofSeconds(5);

  /// Refusals shown of one session.
  private static final int MAX_REFUSALS = 1000;

  private static final EnvelopeId NONE = new EnvelopeId(0);

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
    for (String lines : query("SELECT lines FROM entry WHERE eid = ? ORDER BY seq", eid.value())) {
      for (String line : lines.lines().toList()) {
        MailEvent event = read(eid, line);
        if (event instanceof MailEvent.Accepted) {
          // It may be told after what it caused.
          events.addFirst(event);
        } else {
          events.add(event);
        }
      }
    }
    return events;
  }

  @Override
  public List<MailEvent.Refused> refusals(String sid) {
    return refused(
        query("SELECT line FROM refusal WHERE sid = ? ORDER BY id LIMIT ?", sid, MAX_REFUSALS));
  }

  @Override
  public List<MailEvent.Accepted> messages(String address, int limit) {
    List<MailEvent.Accepted> heads = new ArrayList<>();
    for (String id :
        query(
            "SELECT id FROM address WHERE address = ? AND id > 0 ORDER BY id DESC LIMIT ?",
            HistoryWriter.addressKey(address),
            limit)) {
      List<MailEvent> timeline = timeline(new EnvelopeId(Long.parseLong(id)));
      if (!timeline.isEmpty() && timeline.getFirst() instanceof MailEvent.Accepted head) {
        heads.add(head);
      }
    }
    return heads;
  }

  @Override
  public List<MailEvent.Refused> refusalsFor(String address, int limit) {
    return refused(
        query(
            """
            SELECT refusal.line FROM address JOIN refusal ON refusal.id = -address.id
            WHERE address.address = ? AND address.id < 0 ORDER BY address.id LIMIT ?
            """,
            HistoryWriter.addressKey(address),
            limit));
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

  /// The first column of all rows.
  private List<String> query(String sql, Object... parameters) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<String> found = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(rows.getString(1));
        }
      }
      return found;
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  private static List<MailEvent.Refused> refused(List<String> lines) {
    List<MailEvent.Refused> found = new ArrayList<>();
    for (String line : lines) {
      if (read(NONE, line) instanceof MailEvent.Refused refused) {
        found.add(refused);
      }
    }
    return found;
  }

  private static MailEvent read(EnvelopeId eid, String line) {
    try {
      return HistoryLine.read(eid, line);
    } catch (IllegalArgumentException e) {
      throw unreadable(e);
    }
  }

  private static HistoryException unreadable(Exception e) {
    return new HistoryException("the history cannot be read: " + e.getMessage(), e);
  }
}
