package org.depesche.tls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.depesche.tls.SelfSigned;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The life of a certificate, with an authority and a clock that do as they are told. Certificates
/// of this authority are good for 3650 days.
class AcmeCertificateTest {

  private static final Duration LIFE = Duration.ofDays(3650);

  @TempDir private Path folder = Path.of("");
  private Instant now = Instant.parse("2026-11-27T12:00:00Z");
  private final Deque<AcmeTrouble> troubles = new ArrayDeque<>();
  private final List<String> heard = new ArrayList<>();
  private int asked;
  private int taken;
  private String issuedTo = "mx.example.org";

  private final class Scripted implements Authority {
    @Override
    public String certify() throws AcmeTrouble {
      asked++;
      if (!troubles.isEmpty()) {
        throw troubles.pop();
      }
      try {
        Path file = folder.resolve("issued-" + asked);
        X509Certificate _ =
            SelfSigned.at(file, List.of(issuedTo), InstantSource.fixed(now), new SecureRandom())
                .certificate();
        return Files.readString(file);
      } catch (IOException e) {
        throw new AcmeTrouble(String.valueOf(e.getMessage()));
      }
    }
  }

  private final class Listening implements AcmeCertificate.Owner {
    @Override
    public void take() {
      taken++;
    }

    @Override
    public void hear(String what, String detail) {
      heard.add(what + " " + detail);
    }
  }

  private AcmeCertificate certificate(String name) {
    AcmeSettings settings =
        new AcmeSettings(
            URI.create("https://ca.test/dir"),
            List.of(name),
            Optional.empty(),
            AcmeSettings.Proof.HTTP,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            folder.resolve("acme"));
    return new AcmeCertificate(settings, new Scripted(), new Listening(), () -> now, new Random(1));
  }

  @Test
  void itIsObtainedAtOnceAndRenewedInTheLastThird() throws InterruptedException, IOException {
    AcmeCertificate certificate = certificate("mx.example.org");
    certificate.look();
    assertThat(certificate.file()).isEmpty();

    Duration wait = certificate.round();

    assertThat(wait).isBetween(LIFE.multipliedBy(2).dividedBy(3).minusDays(1), LIFE);
    assertThat(certificate.file()).isPresent();
    assertThat(taken).isOne();
    assertThat(heard.getLast())
        .startsWith("certificate-obtained for mx.example.org, good until 2036");
    assertThat(Files.getPosixFilePermissions(folder.resolve("acme/certificate.pem")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));

    now = now.plus(wait).minusSeconds(1);
    certificate.round();
    assertThat(asked).isOne();

    now = now.plusSeconds(1);
    certificate.round();
    assertThat(asked).isEqualTo(2);
    assertThat(taken).isEqualTo(2);
    assertThat(heard.getLast()).startsWith("certificate-renewed ");
  }

  @Test
  void aFailureIsToldWithItsReasonAndTheNextTry() throws InterruptedException {
    troubles.add(new AcmeTrouble("no route to ca.test"));
    AcmeCertificate certificate = certificate("mx.example.org");

    Duration wait = certificate.round();

    assertThat(wait).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(8));
    assertThat(heard)
        .containsExactly(
            "certificate-failed for mx.example.org: no route to ca.test; next try at "
                + now.plus(wait));
    certificate.round();
    assertThat(asked).as("not before its time").isOne();

    now = now.plus(wait);
    certificate.round();
    assertThat(asked).isEqualTo(2);
    assertThat(certificate.file()).isPresent();
  }

  @Test
  void aFailedRenewalLeavesTheOldCertificate() throws InterruptedException {
    AcmeCertificate certificate = certificate("mx.example.org");
    now = now.plus(certificate.round());
    troubles.add(new AcmeTrouble("away"));
    certificate.round();

    assertThat(certificate.file()).isPresent();
    assertThat(taken).isOne();
  }

  @Test
  void whatMayHaveBeenMendedIsTriedAtOnce() throws InterruptedException {
    troubles.add(new AcmeTrouble("away"));
    AcmeCertificate certificate = certificate("mx.example.org");
    certificate.round();
    certificate.hurry();
    certificate.round();
    certificate.hurry();
    certificate.round();

    assertThat(asked).as("a good one is not asked for again").isEqualTo(2);
  }

  @Test
  void aRestartKeepsTheCertificateUnlessItIsForOtherNames() throws InterruptedException {
    certificate("mx.example.org").round();

    AcmeCertificate again = certificate("MX.example.org");
    again.look();
    again.round();
    assertThat(asked).isOne();

    issuedTo = "other.example.org";
    AcmeCertificate other = certificate("other.example.org");
    other.look();
    other.round();
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void aDamagedFileIsToldOfAndReplaced() throws InterruptedException, IOException {
    AcmeCertificate certificate = certificate("mx.example.org");
    certificate.round();
    Files.writeString(folder.resolve("acme/certificate.pem"), "nothing");

    AcmeCertificate again = certificate("mx.example.org");
    again.look();
    assertThat(again.file()).isEmpty();
    assertThat(heard.getLast()).startsWith("certificate-unreadable ");
    again.round();
    assertThat(again.file()).isPresent();
  }
}
