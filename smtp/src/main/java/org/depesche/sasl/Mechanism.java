package org.depesche.sasl;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// The mechanisms, the strongest first: one that is bound to its channel says no to a man in the
/// middle, one that sends no password beats one that does.
public enum Mechanism {
  SCRAM_SHA_256_PLUS("SCRAM-SHA-256-PLUS"),
  SCRAM_SHA_1_PLUS("SCRAM-SHA-1-PLUS"),
  SCRAM_SHA_256("SCRAM-SHA-256"),
  SCRAM_SHA_1("SCRAM-SHA-1"),
  EXTERNAL("EXTERNAL"),
  OAUTHBEARER("OAUTHBEARER"),
  XOAUTH2("XOAUTH2"),
  PLAIN("PLAIN"),
  LOGIN("LOGIN");

  private final String wireName;

  Mechanism(String wireName) {
    this.wireName = wireName;
  }

  /// As it stands in an EHLO reply.
  public String wireName() {
    return wireName;
  }

  /// Case does not matter here, as in all keywords of SMTP.
  public static Optional<Mechanism> named(String name) {
    return Arrays.stream(values()).filter(m -> m.wireName.equalsIgnoreCase(name)).findFirst();
  }

  /// What a server offers on a channel, the strongest first.
  public static Set<Mechanism> offered(Channel channel, Set<Mechanism> allowed) {
    Set<Mechanism> offered = EnumSet.noneOf(Mechanism.class);
    allowed.stream().filter(m -> m.worksOn(channel)).forEach(offered::add);
    if (channel.identity().isEmpty()) {
      offered.remove(EXTERNAL);
    }
    return offered;
  }

  /// RFC 5802 §6: the PLUS variants need a channel that can be bound to. RFC 4616 §5, RFC 7628 §3:
  /// passwords and tokens need one that nobody reads.
  boolean worksOn(Channel channel) {
    return switch (this) {
      case SCRAM_SHA_256_PLUS, SCRAM_SHA_1_PLUS -> !channel.bindings().isEmpty();
      case SCRAM_SHA_256, SCRAM_SHA_1 -> true;
      case EXTERNAL, OAUTHBEARER, XOAUTH2, PLAIN, LOGIN -> channel.secure();
    };
  }

  boolean bindsChannel() {
    return this == SCRAM_SHA_256_PLUS || this == SCRAM_SHA_1_PLUS;
  }
}
