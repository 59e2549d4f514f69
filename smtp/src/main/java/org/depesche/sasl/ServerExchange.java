package org.depesche.sasl;

import java.util.Optional;

/// The server side of one mechanism in one exchange.
interface ServerExchange {

  /// What the client hears when it sent nothing with its choice. RFC 4422 §5: client-first
  /// mechanisms ask with an empty challenge.
  default SaslStep ask() {
    return new SaslStep.Challenge(new byte[0]);
  }

  SaslStep respond(byte[] response);

  static SaslStep malformed(String reason) {
    return new SaslStep.Failed(SaslFailure.MALFORMED, reason);
  }

  /// The end of an exchange whose credentials have been looked at.
  static SaslStep conclude(
      Credentials credentials, Verification authenticated, Optional<String> requested) {
    return switch (authenticated) {
      case Verification.Rejected(String reason) ->
          new SaslStep.Failed(SaslFailure.BAD_CREDENTIALS, reason);
      case Verification.Unavailable(String reason) ->
          new SaslStep.Failed(SaslFailure.TEMPORARY, reason);
      case Verification.Accepted(String identity, _) ->
          requested
              .map(other -> authorize(credentials, identity, other))
              .orElseGet(() -> new SaslStep.Done(identity, identity));
    };
  }

  private static SaslStep authorize(Credentials credentials, String identity, String requested) {
    return switch (credentials.authorize(identity, requested)) {
      case Verification.Accepted(String other, _) -> new SaslStep.Done(identity, other);
      case Verification.Rejected(String reason) ->
          new SaslStep.Failed(SaslFailure.AUTHORIZATION, reason);
      case Verification.Unavailable(String reason) ->
          new SaslStep.Failed(SaslFailure.TEMPORARY, reason);
    };
  }
}
