package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;

/// LOGIN as deployed: two prompts, whose texts differ from server to server.
final class LoginClient implements ClientExchange {

  private final ClientCredentials.Password credentials;
  private int prompts;

  LoginClient(ClientCredentials.Password credentials) {
    this.credentials = credentials;
  }

  @Override
  public Optional<byte[]> initial() {
    return Optional.empty();
  }

  @Override
  public ClientStep respond(byte[] challenge) {
    prompts++;
    return switch (prompts) {
      case 1 -> new ClientStep.Response(credentials.name().getBytes(UTF_8));
      case 2 -> new ClientStep.Response(credentials.password().getBytes(UTF_8));
      default -> ClientExchange.malformed("a third prompt");
    };
  }

  @Override
  public Optional<ClientStep.Failed> accepted() {
    return prompts == 2
        ? Optional.empty()
        : Optional.of(
            new ClientStep.Failed(SaslFailure.SERVER_NOT_PROVEN, "success without a password"));
  }
}
