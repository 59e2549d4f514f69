package org.depesche.sasl;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The head of SCRAM's and OAUTHBEARER's first message (RFC 5802 §7): `n,,`, `y,a=other,`,
/// `p=tls-exporter,,`.
///
/// @param flag `n` for no channel binding, `y` for not offered, `p` for bound
/// @param binding the type with `p`
/// @param wire the header as it came, the commas included
record Gs2Header(
    char flag, Optional<String> binding, Optional<String> authorizationId, String wire) {

  private static final Pattern FORM =
      Pattern.compile("(?:([ny])|p=([A-Za-z0-9.-]{1,64})),(?:a=([^,\\x00]+))?,");

  /// The header at the start of a message.
  static Optional<Gs2Header> parse(String message) {
    Matcher form = FORM.matcher(message);
    if (!form.lookingAt()) {
      return Optional.empty();
    }
    Optional<String> binding = Optional.ofNullable(form.group(2));
    char flag = binding.isPresent() ? 'p' : form.group(1).charAt(0);
    if (form.group(3) == null) {
      return Optional.of(new Gs2Header(flag, binding, Optional.empty(), form.group()));
    }
    return unescaped(form.group(3))
        .flatMap(SaslText::name)
        .map(name -> new Gs2Header(flag, binding, Optional.of(name), form.group()));
  }

  static Gs2Header of(char flag, Optional<String> binding, Optional<String> authorizationId) {
    String wire =
        flag
            + binding.map(type -> "=" + type).orElse("")
            + ","
            + authorizationId.map(name -> "a=" + escaped(name)).orElse("")
            + ",";
    return new Gs2Header(flag, binding, authorizationId, wire);
  }

  /// RFC 5802 §5.1: `,` and `=` in names.
  static String escaped(String name) {
    return name.replace("=", "=3D").replace(",", "=2C");
  }

  /// RFC 5802 §5.1: `=` not followed by 2C or 3D fails the exchange.
  static Optional<String> unescaped(String text) {
    if (text.isEmpty() || text.indexOf(',') >= 0) {
      return Optional.empty();
    }
    for (int at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
      if (!text.startsWith("2C", at + 1) && !text.startsWith("3D", at + 1)) {
        return Optional.empty();
      }
    }
    return Optional.of(text.replace("=2C", ",").replace("=3D", "="));
  }
}
