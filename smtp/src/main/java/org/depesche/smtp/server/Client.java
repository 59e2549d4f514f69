package org.depesche.smtp.server;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;
import org.depesche.net.TlsDetails;
import org.depesche.smtp.StatedClient;

/// Who is talking to us, as far as the session knows by now.
///
/// @param sessionId names the session in logs
/// @param listener the role's name, such as `mx`
/// @param remote the peer's address; over a Unix domain socket the loopback address without a port
/// @param local our end
/// @param connectedAt when the connection was accepted
/// @param helo the argument of HELO or EHLO; empty before it
/// @param tls what TLS came to; empty without it
/// @param login as whom the client has logged in; empty when it has not
/// @param credential which of several credentials it has used; empty for the usual one
/// @param mode what was spoken last
public record Client(
    String sessionId,
    String listener,
    InetSocketAddress remote,
    InetSocketAddress local,
    Instant connectedAt,
    String helo,
    Optional<TlsDetails> tls,
    String login,
    String credential,
    Mode mode) {

  /// The dialects of RFC 3848 and RFC 6531 §4.3 without what TLS and AUTH add.
  public enum Mode {
    SMTP,
    ESMTP,
    UTF8SMTP,
    LMTP,
    UTF8LMTP
  }

  /// A client nothing is known of but where it is.
  public Client(
      String sessionId,
      String listener,
      InetSocketAddress remote,
      InetSocketAddress local,
      Instant connectedAt) {
    this(sessionId, listener, remote, local, connectedAt, "", Optional.empty(), "", "", Mode.SMTP);
  }

  /// The value of the Received field's `with` clause (RFC 3848, RFC 6531 §4.3).
  public String protocol() {
    return mode == Mode.SMTP
        ? "SMTP"
        : mode + (tls.isPresent() ? "S" : "") + (login.isEmpty() ? "" : "A");
  }

  /// Whether the client has come over a socket of this machine.
  public boolean isOfThisMachine() {
    return remote.getPort() == 0 && remote.getAddress().isLoopbackAddress();
  }

  /// What TLS came to, with the beginning of the fingerprint of the client's certificate; empty
  /// without TLS.
  public Optional<String> tlsWords() {
    return tls.map(
        details ->
            details
                + details
                    .peerFingerprint()
                    .map(print -> " client certificate " + print.substring(0, 16))
                    .orElse(""));
  }

  /// The client has said its name.
  public Client named(String name, Mode spoken) {
    return new Client(
        sessionId, listener, remote, local, connectedAt, name, tls, login, credential, spoken);
  }

  /// The client is behind a balancer.
  Client between(InetSocketAddress client, InetSocketAddress server) {
    return new Client(sessionId, listener, client, server, connectedAt);
  }

  /// The client is another, for which the one we knew speaks; its session begins.
  Client standingFor(StatedClient stated) {
    return new Client(
        sessionId,
        listener,
        new InetSocketAddress(
            stated.address().orElse(remote.getAddress()), stated.port().orElse(remote.getPort())),
        new InetSocketAddress(
            stated.toAddress().orElse(local.getAddress()), stated.toPort().orElse(local.getPort())),
        connectedAt,
        stated.helo().orElse(""),
        tls,
        stated.login().orElse(login),
        stated.login().isPresent() ? "" : credential,
        Mode.SMTP);
  }

  Client in(Mode spoken) {
    return named(helo, spoken);
  }

  /// RFC 3207 §4.2: what was known before is forgotten.
  Client secured(TlsDetails details) {
    return new Client(
        sessionId,
        listener,
        remote,
        local,
        connectedAt,
        "",
        Optional.of(details),
        "",
        "",
        Mode.SMTP);
  }

  /// The client has logged in.
  public Client authenticated(String identity) {
    return authenticated(identity, "");
  }

  /// The client has logged in with one of several credentials of an account.
  public Client authenticated(String identity, String used) {
    return new Client(
        sessionId, listener, remote, local, connectedAt, helo, tls, identity, used, mode);
  }
}
