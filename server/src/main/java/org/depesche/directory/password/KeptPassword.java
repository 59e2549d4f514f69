package org.depesche.directory.password;

import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.depesche.sasl.ScramHash;
import org.depesche.sasl.ScramVerifier;

/// What is kept of a password.
///
/// @param hash Argon2id; empty for no password
/// @param scram verifiers for SCRAM with spaces between them; empty for no password, and for one
///   that RFC 4013 does not allow
public record KeptPassword(Optional<String> hash, Optional<String> scram) {

  /// Who has none cannot log in.
  public static final KeptPassword NONE = new KeptPassword(Optional.empty(), Optional.empty());

  /// Costs some tens of milliseconds.
  ///
  /// @param hashes for which kinds of SCRAM
  /// @param random a secure one
  public static KeptPassword of(String password, List<ScramHash> hashes, RandomGenerator random) {
    String scram =
        hashes.stream()
            .flatMap(hash -> NewPassword.scram(hash, password, random).stream())
            .map(ScramVerifier::toString)
            .collect(Collectors.joining(" "));
    return new KeptPassword(
        Optional.of(NewPassword.argon2id(password, random)),
        Optional.of(scram).filter(text -> !text.isEmpty()));
  }
}
