package org.depesche.directory.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A query with `:address`, `:local` and `:domain` for what is looked up. They are bound as
/// parameters, never put into the text. Quotes around them, which other servers ask for, are left
/// out.
///
/// @param text with a question mark for each parameter
/// @param parameters in the order of the question marks
public record Query(String text, List<Parameter> parameters) {

  /// What of an address a query is about.
  public enum Parameter {
    ADDRESS,
    LOCAL,
    DOMAIN
  }

  public Query {
    parameters = List.copyOf(parameters);
  }

  /// Takes a query apart.
  ///
  /// @return empty when it names no parameter at all, so that it would find the same for everybody
  public static Optional<Query> parse(String text) {
    StringBuilder plain = new StringBuilder();
    List<Parameter> parameters = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      Optional<Parameter> found = Optional.empty();
      int end = at;
      int quote = text.charAt(at) == '\'' ? 1 : 0;
      for (Parameter parameter : Parameter.values()) {
        String name = ":" + parameter.name().toLowerCase(java.util.Locale.ROOT);
        if (text.startsWith(name, at + quote)) {
          int behind = at + quote + name.length();
          boolean closed = quote == 0 || text.startsWith("'", behind);
          boolean whole =
              behind == text.length() || !Character.isJavaIdentifierPart(text.charAt(behind));
          // `::domain` is a cast in PostgreSQL.
          boolean cast = quote == 0 && at > 0 && text.charAt(at - 1) == ':';
          if (closed && whole && !cast) {
            found = Optional.of(parameter);
            end = behind + quote;
          }
        }
      }
      if (found.isPresent()) {
        plain.append('?');
        parameters.add(found.get());
        at = end;
      } else if (quote == 1) {
        int close = text.indexOf('\'', at + 1);
        int next = close < 0 ? text.length() : close + 1;
        plain.append(text, at, next);
        at = next;
      } else {
        plain.append(text.charAt(at++));
      }
    }
    return parameters.isEmpty()
        ? Optional.empty()
        : Optional.of(new Query(plain.toString(), parameters));
  }
}
