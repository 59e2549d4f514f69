package org.depesche.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.depesche.config.Settings;
import org.depesche.directory.CachedSource;
import org.depesche.directory.Source;
import org.depesche.directory.dovecot.DovecotSettings;
import org.depesche.directory.dovecot.DovecotSource;
import org.depesche.directory.ldap.Attributes;
import org.depesche.directory.ldap.LdapSettings;
import org.depesche.directory.ldap.LdapSource;
import org.depesche.directory.sql.SqlSettings;
import org.depesche.directory.sql.SqlSource;
import org.depesche.time.Ticker;

/// The databases and servers that know domains and accounts beside ours.
///
/// @param sources what they answer, in the order they are asked in
/// @param open what is to be closed when they are not asked any more
record OtherDirectories(List<Source> sources, List<AutoCloseable> open) implements AutoCloseable {

  /// Connects nothing yet.
  ///
  /// @param trouble hears when one has gone or is back
  /// @throws IOException when a password cannot be read
  static OtherDirectories of(Settings settings, Ticker ticker, Consumer<String> trouble)
      throws IOException {
    OtherDirectories made = new OtherDirectories(new ArrayList<>(), new ArrayList<>());
    UnaryOperator<Source> cached = source -> cached(source, settings.directory(), ticker, trouble);
    try {
      for (Settings.Sql each : settings.sql()) {
        SqlSource source = new SqlSource(sql(each));
        made.add(cached.apply(source), source);
      }
      for (Settings.Ldap each : settings.ldap()) {
        LdapSource source = new LdapSource(ldap(each));
        made.add(cached.apply(source), source);
      }
      for (Settings.Dovecot each : settings.dovecot()) {
        DovecotSettings where = new DovecotSettings(each.auth(), each.users(), each.timeout());
        DovecotSource source = new DovecotSource(where, new SecureRandom());
        made.add(cached.apply(source), source);
      }
      return made;
    } catch (IOException e) {
      made.close();
      throw e;
    }
  }

  private void add(Source asked, AutoCloseable behind) {
    open.add(behind);
    sources.add(asked);
  }

  private static Source cached(
      Source source, Settings.Directory settings, Ticker ticker, Consumer<String> trouble) {
    return new CachedSource(
        source, settings.cache(), settings.keep(), settings.entries(), ticker, trouble);
  }

  private static LdapSettings ldap(Settings.Ldap settings) throws IOException {
    return new LdapSettings(
        settings.url(),
        settings.startTls(),
        settings.caCertificates(),
        settings.bindDn(),
        secret(settings.passwordFile()),
        settings.base(),
        settings.account(),
        settings.alias(),
        settings.domain(),
        new Attributes(
            settings.address(),
            settings.otherAddresses(),
            settings.password(),
            settings.sendAs(),
            settings.forwardTo(),
            settings.keepCopy(),
            settings.quota(),
            settings.disabled(),
            settings.member()),
        settings.connections(),
        settings.timeout());
  }

  private static SqlSettings sql(Settings.Sql settings) throws IOException {
    return new SqlSettings(
        settings.url(),
        settings.user(),
        secret(settings.passwordFile()),
        settings.domain(),
        settings.account(),
        settings.alias(),
        settings.connections(),
        settings.timeout());
  }

  /// What a file of one line says.
  static Optional<String> secret(Optional<Path> file) throws IOException {
    return file.isEmpty()
        ? Optional.empty()
        : Optional.of(Files.readString(file.get()).stripTrailing());
  }

  /// Whether another configuration asks others, or asks them differently.
  static boolean differ(Settings before, Settings after) {
    return !before.sql().equals(after.sql())
        || !before.ldap().equals(after.ldap())
        || !before.dovecot().equals(after.dovecot())
        || !before.directory().equals(after.directory());
  }

  @Override
  public void close() {
    for (AutoCloseable each : open) {
      try {
        each.close();
      } catch (Exception _) {
        // What does not close is not asked any more either.
      }
    }
  }
}
