package org.depesche.directory.dovecot;

import java.time.Duration;
import java.util.Optional;

/// A Dovecot and where it answers.
///
/// @param auth where passwords are checked; empty for nowhere
/// @param users where it says who exists
/// @param timeout for a connection, and for an answer
public record DovecotSettings(
    Optional<DovecotAddress> auth, DovecotAddress users, Duration timeout) {}
