package org.depesche.tls.acme;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.depesche.time.Ticker;
import org.depesche.tls.Pem;
import org.shredzone.acme4j.Account;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;
import org.shredzone.acme4j.util.KeyPairUtils;

/// What is said to an authority: account, order, proof of each name, certificate (RFC 8555 §7.1).
final class AcmeDialogue implements Authority {

  private static final Duration ANSWER = Duration.ofSeconds(30);

  /// How long the authority may take to look at our proof, or to make the certificate.
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final int RSA_BITS = 2048;

  /// Characters of what somebody else says that go into a log.
  private static final int MAX_WORDS = 500;

  private final AcmeSettings settings;
  private final AcmeFolder folder;
  private final Ticker ticker;
  private final SecureRandom random;

  AcmeDialogue(AcmeSettings settings, Ticker ticker, SecureRandom random) {
    this.settings = settings;
    this.folder = new AcmeFolder(settings.folder());
    this.ticker = ticker;
    this.random = random;
  }

  @Override
  public String certify() throws AcmeTrouble, InterruptedException {
    try {
      Session session = new Session(settings.directory(), provider());
      session.networkSettings().setTimeout(ANSWER);
      try {
        return certify(login(session));
      } finally {
        session.getHttpClient().shutdownNow();
      }
    } catch (AcmeRateLimitedException e) {
      throw new AcmeTrouble(words(e), e.getRetryAfter());
    } catch (AcmeException | IOException | GeneralSecurityException e) {
      throw new AcmeTrouble(words(e));
    } catch (RuntimeException e) {
      // The library answers nonsense of the authority with exceptions of many kinds.
      throw new AcmeTrouble(words(e));
    }
  }

  private static String words(Exception e) {
    String words = String.valueOf(e.getMessage());
    Throwable cause = e.getCause();
    if (cause != null && !words.contains(String.valueOf(cause.getMessage()))) {
      words +=
          ": " + (cause.getMessage() == null ? cause.getClass().getName() : cause.getMessage());
    }
    return words.length() > MAX_WORDS ? words.substring(0, MAX_WORDS) + "..." : words;
  }

  /// The account of our key; made when the authority does not know it (RFC 8555 §7.3.1).
  private Login login(Session session) throws AcmeException, IOException, GeneralSecurityException {
    AccountBuilder builder = new AccountBuilder().agreeToTermsOfService().useKeyPair(accountKey());
    settings.email().ifPresent(builder::addEmail);
    if (settings.binding().isPresent()) {
      AcmeSettings.Binding binding = settings.binding().get();
      builder.withKeyIdentifier(binding.keyId(), Files.readString(binding.key()).strip());
    }
    Login login = builder.createLogin(session);
    if (settings.email().isPresent()) {
      write(login.getAccount(), settings.email().get());
    }
    return login;
  }

  /// RFC 8555 §7.3.2: an account that is there keeps its contacts until it is told others.
  private static void write(Account account, String email) throws AcmeException {
    String contact = "mailto:" + email;
    if (account.getContacts().stream().noneMatch(c -> c.toString().equals(contact))) {
      Account.EditableAccount edit = account.modify();
      edit.getContacts().clear();
      edit.addContact(contact).commit();
    }
  }

