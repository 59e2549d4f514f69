package org.depesche.directory.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// URLs of servers.
class LdapServerTest {

  @ParameterizedTest
  @CsvSource({
    "ldap://ldap.example.org, ldap://ldap.example.org:389",
    "ldaps://ldap.example.org/, ldaps://ldap.example.org:636",
    "LDAP://192.0.2.1:1389, ldap://192.0.2.1:1389",
    "ldap://[2001:db8::1], ldap://[2001:db8::1]:389"
  })
  void aServerIsReadAndWritten(String text, String written) {
    assertThat(LdapServer.parse(text).orElseThrow()).hasToString(written);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ldap.example.org",
        "ldap://",
        "http://ldap.example.org",
        "ldap://ldap.example.org/dc=example",
        "ldap://ldap.example.org?mail",
        "ldap://who@ldap.example.org",
        "ldap://ldap.example.org:0",
        "ldap://ldap.example.org:70000"
      })
  void othersAreNone(String text) {
    assertThat(LdapServer.parse(text)).isEmpty();
  }
}
