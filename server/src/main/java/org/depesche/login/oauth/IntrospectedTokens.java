package org.depesche.login.oauth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.net.URI;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.ParseException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.depesche.time.Ticker;

/// Tokens that only their provider can read: it is asked (RFC 7662). Answers hold for a short time,
/// because a token can be taken back.
final class IntrospectedTokens implements Tokens {

  static final Duration HOLDS = Duration.ofSeconds(30);

  private static final int MAX_REMEMBERED = 10_000;

  private record Remembered(Finding finding, long since) {}

  private final Provider provider;
  private final URI address;
  private final String authorization;
  private final Ticker ticker;

  /// By the digest of the token, which itself is not kept. The oldest goes first.
  private final Map<String, Remembered> remembered =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Remembered> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  IntrospectedTokens(
      Provider provider, URI address, String clientId, String secret, Ticker ticker) {
    this.provider = provider;
    this.address = address;
    this.ticker = ticker;
    // RFC 6749 §2.3.1: both are encoded before they become user and password.
    this.authorization =
        "Basic "
            + Base64.getEncoder()
                .encodeToString((encoded(clientId) + ":" + encoded(secret)).getBytes(UTF_8));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  @Override
  public Finding examine(String token) throws UnavailableException {
    String key = digest(token);
    synchronized (remembered) {
      Remembered kept = remembered.get(key);
      if (kept != null && ticker.nanos() - kept.since() < HOLDS.toNanos()) {
        return kept.finding();
      }
    }
    // RFC 7662 §2.1
    Finding finding =
        read(
            provider.post(
                address,
                "token=" + encoded(token) + "&token_type_hint=access_token",
                authorization));
    synchronized (remembered) {
      remembered.remove(key);
      remembered.put(key, new Remembered(finding, ticker.nanos()));
    }
    return finding;
  }

  private static Finding read(String answer) throws UnavailableException {
    try {
      Map<String, Object> values = new HashMap<>(JSONObjectUtils.parse(answer));
      values.values().removeIf(Objects::isNull);
      // RFC 7662 §2.2
      return switch (values.get("active")) {
        case Boolean active when active -> new Genuine(new Claims(values));
        case Boolean _ -> new Refused("the provider says that the token is not active");
        case null, default -> throw new UnavailableException("an answer without active");
      };
    } catch (ParseException e) {
      throw new UnavailableException("the provider's answer cannot be read: " + e.getMessage());
    }
  }

  private static String digest(String token) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
