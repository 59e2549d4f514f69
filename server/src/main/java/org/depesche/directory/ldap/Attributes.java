package org.depesche.directory.ldap;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The attributes that say what is needed of an account or alias.
///
/// @param address names the account and its mailbox; has one value
/// @param otherAddresses has its other addresses
/// @param password has a hash; empty for passwords that the directory checks itself
/// @param sendAs whom it may send as: addresses, `@domain`, `*`
/// @param forwardTo where else its mail goes
/// @param keepCopy whether forwarded mail stays in the mailbox too
/// @param quota octets
/// @param disabled whether it neither logs in nor gets mail
/// @param member whom an alias leads to: addresses, or names of entries that have an address
public record Attributes(
    String address,
    Optional<String> otherAddresses,
    Optional<String> password,
    Optional<String> sendAs,
    Optional<String> forwardTo,
    Optional<String> keepCopy,
    Optional<String> quota,
    Optional<String> disabled,
    String member) {

  /// Those of an account.
  String[] ofAccounts() {
    Set<String> names = new LinkedHashSet<>();
    names.add(address);
    List.of(otherAddresses, password, sendAs, forwardTo, keepCopy, quota, disabled)
        .forEach(each -> each.ifPresent(names::add));
    return names.toArray(String[]::new);
  }
}
