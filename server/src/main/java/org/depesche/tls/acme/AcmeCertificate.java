package org.depesche.tls.acme;

import java.io.IOException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.depesche.time.Ticker;
import org.depesche.tls.CertificateNames;
import org.depesche.tls.KeyPairFile;

/// The certificate that an authority gives us: obtained after the start, renewed before it runs out
/// (RFC 8555), on a thread of its own. Safe for use by many threads.
public final class AcmeCertificate implements AutoCloseable {

  /// The clock of the machine may be set; so it is looked at from time to time.
  private static final Duration LOOK = Duration.ofMinutes(10);

  /// Who hears of a new certificate and of trouble.
  public interface Owner {

    /// There is a new certificate in the file.
    ///
    /// @throws IOException when it cannot be used
    void take() throws IOException;

    /// Something has happened.
    ///
    /// @param what a word for it
    /// @param detail in a sentence
    void hear(String what, String detail);
  }

  private final AcmeFolder folder;
  private final List<String> names;
  private final Authority authority;
  private final Owner owner;
  private final InstantSource clock;
  private final Renewal renewal;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile boolean hurried;
  private volatile boolean closed;

  AcmeCertificate(
      AcmeSettings settings,
      Authority authority,
      Owner owner,
      InstantSource clock,
      RandomGenerator random) {
    this.folder = new AcmeFolder(settings.folder());
    this.names = settings.names();
    this.authority = authority;
    this.owner = owner;
    this.clock = clock;
    this.renewal = new Renewal(clock.instant(), random);
    this.thread = Thread.ofPlatform().daemon().name("acme").unstarted(this::run);
  }

  /// A certificate by the settings; nothing is asked for before `start`.
  ///
  /// @param random for keys and for the waits
  public static AcmeCertificate by(
      AcmeSettings settings, Owner owner, InstantSource clock, Ticker ticker, SecureRandom random) {
    return new AcmeCertificate(
        settings, new AcmeDialogue(settings, ticker, random), owner, clock, random);
  }

  /// The file with the certificate and its key; empty as long as there is none that can be used.
  public Optional<KeyPairFile> file() {
    return usable().map(_ -> folder.certificate());
  }

  private Optional<X509Certificate> usable() {
    try {
      return folder.read();
    } catch (IOException e) {
      owner.hear("certificate-unreadable", String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /// Begins to care for it.
  public void start() {
    look();
    thread.start();
  }

  /// Tries at once where a failure is waited out.
  public void hurry() {
    hurried = true;
    wake.release();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  /// Finds out when the certificate that is there is due; one for other names is so at once.
  void look() {
    usable()
        .filter(c -> CertificateNames.of(c).containsAll(lowered()))
        .ifPresent(c -> renewal.holds(c.getNotBefore().toInstant(), c.getNotAfter().toInstant()));
  }

  private List<String> lowered() {
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }

  private void run() {
    try {
      while (!closed) {
        Duration wait = round();
        long millis = Math.clamp(wait.toMillis(), 1, LOOK.toMillis());
        if (wake.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Does what is due.
  ///
  /// @return how long nothing is
  Duration round() throws InterruptedException {
    if (hurried) {
      hurried = false;
      renewal.hurry(clock.instant());
    }
    if (renewal.isDue(clock.instant())) {
      attempt();
    }
    return Duration.between(clock.instant(), renewal.next());
  }

  private void attempt() throws InterruptedException {
    boolean renews = usable().isPresent();
    try {
      folder.accept(authority.certify());
      X509Certificate fresh = folder.certificate().certificate();
      Instant until = fresh.getNotAfter().toInstant();
      owner.take();
      renewal.obtained(fresh.getNotBefore().toInstant(), until, clock.instant());
      owner.hear(
          renews ? "certificate-renewed" : "certificate-obtained",
          "for %s, good until %s, renewed at %s"
              .formatted(String.join(", ", names), until, renewal.next()));
    } catch (AcmeTrouble e) {
      failed(String.valueOf(e.getMessage()), e.notBefore());
    } catch (IOException e) {
      failed(String.valueOf(e.getMessage()), Optional.empty());
    } catch (RuntimeException e) {
      // What an authority answers is not ours; the next try may go better.
      failed("the dialogue broke: " + e, Optional.empty());
    }
  }

  private void failed(String why, Optional<Instant> notBefore) {
    if (closed) {
      return;
    }
    renewal.failed(clock.instant(), notBefore);
    owner.hear(
        "certificate-failed",
        "for %s: %s; next try at %s".formatted(String.join(", ", names), why, renewal.next()));
  }
}
