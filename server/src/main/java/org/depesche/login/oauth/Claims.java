package org.depesche.login.oauth;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is said of a token, by the token or by its provider: a JSON object.
record Claims(Map<String, Object> values) {

  Claims {
    values = Map.copyOf(values);
  }

  Optional<String> text(String name) {
    return values.get(name) instanceof String text && !text.isBlank()
        ? Optional.of(text)
        : Optional.empty();
  }

  /// Seconds since 1970 (RFC 7519 §2, NumericDate).
  Optional<Instant> time(String name) {
    return values.get(name) instanceof Number seconds
        ? Optional.of(Instant.ofEpochSecond(Math.clamp(seconds.longValue(), 0, 1L << 40)))
        : Optional.empty();
  }

  /// Why a token that says this is not taken; empty when it is.
  ///
  /// @param strict whether what is not said counts as wrong: a token that speaks for itself has to
  ///   say all of it
  Optional<String> objection(OAuthSettings wanted, boolean strict, Instant now) {
    Duration skew = wanted.clockSkew();
    Optional<Instant> end = time("exp");
    // RFC 7519 §4.1.4
    if (end.isEmpty() ? strict || values.containsKey("exp") : !end.get().plus(skew).isAfter(now)) {
      return Optional.of("the token has run out: exp " + end.map(Instant::toString).orElse("none"));
    }
    // RFC 7519 §4.1.5
    if (values.containsKey("nbf")
        && !time("nbf").map(start -> !start.minus(skew).isAfter(now)).orElse(false)) {
      return Optional.of("the token is not good yet");
    }
    // RFC 7519 §4.1.1
    if (wanted.issuer().isPresent()
        && (strict || values.containsKey("iss"))
        && !text("iss").equals(wanted.issuer())) {
      return Optional.of("the token is from " + text("iss").orElse("nobody"));
    }
    // RFC 7519 §4.1.3: one that is meant for another service is not for us, whoever shows it.
    if (wanted.audience().isPresent() && !texts("aud").contains(wanted.audience().get())) {
      return Optional.of("the token is for " + texts("aud"));
    }
    if (wanted.scope().isPresent() && !scopes().contains(wanted.scope().get())) {
      return Optional.of("the token lacks the scope " + wanted.scope().get());
    }
    return Optional.empty();
  }

  private List<String> texts(String name) {
    return switch (values.get(name)) {
      case String text -> List.of(text);
      case Collection<?> several -> several.stream().map(String::valueOf).toList();
      case null, default -> List.of();
    };
  }

  /// RFC 6749 §3.3: separated by spaces; some providers say `scp`, and make it a list.
  private List<String> scopes() {
    return List.of("scope", "scp").stream()
        .flatMap(name -> texts(name).stream())
        .flatMap(text -> Arrays.stream(text.split(" ", -1)))
        .toList();
  }
}
