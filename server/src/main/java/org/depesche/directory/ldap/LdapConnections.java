package org.depesche.directory.ldap;

import com.unboundid.ldap.sdk.BindRequest;
import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPConnectionPool;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.PostConnectProcessor;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.SingleServerSet;
import com.unboundid.ldap.sdk.StartTLSPostConnectProcessor;
import com.unboundid.util.ssl.HostNameSSLSocketVerifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.depesche.directory.UnavailableException;
import org.jspecify.annotations.Nullable;

/// Connections to a server: some that search, as who is configured, and others on which those log
/// in whose passwords are checked. None is made before it is needed, so that a server that is away
/// at a start is asked again with each question.
final class LdapConnections implements AutoCloseable {

  /// Octets of one answer.
  private static final int MAX_MESSAGE = 8 << 20;

  /// A connection does not stay with one of several servers behind a name for ever.
  private static final Duration MAX_AGE = Duration.ofMinutes(30);

  /// What the library adds to messages of itself.
  private static final Pattern VERSION = Pattern.compile(", ldapSDKVersion=[^,)]*, revision=\\w*");

  private final LdapSettings settings;
  private final LDAPConnectionPool searching;
  private final LDAPConnectionPool binding;
  private final Semaphore searches;
  private final Semaphore binds;

  private interface Operation<T> {
    T run() throws LDAPException;
  }

  /// @throws IOException when the certificates to trust cannot be read
  LdapConnections(LdapSettings settings) throws IOException {
    this.settings = settings;
    this.searches = new Semaphore(settings.connections());
    this.binds = new Semaphore(settings.connections());
    SSLContext tls = trusting(settings.caCertificates());
    // A name with an empty password is refused by the library: it would log nobody in (RFC 4513
    // §5.1.2).
    BindRequest identity =
        settings.bindDn().isPresent()
            ? new SimpleBindRequest(settings.bindDn().get(), settings.password().orElse(""))
            : null;
    try {
      this.searching = pool(tls, identity);
      this.binding = pool(tls, null);
    } catch (LDAPException e) {
      throw new IOException(settings + ": " + e.getMessage(), e);
    }
  }

  private LDAPConnectionPool pool(SSLContext tls, @Nullable BindRequest identity)
      throws LDAPException {
    LdapServer server = settings.server();
    LDAPConnectionOptions options = new LDAPConnectionOptions();
    options.setConnectTimeoutMillis(millis());
    options.setResponseTimeoutMillis(millis());
    options.setAbandonOnTimeout(true);
    // A referral would have us show a password to whomever the server names.
    options.setFollowReferrals(false);
    options.setMaxMessageSize(MAX_MESSAGE);
    // One operation at a time, read by the thread that waits for it.
    options.setUseSynchronousMode(true);
    // RFC 4513 §3.1.3: the name in the certificate is that of the server we meant.
    options.setSSLSocketVerifier(new HostNameSSLSocketVerifier(true));
    SocketFactory sockets = server.isTls() ? tls.getSocketFactory() : SocketFactory.getDefault();
    PostConnectProcessor startTls =
        settings.startTls() && !server.isTls() ? new StartTLSPostConnectProcessor(tls) : null;
    LDAPConnectionPool pool =
        new LDAPConnectionPool(
            new SingleServerSet(server.host(), server.port(), sockets, options),
            identity,
            0,
            settings.connections(),
            startTls);
    pool.setCreateIfNecessary(true);
    pool.setMaxConnectionAgeMillis(MAX_AGE.toMillis());
    // A connection that has died while nobody used it is not yet a server that is away.
    pool.setRetryFailedOperationsDueToInvalidConnections(true);
    return pool;
  }

  private int millis() {
    return Math.toIntExact(settings.timeout().toMillis());
  }

