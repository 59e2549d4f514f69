package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.depesche.sasl.ServerExchange.malformed;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Bearer tokens: OAUTHBEARER (RFC 7628) and Google's XOAUTH2. A token that is not taken is
/// answered with a challenge that tells why; the client's answer to it ends the exchange.
final class BearerServer implements ServerExchange {

  /// RFC 6750 §2.1: b64token. The scheme's case does not matter (RFC 7628 §4).
  private static final Pattern BEARER = Pattern.compile("(?i:bearer) +([A-Za-z0-9._~+/-]+=*) *");

  private static final Pattern KEY = Pattern.compile("[A-Za-z]+");
  private static final Pattern VALUE = Pattern.compile("[\\t\\r\\n -~]*");

  /// What a client sent.
  ///
  /// @param user whom it wants to be
  private record Request(Optional<String> user, Map<String, String> pairs) {}

  private final boolean google;
  private final SaslServer.Terms terms;
  private @Nullable SaslStep refusal;

  BearerServer(boolean google, SaslServer.Terms terms) {
    this.google = google;
    this.terms = terms;
  }

  @Override
  public SaslStep respond(byte[] response) {
    if (refusal != null) {
      // RFC 7628 §3.2.3: whatever the dummy response is, the exchange has failed.
      return refusal;
    }
    String text = SaslText.decode(response).orElse("");
    Optional<Request> parsed = google ? xoauth2(text) : oauthbearer(text);
    if (parsed.isEmpty()) {
      return malformed("no client response by RFC 7628");
    }
    Request request = parsed.get();
    String auth = request.pairs().get("auth");
    if (auth == null) {
      return malformed("no auth in the client response");
    }
    if (!hostIsOurs(request.pairs().get("host"))) {
      return refuse("the token is meant for host " + request.pairs().get("host"));
    }
    Matcher bearer = BEARER.matcher(auth);
    if (!bearer.matches()) {
      // RFC 7628 §4.3: an empty value asks for the scope.
      return refuse("no bearer token");
    }
    Verification verified = terms.credentials().token(bearer.group(1));
    return verified instanceof Verification.Rejected(String reason)
        ? refuse(reason)
        : ServerExchange.conclude(terms.credentials(), verified, request.user());
  }

  /// RFC 7628 §3.1: a GS2 header, then pairs, each ended by ^A, then another ^A.
  private static Optional<Request> oauthbearer(String text) {
    Optional<Gs2Header> header = Gs2Header.parse(text).filter(h -> h.flag() != 'p');
    if (header.isEmpty() || !text.startsWith("\1", header.get().wire().length())) {
      return Optional.empty();
    }
    return pairs(text.substring(header.get().wire().length() + 1))
        .map(pairs -> new Request(header.get().authorizationId(), pairs));
  }

  private static Optional<Request> xoauth2(String text) {
    Optional<Map<String, String>> pairs = pairs(text);
    return pairs
        .map(p -> p.getOrDefault("user", ""))
        .flatMap(SaslText::name)
        .map(user -> new Request(Optional.of(user), pairs.get()));
  }

  private static Optional<Map<String, String>> pairs(String text) {
    if (!text.endsWith("\1\1")) {
      return Optional.empty();
    }
    Map<String, String> pairs = new HashMap<>();
    for (String pair : text.substring(0, text.length() - 2).split("\1", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 0
          || !KEY.matcher(pair).region(0, equals).matches()
          || !isValue(pair.substring(0, equals), pair.substring(equals + 1))
          || pairs.put(pair.substring(0, equals), pair.substring(equals + 1)) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(pairs);
  }

  /// XOAUTH2 has its user among the pairs, and users may have names beyond ASCII.
  private static boolean isValue(String key, String value) {
    return key.equals("user") || VALUE.matcher(value).matches();
  }

  /// RFC 7628 §3.2: a host that the server knows has to be the one the client says.
  private boolean hostIsOurs(@Nullable String host) {
    return host == null
        || terms.oauth().hosts().isEmpty()
        || terms.oauth().hosts().contains(host.toLowerCase(Locale.ROOT));
  }

  private SaslStep refuse(String reason) {
    refusal = new SaslStep.Failed(SaslFailure.BAD_CREDENTIALS, reason);
    return new SaslStep.Challenge(
        (google ? terms.oauth().xoauth2Error() : terms.oauth().error()).getBytes(UTF_8));
  }
}
