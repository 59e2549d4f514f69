package org.depesche.directory.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Filters as settings have them, and what becomes of them.
class SearchFilterTest {

  private static String filled(String filter, String local, String domain) {
    return SearchFilter.parse(filter).orElseThrow().with(local, domain).toString();
  }

  @ParameterizedTest
  @CsvSource({
    "(mail=:address), (mail=ann@here.test)",
    "(&(uid=:local)(ou=:domain)), (&(uid=ann)(ou=here.test))",
    "(proxyAddresses=smtp::address), (proxyAddresses=smtp:ann@here.test)",
    "(|(mail=:address)(!(x=:local))), (|(mail=ann@here.test)(!(x=ann)))",
    "(mail=*:domain), (mail=*here.test)",
    "(mail=:local*@*:domain), (mail=ann*@*here.test)",
    "(&(mail:caseExactMatch:=:address)(a>=:local)(a<=:local)(a~=:local)), "
        + "(&(mail:caseExactMatch:=ann@here.test)(a>=ann)(a<=ann)(a~=ann))",
    "(&(|(mail=:address)(proxyAddresses=smtp::address))"
        + "(!(userAccountControl:1.2.840.113556.1.4.803:=2))), "
        + "(&(|(mail=ann@here.test)(proxyAddresses=smtp:ann@here.test))"
        + "(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
    "(&(mail=:address)(x=:addresses)(y=*)), (&(mail=ann@here.test)(x=:addresses)(y=*))"
  })
  void namesAreFilledIn(String filter, String expected) {
    assertThat(filled(filter, "ann", "here.test")).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "(mail=x)", "mail=:address)", "((mail=:address)", "(:address=x)"})
  void whatIsNoFilterOrTheSameForEverybodyIsNone(String filter) {
    assertThat(SearchFilter.parse(filter)).isEmpty();
  }

  @Test
  void nothingInAnAddressIsPartOfTheFilter() {
    // RFC 4515 §3: these would have to be escaped in the text of a filter.
    assertThat(filled("(mail=:address)", "*)(uid=*", "here.test"))
        .isEqualTo("(mail=\\2a\\29\\28uid=\\2a@here.test)");
    assertThat(filled("(mail=*:local*)", "*\\2a\0", "here.test"))
        .isEqualTo("(mail=*\\2a\\5c2a\\00*)");
    assertThat(filled("(mail=:address)", ":domain", "here.test"))
        .isEqualTo("(mail=:domain@here.test)");
  }

  @Test
  void valuesThatAreNoTextStayAsTheyAre() {
    assertThat(filled("(&(mail=:address)(id=\\a1\\ff))", "ann", "here.test"))
        .isEqualTo("(&(mail=ann@here.test)(id=\\a1\\ff))");
  }
}
