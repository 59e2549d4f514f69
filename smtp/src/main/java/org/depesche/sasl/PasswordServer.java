package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.depesche.sasl.ServerExchange.malformed;

import java.util.Arrays;
import java.util.Optional;

/// Passwords in clear: PLAIN in one message, LOGIN in two.
final class PasswordServer {

  /// RFC 4616 §2 asks for 255 octets at least.
  static final int MAX_PASSWORD = 1024;

  private PasswordServer() {}

  /// RFC 4616
  record Plain(Credentials credentials) implements ServerExchange {

    @Override
    public SaslStep respond(byte[] response) {
      try {
        int first = indexOfNul(response, 0);
        int second = first < 0 ? -1 : indexOfNul(response, first + 1);
        if (second < 0) {
          return malformed("PLAIN has two NULs");
        }
        byte[] authorization = Arrays.copyOf(response, first);
        byte[] name = Arrays.copyOfRange(response, first + 1, second);
        byte[] password = Arrays.copyOfRange(response, second + 1, response.length);
        Optional<String> requested = SaslText.decode(authorization).flatMap(SaslText::name);
        if (authorization.length > 0 && requested.isEmpty()) {
          return malformed("no authorization identity by RFC 4616");
        }
        return verified(credentials, name, password, requested);
      } finally {
        Arrays.fill(response, (byte) 0);
      }
    }

    private static int indexOfNul(byte[] octets, int from) {
      for (int i = from; i < octets.length; i++) {
        if (octets[i] == 0) {
          return i;
        }
      }
      return -1;
    }
  }

  /// As deployed: two prompts; what comes with the command is the name.
  static final class Login implements ServerExchange {

    private final Credentials credentials;
    private byte[] name = {};
    private boolean named;

    Login(Credentials credentials) {
      this.credentials = credentials;
    }

    @Override
    public SaslStep ask() {
      return new SaslStep.Challenge("Username:".getBytes(US_ASCII));
    }

    @Override
    public SaslStep respond(byte[] response) {
      if (named) {
        return verified(credentials, name, response, Optional.empty());
      }
      name = response.clone();
      named = true;
      return new SaslStep.Challenge("Password:".getBytes(US_ASCII));
    }
  }

  private static SaslStep verified(
      Credentials credentials, byte[] name, byte[] password, Optional<String> requested) {
    try {
      Optional<String> prepared = SaslText.decode(name).flatMap(SaslText::name);
      if (prepared.isEmpty()) {
        return malformed("no name by RFC 4616");
      }
      if (password.length == 0
          || password.length > MAX_PASSWORD
          || SaslText.decode(password).isEmpty()) {
        return malformed("no password by RFC 4616");
      }
      return ServerExchange.conclude(
          credentials, credentials.password(prepared.get(), password), requested);
    } finally {
      Arrays.fill(password, (byte) 0);
    }
  }
}
