package org.depesche.directory.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.directory.Account;
import org.depesche.directory.LocalDomain;
import org.depesche.directory.Source;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;

/// Asks a database, with queries that fit the tables it has. A database that is away when the
/// server starts is asked again with each look-up.
public final class SqlSource implements Source, AutoCloseable {

  /// Rows one alias may have.
  private static final int MAX_ROWS = 10_000;

  private final SqlSettings settings;
  private final HikariDataSource pool;

  public SqlSource(SqlSettings settings) {
    this.settings = settings;
    HikariConfig config = new HikariConfig();
    config.setPoolName("directory");
    config.setJdbcUrl(settings.url());
    settings.user().ifPresent(config::setUsername);
    settings.password().ifPresent(config::setPassword);
    config.setMaximumPoolSize(settings.connections());
    config.setMinimumIdle(0);
    config.setConnectionTimeout(Math.max(250, settings.timeout().toMillis()));
    config.setValidationTimeout(Math.max(250, settings.timeout().toMillis()));
    config.setInitializationFailTimeout(-1);
    config.setReadOnly(!settings.url().startsWith("jdbc:sqlite:"));
    if (settings.url().startsWith("jdbc:postgresql:")) {
      String seconds = String.valueOf(seconds());
      // A server that has vanished does not answer the request to cancel either.
      config.addDataSourceProperty("socketTimeout", String.valueOf(seconds() + 1));
      config.addDataSourceProperty("connectTimeout", seconds);
      config.addDataSourceProperty("loginTimeout", seconds);
      config.addDataSourceProperty("ApplicationName", "depesche");
    }
    this.pool = new HikariDataSource(config);
  }

  private int seconds() {
    return (int) Math.max(1, settings.timeout().toSeconds());
  }

  @Override
  public Optional<LocalDomain> domain(String name) throws UnavailableException {
    if (settings.domain().isEmpty()) {
      return Optional.empty();
    }
    List<Row> rows = rows(settings.domain().get(), "", name);
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    Row row = rows.getFirst();
    return Optional.of(
        new LocalDomain(
            row.domain("name").orElse(new Domain(name)),
            row.mailbox("catch_all"),
            row.text("separator").orElse("+")));
  }

  @Override
  public Optional<Account> account(String address) throws UnavailableException {
    if (settings.account().isEmpty()) {
      return Optional.empty();
    }
    List<Row> rows = rows(settings.account().get(), localOf(address), domainOf(address));
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getFirst().account(address));
  }

  @Override
  public List<Mailbox> alias(String address) throws UnavailableException {
    List<Mailbox> members = new ArrayList<>();
    if (settings.alias().isPresent()) {
      for (Row row : rows(settings.alias().get(), localOf(address), domainOf(address))) {
        members.addAll(row.mailboxes());
      }
    }
    return members;
  }

  private static String localOf(String address) {
    return address.substring(0, address.lastIndexOf('@'));
  }

  private static String domainOf(String address) {
    return address.substring(address.lastIndexOf('@') + 1);
  }

  private List<Row> rows(Query query, String local, String domain) throws UnavailableException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(query.text())) {
      statement.setQueryTimeout(seconds());
      statement.setMaxRows(MAX_ROWS);
      List<Query.Parameter> parameters = query.parameters();
      for (int i = 0; i < parameters.size(); i++) {
        statement.setString(
            i + 1,
            switch (parameters.get(i)) {
              case ADDRESS -> local + "@" + domain;
              case LOCAL -> local;
              case DOMAIN -> domain;
            });
      }
      List<Row> rows = new ArrayList<>();
      try (ResultSet results = statement.executeQuery()) {
        while (results.next()) {
          rows.add(Row.of(results));
        }
      }
      return rows;
    } catch (SQLException e) {
      throw new UnavailableException(settings + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
