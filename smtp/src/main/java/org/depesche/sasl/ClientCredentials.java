package org.depesche.sasl;

import java.util.Optional;

/// What a client can prove itself with.
public sealed interface ClientCredentials {

  /// A name and its password.
  ///
  /// @param authorizationId whom to act as, when that is somebody else
  record Password(String name, String password, Optional<String> authorizationId)
      implements ClientCredentials {

    public Password(String name, String password) {
      this(name, password, Optional.empty());
    }

    @Override
    public String toString() {
      return "password of " + name;
    }
  }

  /// A bearer token.
  ///
  /// @param host the server's name
  record Token(String name, String token, String host, int port) implements ClientCredentials {

    public Token {
      if ((name + token + host).chars().anyMatch(c -> c < ' ') || name.isEmpty()) {
        throw new IllegalArgumentException("a control character, or no name");
      }
    }

    @Override
    public String toString() {
      return "token of " + name;
    }
  }

  /// What the layer below has shown already.
  record Certificate(Optional<String> authorizationId) implements ClientCredentials {}
}