  private KeyPair accountKey() throws IOException, GeneralSecurityException {
    Path file = folder.account();
    if (!Files.exists(file)) {
      // In PEM an RSA key has its public half with it, one on a curve of the JDK has not.
      folder.write(file, pem(rsaKey()));
    }
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
      return KeyPairUtils.readKeyPair(reader);
    }
  }

  private static String pem(KeyPair key) throws IOException {
    StringWriter text = new StringWriter();
    KeyPairUtils.writeKeyPair(key, text);
    return text.toString();
  }

  private KeyPair rsaKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(RSA_BITS, random);
    return generator.generateKeyPair();
  }

  private KeyPair ecKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }

  private String certify(Login login)
      throws AcmeException,
          AcmeTrouble,
          IOException,
          GeneralSecurityException,
          InterruptedException {
    Order order = login.newOrder().domains(settings.names()).create();
    prove(order);
    if (order.waitUntilReady(PATIENCE) == Status.INVALID) {
      throw new AcmeTrouble("the order was refused: " + problem(order.getError()));
    }
    KeyPair key = ecKey();
    order.execute(key);
    if (order.waitForCompletion(PATIENCE) != Status.VALID) {
      throw new AcmeTrouble("no certificate was made: " + problem(order.getError()));
    }
    StringWriter text = new StringWriter();
    order.getCertificate().writeCertificate(text);
    return text + Pem.of("PRIVATE KEY", key.getPrivate().getEncoded());
  }

  /// What the authority wants to see for one name.
  private record Proof(Authorization authorization, Challenge challenge, Answer answer) {}

  private void prove(Order order)
      throws AcmeException,
          AcmeTrouble,
          IOException,
          GeneralSecurityException,
          InterruptedException {
    List<Proof> proofs = new ArrayList<>();
    for (Authorization each : order.getAuthorizations()) {
      // RFC 8555 §7.1.4: what was proven lately need not be again.
      if (each.getStatus() != Status.VALID) {
        proofs.add(proof(each));
      }
    }
    if (proofs.isEmpty()) {
      return;
    }
    try (ChallengeServer server = ChallengeServer.open(settings.listen(), dialogue(proofs))) {
      // RFC 8555 §7.5.1: told only when everything is there to be looked at.
      for (Proof proof : proofs) {
        proof.challenge().trigger();
      }
      for (Proof proof : proofs) {
        if (proof.authorization().waitForCompletion(PATIENCE) != Status.VALID) {
          throw new AcmeTrouble(refusal(proof, server));
        }
      }
    }
  }

  private static String refusal(Proof proof, ChallengeServer server) throws AcmeException {
    proof.challenge().fetch();
    return "%s was not proven to be ours (%s, looked for at %s): %s"
        .formatted(
            proof.authorization().getIdentifier().getValue(),
            proof.challenge().getType(),
            server.addresses(),
            problem(proof.challenge().getError()));
  }

  private Proof proof(Authorization authorization) throws AcmeTrouble, GeneralSecurityException {
    String name = authorization.getIdentifier().getValue();
    return switch (settings.proof()) {
      case HTTP -> {
        Http01Challenge challenge =
            authorization
                .findChallenge(Http01Challenge.class)
                .orElseThrow(() -> unknown(Http01Challenge.TYPE, name));
        yield new Proof(
            authorization,
            challenge,
            new Answer.Page(challenge.getToken(), challenge.getAuthorization()));
      }
      case TLS_ALPN -> {
        TlsAlpn01Challenge challenge =
            authorization
                .findChallenge(TlsAlpn01Challenge.class)
                .orElseThrow(() -> unknown(TlsAlpn01Challenge.TYPE, name));
        KeyPair key = rsaKey();
        yield new Proof(
            authorization,
            challenge,
            new Answer.Certificate(
                name,
                challenge.createCertificate(key, authorization.getIdentifier()),
                key.getPrivate()));
      }
    };
  }

  private static AcmeTrouble unknown(String type, String name) {
    return new AcmeTrouble("the authority offers no " + type + " for " + name);
  }

  private ChallengeServer.Dialogue dialogue(List<Proof> proofs) throws IOException {
    List<Answer> answers = proofs.stream().map(Proof::answer).toList();
    return switch (settings.proof()) {
      case HTTP -> new PageDialogue(only(Answer.Page.class, answers));
      case TLS_ALPN -> new CertificateDialogue(only(Answer.Certificate.class, answers), ticker);
    };
  }

  private static <T> List<T> only(Class<T> type, List<Answer> answers) {
    return answers.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static String problem(Optional<Problem> problem) {
    String words = problem.map(Problem::toString).orElse("the authority does not say why");
    return words.length() > MAX_WORDS ? words.substring(0, MAX_WORDS) + "..." : words;
  }

  private GenericAcmeProvider provider() throws IOException, GeneralSecurityException {
    if (settings.trusted().isEmpty()) {
      return new GenericAcmeProvider();
    }
    SSLContext context = trusting(settings.trusted().get());
    return new GenericAcmeProvider() {
      @Override
      public HttpClient createHttpClient(NetworkSettings network) {
        return HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(network.getTimeout())
            .proxy(network.getProxySelector())
            .sslContext(context)
            .build();
      }
    };
  }

  private static SSLContext trusting(Path pem) throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(pem)) {
      for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry(String.valueOf(trusted.size()), certificate);
      }
    }
    if (trusted.size() == 0) {
      throw new IOException(pem + " has no certificate");
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
