package org.depesche.login.oauth;

import java.time.Duration;
import java.util.Optional;

/// What tokens have to be like.
///
/// @param issuer who they are from (`iss`)
/// @param audience what they are for (`aud`)
/// @param scope one of theirs
/// @param accountClaim what names the account
/// @param timeout how long the provider may take for an answer
/// @param clockSkew how far its clock may be off
public record OAuthSettings(
    Optional<String> issuer,
    Optional<String> audience,
    Optional<String> scope,
    String accountClaim,
    Duration timeout,
    Duration clockSkew) {}
