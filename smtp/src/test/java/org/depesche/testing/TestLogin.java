package org.depesche.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.depesche.sasl.Decoys;
import org.depesche.sasl.Mechanism;
import org.depesche.sasl.OAuthService;
import org.depesche.sasl.ScramHash;
import org.depesche.sasl.ScramKeys;
import org.depesche.sasl.ScramVerifier;
import org.depesche.sasl.Verification;
import org.depesche.smtp.server.LoginAttempt;
import org.depesche.smtp.server.Security;

/// One account, `tim` with the password `tanstaaftanstaaf` of RFC 4616; `away` makes the directory
/// fail.
public final class TestLogin implements LoginAttempt {

  private static final String PASSWORD = "tanstaaftanstaaf";

  private TestLogin() {}

  /// @param words `open`: passwords go without TLS; `required`: no mail without a login
  static Security security(String words) {
    List<String> given = List.of(words.split(" "));
    return new Security(
        Optional.empty(),
        false,
        Duration.ofSeconds(10),
        Optional.of(login(given.contains("open"))),
        given.contains("required"));
  }

  /// The account as a listener may have it.
  ///
  /// @param open whether passwords go without TLS
  public static Security.Login login(boolean open) {
    return new Security.Login(
        _ -> new TestLogin(),
        Set.of(
            Mechanism.PLAIN,
            Mechanism.LOGIN,
            Mechanism.SCRAM_SHA_256,
            Mechanism.SCRAM_SHA_256_PLUS),
        _ -> open,
        _ -> Optional.empty(),
        new Decoys(new byte[16], ScramVerifier.MIN_ITERATIONS),
        OAuthService.UNDESCRIBED,
        new Random(4));
  }

  @Override
  public Verification password(String name, byte[] password) {
    if (name.equals("away")) {
      return new Verification.Unavailable("the directory is away");
    }
    return name.equals("tim") && PASSWORD.equals(new String(password, UTF_8))
        ? new Verification.Accepted("tim")
        : new Verification.Rejected("wrong");
  }

  @Override
  public ScramKeys scram(ScramHash hash, String name) {
    return name.equals("tim")
        ? new ScramKeys.Known(
            "tim",
            ScramVerifier.of(hash, PASSWORD, new byte[8], ScramVerifier.MIN_ITERATIONS)
                .orElseThrow())
        : new ScramKeys.Unknown();
  }

  @Override
  public Verification token(String token) {
    return new Verification.Rejected("no tokens");
  }
}
