package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;

/// OAUTHBEARER and XOAUTH2, the client's side. A challenge is the server's error; it is answered so
/// that the server can end the exchange.
final class BearerClient implements ClientExchange {

  private static final int MAX_SHOWN = 500;

  private final boolean google;
  private final ClientCredentials.Token credentials;
  private Optional<String> error = Optional.empty();

  BearerClient(boolean google, ClientCredentials.Token credentials) {
    this.google = google;
    this.credentials = credentials;
  }

  @Override
  public Optional<byte[]> initial() {
    String auth = "auth=Bearer " + credentials.token() + "\1\1";
    String message =
        google
            ? "user=" + credentials.name() + "\1" + auth
            : Gs2Header.of('n', Optional.empty(), Optional.of(credentials.name())).wire()
                + "\1host="
                + credentials.host()
                + "\1port="
                + credentials.port()
                + "\1"
                + auth;
    return Optional.of(message.getBytes(UTF_8));
  }

  @Override
  public ClientStep respond(byte[] challenge) {
    if (error.isPresent()) {
      return ClientExchange.malformed("a challenge after the server's error");
    }
    error = Optional.of(SaslText.decode(challenge).map(BearerClient::shown).orElse("?"));
    // RFC 7628 §3.2.3: the dummy response. XOAUTH2's is empty.
    return new ClientStep.Response(google ? new byte[0] : new byte[] {1});
  }

  /// The server's words, fit for a log.
  private static String shown(String text) {
    return text.substring(0, Math.min(MAX_SHOWN, text.length())).replaceAll("\\p{Cntrl}", "?");
  }

  @Override
  public Optional<ClientStep.Failed> accepted() {
    return error.map(e -> new ClientStep.Failed(SaslFailure.BAD_CREDENTIALS, "refused: " + e));
  }

  /// What the server said against the token.
  Optional<String> error() {
    return error;
  }
}
