package org.depesche.directory.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.depesche.directory.sql.Query.Parameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How queries are written.
class QueryTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "SELECT a FROM t WHERE b = :address, SELECT a FROM t WHERE b = ?",
        "SELECT a FROM t WHERE b = ':address', SELECT a FROM t WHERE b = ?",
        "SELECT ':' || 'it''s' FROM t WHERE b=:local, SELECT ':' || 'it''s' FROM t WHERE b=?",
        "SELECT a::domain FROM t WHERE b = :domain, SELECT a::domain FROM t WHERE b = ?",
        "SELECT ':addresses :address' WHERE :local, SELECT ':addresses :address' WHERE ?",
        "SELECT :addresses WHERE :local, SELECT :addresses WHERE ?",
        "SELECT 'open :local :domain, "
      })
  void parametersAreBoundWithOrWithoutQuotes(String written, String text) {
    assertThat(Query.parse(written).map(Query::text).orElse(null)).isEqualTo(text);
  }

  @Test
  void parametersAreInOrder() {
    assertThat(Query.parse("':local' = :domain OR :address").orElseThrow().parameters())
        .isEqualTo(List.of(Parameter.LOCAL, Parameter.DOMAIN, Parameter.ADDRESS));
  }

  @Test
  void oneWithoutAParameterIsNone() {
    assertThat(Query.parse("SELECT 1")).isEmpty();
  }
}
