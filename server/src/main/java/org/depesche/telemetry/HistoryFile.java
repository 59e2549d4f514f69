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
import java.util.Optional;
import org.depesche.mail.EnvelopeId;
import org.sqlite.SQLiteConfig;

/// A history's file, read on the calling thread. Writes nothing, and works beside a running server
/// as well as without one.
public final class HistoryFile implements Timelines, AutoCloseable {

  /// The file's name in the data folder.
  public static final String NAME = "history.db";

  private static final Duration BUSY = Duration.ofSeconds(5);

  /// Rows looked through for an address, the newest first.
  private static final int MAX_SEARCHED = 1_000_000;

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
    for (String lines :
        query(
            "SELECT eid, lines FROM entry WHERE eid = ? ORDER BY seq",
            Integer.MAX_VALUE,
            (_, lines) -> Optional.of(lines),
            eid.value())) {
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
    return query(
        "SELECT id, line FROM refusal WHERE sid = ? ORDER BY id",
        MAX_REFUSALS,
        (_, line) -> refused(line),
        sid);
  }

  @Override
  public List<MailEvent.Accepted> messages(String address, int limit) {
    return query(
        """
        SELECT eid, lines FROM (SELECT * FROM entry ORDER BY eid DESC, seq DESC LIMIT ?)
        WHERE lines LIKE ? ESCAPE '!'
        """,
        limit,
        (eid, lines) -> head(eid, lines).filter(head -> isAbout(head, address)),
        MAX_SEARCHED,
        pattern(address));
  }

  @Override
  public List<MailEvent.Refused> refusalsFor(String address, int limit) {
    return query(
        """
        SELECT id, line FROM (SELECT * FROM refusal ORDER BY id DESC LIMIT ?)
        WHERE line LIKE ? ESCAPE '!'
        """,
        limit,
        (_, line) ->
            refused(line)
                .filter(
                    r -> r.from().equalsIgnoreCase(address) || r.to().equalsIgnoreCase(address)),
        MAX_SEARCHED,
        pattern(address));
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

  /// Makes a row, an id and a text, into what is looked for; empty when it is not.
  private interface Row<T> {
    Optional<T> read(long id, String text);
  }

  private <T> List<T> query(String sql, int limit, Row<T> row, Object... parameters) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<T> found = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (found.size() < limit && rows.next()) {
          row.read(rows.getLong(1), rows.getString(2)).ifPresent(found::add);
        }
      }
      return found;
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  private static Optional<MailEvent.Accepted> head(long eid, String lines) {
    return lines
        .lines()
        .filter(HistoryLine::isAcceptance)
        .map(line -> read(new EnvelopeId(eid), line))
        .filter(MailEvent.Accepted.class::isInstance)
        .map(MailEvent.Accepted.class::cast)
        .findFirst();
  }

  private static boolean isAbout(MailEvent.Accepted head, String address) {
    return head.from().equalsIgnoreCase(address)
        || head.to().stream().anyMatch(address::equalsIgnoreCase);
  }

  private static Optional<MailEvent.Refused> refused(String line) {
    return read(NONE, line) instanceof MailEvent.Refused refused
        ? Optional.of(refused)
        : Optional.empty();
  }

  /// A pattern for `LIKE` that narrows a search; case is alike for ASCII.
  private static String pattern(String address) {
    return "%" + HistoryLine.escaped(address).replaceAll("[!%_]", "!$0") + "%";
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
