package org.depesche.directory.ldap;

import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A search filter with `:address`, `:local` and `:domain` for what is looked up. They are put into
/// the values of a filter that has been read before, so that nothing in them can be taken for a
/// part of it: neither a parenthesis nor an asterisk.
public final class SearchFilter {

  private static final Pattern PLACEHOLDER =
      Pattern.compile(":(address|local|domain)(?![A-Za-z0-9_])");

  private final String text;
  private final Filter template;

  private SearchFilter(String text, Filter template) {
    this.text = text;
    this.template = template;
  }

  /// Reads a filter (RFC 4515 §3).
  ///
  /// @return empty when it is none, or when it has no placeholder in a value, so that it would find
  ///   the same for everybody
  public static Optional<SearchFilter> parse(String text) {
    try {
      Filter template = Filter.create(text);
      return isAbout(template) ? Optional.of(new SearchFilter(text, template)) : Optional.empty();
    } catch (LDAPException _) {
      return Optional.empty();
    }
  }

  /// The filter for an address.
  ///
  /// @param local empty for all of a domain
  Filter with(String local, String domain) {
    return with(template, local, domain);
  }

  private static Filter with(Filter filter, String local, String domain) {
    // What has nothing to fill in stays as it is: its values may be no text.
    if (!PLACEHOLDER.matcher(filter.toString()).find()) {
      return filter;
    }
    String name = Objects.requireNonNullElse(filter.getAttributeName(), "");
    String value =
        filled(Objects.requireNonNullElse(filter.getAssertionValue(), ""), local, domain);
    return switch (filter.getFilterType()) {
      case Filter.FILTER_TYPE_AND -> Filter.createANDFilter(all(filter, local, domain));
      case Filter.FILTER_TYPE_OR -> Filter.createORFilter(all(filter, local, domain));
      case Filter.FILTER_TYPE_NOT ->
          Filter.createNOTFilter(
              with(Objects.requireNonNull(filter.getNOTComponent()), local, domain));
      case Filter.FILTER_TYPE_EQUALITY -> Filter.createEqualityFilter(name, value);
      case Filter.FILTER_TYPE_APPROXIMATE_MATCH -> Filter.createApproximateMatchFilter(name, value);
      case Filter.FILTER_TYPE_GREATER_OR_EQUAL -> Filter.createGreaterOrEqualFilter(name, value);
      case Filter.FILTER_TYPE_LESS_OR_EQUAL -> Filter.createLessOrEqualFilter(name, value);
      case Filter.FILTER_TYPE_SUBSTRING ->
          Filter.createSubstringFilter(
              name,
              part(filter.getSubInitialString(), local, domain),
              Arrays.stream(filter.getSubAnyStrings())
                  .map(any -> filled(any, local, domain))
                  .toArray(String[]::new),
              part(filter.getSubFinalString(), local, domain));
      case Filter.FILTER_TYPE_EXTENSIBLE_MATCH ->
          Filter.createExtensibleMatchFilter(
              filter.getAttributeName(),
              filter.getMatchingRuleID(),
              filter.getDNAttributes(),
              value);
      // A filter for presence has no value.
      default -> filter;
    };
  }

  private static Filter[] all(Filter filter, String local, String domain) {
    return Arrays.stream(filter.getComponents())
        .map(each -> with(each, local, domain))
        .toArray(Filter[]::new);
  }

  private static @Nullable String part(@Nullable String value, String local, String domain) {
    return value == null ? null : filled(value, local, domain);
  }

  private static String filled(String value, String local, String domain) {
    return PLACEHOLDER
        .matcher(value)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    switch (found.group(1)) {
                      case "local" -> local;
                      case "domain" -> domain;
                      default -> local + "@" + domain;
                    }));
  }

  /// Whether it asks for something else when other names are put into it.
  private static boolean isAbout(Filter template) {
    return !with(template, "a", "b").equals(with(template, "c", "d"));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SearchFilter filter && filter.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /// As it was written.
  @Override
  public String toString() {
    return text;
  }
}
