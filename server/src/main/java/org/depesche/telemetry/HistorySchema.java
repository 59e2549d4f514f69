package org.depesche.telemetry;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// The history's tables.
///
/// `entry` has what happened to messages: a row has the lines (`HistoryLine`) of one message that
/// came together, clustered by message, so that a timeline is one range and an insertion is mostly
/// an appendix. `refusal` has a line each. `tally` has one row of numbers that would otherwise have
/// to be counted.
///
/// No index leads from addresses: keeping one costs four times as much as everything else here,
/// because each new address touches a page of its own. A search reads the newest rows instead.
final class HistorySchema {

  static final int VERSION = 1;

  private static final List<String> TABLES =
      List.of(
          """
          CREATE TABLE entry (
            eid INTEGER NOT NULL, seq INTEGER NOT NULL, lines TEXT NOT NULL,
            PRIMARY KEY (eid, seq)) WITHOUT ROWID
          """,
          """
          CREATE TABLE refusal (
            id INTEGER PRIMARY KEY, sid TEXT NOT NULL, line TEXT NOT NULL)
          """,
          "CREATE INDEX refusal_of_session ON refusal (sid)",
          """
          CREATE TABLE tally (
            messages INTEGER NOT NULL, refusals INTEGER NOT NULL, seq INTEGER NOT NULL)
          """,
          "INSERT INTO tally VALUES (0, 0, 0)",
          "PRAGMA user_version = " + VERSION);

  private HistorySchema() {}

  /// Makes the tables of an empty database.
  ///
  /// @throws Unusable when the database is another's or of another version
  static void prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean isEmpty =
          number(statement, "PRAGMA user_version") == 0
              && number(statement, "SELECT count(*) FROM sqlite_schema") == 0;
      if (isEmpty) {
        for (String table : TABLES) {
          statement.execute(table);
        }
      }
    }
    check(connection);
  }

  /// @throws Unusable when it is none this program can read
  static void check(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      int version = number(statement, "PRAGMA user_version");
      if (version != VERSION) {
        throw new Unusable("it has version " + version + ", this program knows " + VERSION);
      }
    }
  }

  private static int number(Statement statement, String query) throws SQLException {
    try (ResultSet found = statement.executeQuery(query)) {
      found.next();
      return found.getInt(1);
    }
  }

  /// True for what only another database can cure.
  static boolean isDamage(@Nullable Throwable e) {
    if (e instanceof Unusable) {
      return true;
    }
    if (!(e instanceof SQLiteException sqlite)) {
      return false;
    }
    // Extended codes carry the code proper in their last byte.
    int code = sqlite.getResultCode().code & 0xff;
    return code == SQLiteErrorCode.SQLITE_CORRUPT.code
        || code == SQLiteErrorCode.SQLITE_NOTADB.code;
  }

  /// The database is none this program knows.
  static final class Unusable extends SQLException {
    Unusable(String message) {
      super(message);
    }
  }
}
