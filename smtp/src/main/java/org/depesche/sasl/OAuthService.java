package org.depesche.sasl;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What clients with a bad token are told, so that they can get a good one (RFC 7628 §3.2.2).
///
/// @param scope that a token has to have
/// @param openIdConfiguration https address of the provider's description
/// @param hosts our names; none when they are not known, then any name a client says is right
public record OAuthService(
    Optional<String> scope, Optional<String> openIdConfiguration, Set<String> hosts) {

  public static final OAuthService UNDESCRIBED =
      new OAuthService(Optional.empty(), Optional.empty(), Set.of());

  public OAuthService {
    hosts = hosts.stream().map(h -> h.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }

  String error() {
    return "{\"status\":\"invalid_token\""
        + scope.map(s -> ",\"scope\":" + quoted(s)).orElse("")
        + openIdConfiguration.map(u -> ",\"openid-configuration\":" + quoted(u)).orElse("")
        + "}";
  }

  String xoauth2Error() {
    return "{\"status\":\"401\",\"schemes\":\"bearer\""
        + scope.map(s -> ",\"scope\":" + quoted(s)).orElse("")
        + "}";
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
