package org.depesche.sasl;

/// What a server side asks: who may log in with what. Calls may block.
public interface Credentials {

  /// Is this the password of that name? A name that nobody has must take as long as one that
  /// somebody has.
  ///
  /// @param name prepared by RFC 4013
  /// @param password UTF-8 as the client sent it; overwritten after the call
  Verification password(String name, byte[] password);

  /// What is kept to check SCRAM with.
  ScramKeys scram(ScramHash hash, String name);

  /// Whose bearer token is this?
  Verification token(String token);

  /// May one act as another? Accepted with the identity to act as.
  default Verification authorize(String authenticated, String requested) {
    return authenticated.equals(requested)
        ? new Verification.Accepted(authenticated)
        : new Verification.Rejected(authenticated + " may not act as " + requested);
  }
}
