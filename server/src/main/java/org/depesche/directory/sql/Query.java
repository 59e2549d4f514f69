package org.depesche.directory.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  /// A parameter in quotes, another text in quotes, a cast of PostgreSQL, a parameter.
  private static final Pattern PIECE =
      Pattern.compile(
          "':(address|local|domain)'|'[^']*(?:'|$)|::\\w*|:(address|local|domain)(?![\\w$])",
          Pattern.DOTALL);

  /// Takes a query apart.
  ///
  /// @return empty when it names no parameter at all, so that it would find the same for everybody
  public static Optional<Query> parse(String text) {
    List<Parameter> parameters = new ArrayList<>();
    String plain =
        PIECE
            .matcher(text)
            .replaceAll(
                piece -> {
                  String name = piece.group(1) != null ? piece.group(1) : piece.group(2);
                  if (name == null) {
                    return Matcher.quoteReplacement(piece.group());
                  }
                  parameters.add(Parameter.valueOf(name.toUpperCase(Locale.ROOT)));
                  return "?";
                });
    return parameters.isEmpty() ? Optional.empty() : Optional.of(new Query(plain, parameters));
  }
}