  private static SSLContext trusting(Optional<Path> certificates) throws IOException {
    try {
      KeyStore trusted = null;
      if (certificates.isPresent()) {
        trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (Certificate each : read(certificates.get())) {
          trusted.setCertificateEntry("ca-" + trusted.size(), each);
        }
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Collection<? extends Certificate> read(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (found.isEmpty()) {
        throw new IOException(file + " has no certificate");
      }
      return found;
    }
  }

  /// Entries below the base.
  ///
  /// @param limit entries there may be
  List<SearchResultEntry> search(Filter filter, int limit, String... attributes)
      throws UnavailableException {
    return search(settings.base().text(), SearchScope.SUB, filter, limit, attributes);
  }

  /// The entry of this name; empty when there is none.
  Optional<SearchResultEntry> entry(String name, String... attributes) throws UnavailableException {
    return search(name, SearchScope.BASE, Filter.createPresenceFilter("objectClass"), 1, attributes)
        .stream()
        .findFirst();
  }

  private List<SearchResultEntry> search(
      String base, SearchScope scope, Filter filter, int limit, String... attributes)
      throws UnavailableException {
    SearchRequest request =
        new SearchRequest(
            base,
            scope,
            DereferencePolicy.NEVER,
            limit,
            (int) Math.max(1, settings.timeout().toSeconds()),
            false,
            filter,
            attributes);
    try {
      // References to other servers that come with the entries are left alone.
      return limited(
          searches,
          () ->
              Objects.requireNonNullElse(searching.search(request).getSearchEntries(), List.of()));
    } catch (LDAPException e) {
      // RFC 4511 §4.5.2: no such entry, asked for by its name. For the base of everything it is
      // an error: nobody is unknown because a setting is wrong.
      if (scope.equals(SearchScope.BASE) && e.getResultCode().equals(ResultCode.NO_SUCH_OBJECT)) {
        return List.of();
      }
      if (e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) {
        throw UnavailableException.ofEntry(
            settings + ": more than " + limit + " entries for " + filter);
      }
      throw away(e);
    }
  }

  /// Whether this is the password of the entry of this name.
  boolean matches(String name, byte[] password) throws UnavailableException {
    // RFC 4513 §5.1.1, §5.1.2: without a name or a password the server says success and has
    // checked nothing.
    if (name.isEmpty() || password.length == 0) {
      return false;
    }
    try {
      SimpleBindRequest request = new SimpleBindRequest(name, password);
      return limited(binds, () -> binding.bind(request).getResultCode().equals(ResultCode.SUCCESS));
    } catch (LDAPException e) {
      if (isRefusal(e.getResultCode())) {
        return false;
      }
      throw away(e);
    }
  }

  /// What servers say of passwords that are wrong or missing, and of accounts that are locked.
  private static boolean isRefusal(ResultCode code) {
    return code.equals(ResultCode.INVALID_CREDENTIALS)
        || code.equals(ResultCode.INAPPROPRIATE_AUTHENTICATION)
        || code.equals(ResultCode.INSUFFICIENT_ACCESS_RIGHTS)
        || code.equals(ResultCode.CONSTRAINT_VIOLATION)
        || code.equals(ResultCode.UNWILLING_TO_PERFORM)
        || code.equals(ResultCode.NO_SUCH_OBJECT);
  }

  private <T> T limited(Semaphore permits, Operation<T> operation)
      throws LDAPException, UnavailableException {
    try {
      if (!permits.tryAcquire(millis(), TimeUnit.MILLISECONDS)) {
        throw new UnavailableException(settings + ": all connections are busy");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException(settings + ": interrupted", e);
    }
    try {
      return operation.run();
    } finally {
      permits.release();
    }
  }

  private UnavailableException away(LDAPException e) {
    String message = VERSION.matcher(String.valueOf(e.getMessage())).replaceAll("");
    return new UnavailableException(
        settings + ": " + e.getResultCode().getName() + ": " + message, e);
  }

  @Override
  public void close() {
    searching.close();
    binding.close();
  }
}
