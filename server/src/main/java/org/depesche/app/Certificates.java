package org.depesche.app;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.config.Challenge;
import org.depesche.config.ListenAddress;
import org.depesche.config.Settings;
import org.depesche.directory.DomainNames;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.net.TlsEngines;
import org.depesche.time.Ticker;
import org.depesche.tls.KeyPairFile;
import org.depesche.tls.SelfSigned;
import org.depesche.tls.Tls;
import org.depesche.tls.acme.AcmeCertificate;
import org.depesche.tls.acme.AcmeSettings;

/// What listeners show who they are with: certificates of the configuration, the one an authority
/// gives us, or one we have made. Sessions that are open keep what they began with.
final class Certificates implements AutoCloseable {

  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  /// How long before its end a certificate is complained of.
  private static final Duration WARNING = Duration.ofDays(14);

  /// Something that may fail and then has changed nothing.
  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  private final Telemetry telemetry;
  private final PrintStream out;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Optional<AcmeCertificate> acme;
  private final Tls tls;
  private Settings settings;

  /// @param out for people: what became of certificates
  /// @throws IOException when one cannot be read
  Certificates(
      Settings settings,
      Telemetry telemetry,
      PrintStream out,
      InstantSource clock,
      Ticker ticker,
      SecureRandom random)
      throws IOException {
    this.settings = settings;
    this.telemetry = telemetry;
    this.out = out;
    this.clock = clock;
    this.random = random;
    this.acme = acme(settings).map(s -> AcmeCertificate.by(s, new Owner(), clock, ticker, random));
    this.tls = new Tls(files(settings), asksClients(settings));
  }

  /// Takes a certificate as soon as it is there.
  private final class Owner implements AcmeCertificate.Owner {

    @Override
    public void take() throws IOException {
      synchronized (Certificates.this) {
        tls.reload(files(settings), asksClients(settings));
      }
    }

    @Override
    public void hear(String what, String detail) {
      telemetry.note(what, detail);
      out.println(what.replace("certificate-", "Certificate ") + " " + detail);
    }
  }

  TlsEngines forServers() {
    return tls.forServers();
  }

  TlsEngines forLogins() {
    return tls.forLogins();
  }

  /// Begins to ask the authority, when there is one.
  void start() {
    acme.ifPresent(AcmeCertificate::start);
  }

  /// Takes over those of another configuration.
  ///
  /// @param rest what else may fail; it comes when the certificates were read and before they hold
  /// @throws IOException when a certificate cannot be read or the rest fails; all is as it was
  synchronized void change(Settings changed, Step rest) throws IOException {
    Runnable taking = tls.reading(files(changed), asksClients(changed));
    rest.run();
    taking.run();
    settings = changed;
    acme.ifPresent(AcmeCertificate::hurry);
  }

  /// Whoever comes first must not have to wait for certificates to be read: this reads them.
  void watch() {
    try {
      tls.firstExpiry()
          .filter(end -> end.isBefore(clock.instant().plus(WARNING)))
          .ifPresent(
              end -> {
                telemetry.note("certificate-expires", "good until " + end);
                out.println("A certificate is good until " + end + " only.");
              });
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      telemetry.note("certificate-unreadable", why);
      out.println("There is no TLS until it is put right, or removed for another: " + why);
    }
  }

  /// Empty also where there is no TLS, which is told by then.
  Optional<Instant> firstExpiry() {
    try {
      return tls.firstExpiry();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// Whether somebody is known by a certificate.
  private static boolean asksClients(Settings settings) {
    return !settings.clientCertificate().isEmpty();
  }

  private List<KeyPairFile> files(Settings from) {
    List<KeyPairFile> files = new ArrayList<>();
    Optional<Path> configured = from.tls().certificate();
    Optional<KeyPairFile> obtained = acme.flatMap(AcmeCertificate::file);
    if (configured.isPresent()) {
      files.add(new KeyPairFile(configured.get(), from.tls().key().orElse(configured.get())));
    } else if (obtained.isPresent()) {
      files.add(obtained.get());
    } else if (from.certificate().isEmpty()) {
      files.add(
          SelfSigned.at(
              DataFolder.of(from).selfSigned(), List.of(Parts.hostname(from)), clock, random));
    }
    from.certificate()
        .forEach(c -> files.add(new KeyPairFile(c.certificate(), c.key().orElse(c.certificate()))));
    return files;
  }

  /// What is asked of an authority; empty when nothing is.
  private static Optional<AcmeSettings> acme(Settings settings) {
    Settings.Acme acme = settings.acme();
    if (!acme.agreeToTerms()) {
      return Optional.empty();
    }
    List<String> names = acme.domains().stream().map(DomainNames::ascii).toList();
    boolean http = acme.challenge() == Challenge.HTTP_01;
    List<ListenAddress> listen =
        acme.listen().isEmpty()
            ? List.of(new ListenAddress("", http ? HTTP_PORT : HTTPS_PORT))
            : acme.listen();
    return Optional.of(
        new AcmeSettings(
            URI.create(acme.directoryUrl()),
            names.isEmpty()
                ? List.of(DomainNames.ascii(new Domain(Parts.hostname(settings))))
                : names,
            acme.email().map(Mailbox::toString),
            http ? AcmeSettings.Proof.HTTP : AcmeSettings.Proof.TLS_ALPN,
            listen.stream().map(ListenAddress::socketAddress).toList(),
            acme.caCertificates(),
            acme.externalAccountKeyId()
                .flatMap(
                    id -> acme.externalAccountKey().map(key -> new AcmeSettings.Binding(id, key))),
            DataFolder.of(settings).acme().resolve(folderName(acme.directoryUrl()))));
  }

  /// An authority has a folder of its own: what another one has given, perhaps only to try, is
  /// nothing here.
  private static String folderName(String directoryUrl) {
    return directoryUrl
        .replaceFirst("^https://", "")
        .replaceAll("[^A-Za-z0-9.-]", "_")
        .replaceFirst("^\\.+", "_");
  }

  @Override
  public void close() {
    acme.ifPresent(AcmeCertificate::close);
  }
}
