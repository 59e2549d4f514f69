package org.depesche.sasl;

/// Why an exchange ended without success.
public enum SaslFailure {
  /// The peer broke the mechanism's grammar or order.
  MALFORMED,
  /// Wrong or unknown name, password, token or certificate.
  BAD_CREDENTIALS,
  /// The ends disagree about the connection, which is what a man in the middle looks like.
  CHANNEL_BINDING,
  /// Authenticated, but not allowed to act as the one asked for.
  AUTHORIZATION,
  /// The client gave up.
  ABORTED,
  /// Could not be decided now.
  TEMPORARY,
  /// Seen by a client: the server has not shown that it knows the password.
  SERVER_NOT_PROVEN
}
