package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// Users, passwords and tokens of the tests, in memory.
record Directory(
    Map<String, String> passwords,
    Map<String, String> tokens,
    Map<String, String> deputies,
    boolean available)
    implements Credentials {

  static final byte[] SALT = "0123456789abcdef".getBytes(UTF_8);
  static final byte[] SECRET = "sixteen octets and more".getBytes(UTF_8);
  static final Set<Mechanism> ALL = EnumSet.allOf(Mechanism.class);

  static final Directory USERS =
      new Directory(
          Map.of("user", "pencil", "tim", "tanstaaftanstaaf", "Kurt", "xipj3plmq"),
          Map.of("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", "user@example.com"),
          Map.of("user", "boss"),
          true);

  static Directory unavailable() {
    return new Directory(Map.of(), Map.of(), Map.of(), false);
  }

  /// What a server offers all mechanisms with.
  SaslServer.Terms terms(Channel channel, long seed) {
    return new SaslServer.Terms(
        this,
        channel,
        Mechanism.offered(channel, ALL),
        new Decoys(SECRET, 4096),
        OAuthService.UNDESCRIBED,
        new SplittableRandom(seed));
  }

  static Channel bound(String data) {
    return new Channel(
        true,
        List.of(
            new ChannelBinding(ChannelBinding.TLS_EXPORTER, data.getBytes(UTF_8)),
            new ChannelBinding(ChannelBinding.TLS_SERVER_END_POINT, (data + "!").getBytes(UTF_8))),
        Optional.of("user"));
  }

  @Override
  public Verification password(String name, byte[] password) {
    if (!available) {
      return new Verification.Unavailable("no directory");
    }
    String known = passwords.get(name);
    return known != null && Arrays.equals(known.getBytes(UTF_8), password)
        ? new Verification.Accepted(name)
        : new Verification.Rejected("wrong password");
  }

  @Override
  public ScramKeys scram(ScramHash hash, String name) {
    if (!available) {
      return new ScramKeys.Unavailable("no directory");
    }
    return Optional.ofNullable(passwords.get(name))
        .flatMap(password -> ScramVerifier.of(hash, password, SALT, 4096))
        .<ScramKeys>map(verifier -> new ScramKeys.Known(name, verifier))
        .orElseGet(ScramKeys.Unknown::new);
  }

  @Override
  public Verification token(String token) {
    if (!available) {
      return new Verification.Unavailable("no directory");
    }
    return Optional.ofNullable(tokens.get(token))
        .<Verification>map(Verification.Accepted::new)
        .orElseGet(() -> new Verification.Rejected("no such token"));
  }

  @Override
  public Verification authorize(String authenticated, String requested) {
    return requested.equals(deputies.get(authenticated))
        ? new Verification.Accepted(requested)
        : Credentials.super.authorize(authenticated, requested);
  }
}
