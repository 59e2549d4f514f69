package org.depesche.config;

import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/// Checks what no single value can show of the other places where domains, accounts and aliases are
/// kept.
///
/// @param spoiled tables that could not be read
/// @param problems hears the key and what is wrong
record OtherPlaces(Settings settings, Set<String> spoiled, BiConsumer<String, String> problems) {

  /// RFC 4512 §2.5: a name or a number.
  private static final Pattern ATTRIBUTE =
      Pattern.compile("[A-Za-z][A-Za-z0-9-]*|[0-9]+([.][0-9]+)+");

  void check() {
    sql();
    ldap();
    dovecot();
  }

  private void sql() {
    for (int i = 0; i < settings.sql().size(); i++) {
      Settings.Sql sql = settings.sql().get(i);
      String path = "sql[" + i + "]";
      if (!sql.url().startsWith("jdbc:postgresql:") && !sql.url().startsWith("jdbc:sqlite:")) {
        problem(path + ".url", "begins with jdbc:postgresql: or jdbc:sqlite:");
      }
      if (sql.domain().isEmpty() && sql.account().isEmpty() && sql.alias().isEmpty()) {
        problem(path, "a database without a query: domain, account or alias");
      }
    }
  }

  private void ldap() {
    for (int i = 0; i < settings.ldap().size(); i++) {
      Settings.Ldap ldap = settings.ldap().get(i);
      String path = "ldap[" + i + "]";
      if (ldap.account().isEmpty() && ldap.alias().isEmpty() && ldap.domain().isEmpty()) {
        problem(path, "a directory without a filter: account, alias or domain");
      }
      if (ldap.bindDn().isPresent() != ldap.passwordFile().isPresent()) {
        problem(path, "bind-dn and password-file go together");
      }
      for (String name : ldap.attributes()) {
        if (!ATTRIBUTE.matcher(name).matches()) {
          problem(path, "no name of an attribute: " + name);
        }
      }
    }
  }

  private void dovecot() {
    boolean hasDomains =
        !settings.domain().isEmpty()
            || settings.sql().stream().anyMatch(sql -> sql.domain().isPresent())
            || settings.ldap().stream().anyMatch(ldap -> ldap.domain().isPresent());
    for (int i = 0; i < settings.dovecot().size(); i++) {
      if (!hasDomains && !spoiled.contains("domain")) {
        problem("dovecot[" + i + "]", "Dovecot knows no domains, so a [[domain]] is needed");
      }
    }
  }

  private void problem(String path, String message) {
    problems.accept(path, message);
  }
}
