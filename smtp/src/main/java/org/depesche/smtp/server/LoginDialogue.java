package org.depesche.smtp.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.depesche.mail.Reply;
import org.depesche.net.TlsDetails;
import org.depesche.sasl.Channel;
import org.depesche.sasl.ChannelBinding;
import org.depesche.sasl.Mechanism;
import org.depesche.sasl.SaslServer;
import org.depesche.sasl.SaslStep;

/// The AUTH command and what follows it until the client is known or is not (RFC 4954 §4).
final class LoginDialogue {

  /// RFC 4954 §4: longest line of an exchange, CRLF included.
  static final int MAX_LINE_OCTETS = 12_288;

  private static final Reply SUCCEEDED = Reply.of(235, "2.7.0", "Authentication succeeded");
  private static final Reply NO_SUCH_MECHANISM =
      Reply.of(504, "5.5.4", "Unrecognized authentication type");
  private static final Reply NEEDS_TLS =
      Reply.of(538, "5.7.11", "Encryption required for requested authentication mechanism");
  private static final Reply NOT_BASE64 = Reply.of(501, "5.5.2", "Cannot decode base64");
  private static final Reply LINE_TOO_LONG =
      Reply.of(500, "5.5.6", "Authentication exchange line is too long");
  private static final Reply CANCELLED = Reply.of(501, "5.7.0", "Authentication cancelled");
  private static final Reply MALFORMED =
      Reply.of(501, "5.5.2", "Authentication response not understood");
  private static final Reply BAD_CREDENTIALS =
      Reply.of(535, "5.7.8", "Authentication credentials invalid");
  private static final Reply TEMPORARY = Reply.of(454, "4.7.0", "Temporary authentication failure");

  /// How it ended.
  sealed interface Outcome {}

  /// @param identity as whom the client acts
  /// @param credential which of several it has used; empty for the usual one
  record Succeeded(String identity, String credential, Reply reply) implements Outcome {}

  /// @param reason for logs
  record Refused(Reply reply, String reason) implements Outcome {}

  /// The input has ended, or makes no sense as lines.
  record Broken() implements Outcome {}

  private final Security.Login login;
  private final SessionInput input;
  private final Answers answers;

  LoginDialogue(Security.Login login, SessionInput input, Answers answers) {
    this.login = login;
    this.input = input;
    this.answers = answers;
  }

  /// What this client is offered now.
  static Set<Mechanism> offered(Security.Login login, Client client) {
    return Mechanism.offered(channel(login, client), login.allowed());
  }

  private static Channel channel(Security.Login login, Client client) {
    if (client.tls().isEmpty()) {
      return login.openFor().apply(client) ? Channel.SECURE : Channel.OPEN;
    }
    TlsDetails tls = client.tls().get();
    List<ChannelBinding> bindings = new ArrayList<>();
    // RFC 9266 §4.2: without TLS 1.3 the exporter may not be unique.
    if (tls.protocol().equals("TLSv1.3")) {
      byte[] key = tls.exporter().export("EXPORTER-Channel-Binding", 32);
      if (key.length > 0) {
        bindings.add(new ChannelBinding(ChannelBinding.TLS_EXPORTER, key));
      }
    }
    if (!tls.own().isEmpty() && tls.own().getFirst() instanceof X509Certificate own) {
      ChannelBinding.serverEndPoint(own).ifPresent(bindings::add);
    }
    return new Channel(true, bindings, login.identity().apply(tls.peer()));
  }

  /// Runs an exchange.
  ///
  /// @param initial what stood behind the mechanism: base64, `=` for an empty response
  Outcome run(Client client, String mechanism, Optional<String> initial) throws IOException {
    Set<Mechanism> offered = offered(login, client);
    LoginAttempt attempt = login.attempts().apply(client);
    Optional<SaslServer> exchange =
        SaslServer.of(
            mechanism,
            new SaslServer.Terms(
                attempt,
                channel(login, client),
                offered,
                login.decoys(),
                login.oauth(),
                login.random()));
    if (exchange.isEmpty()) {
      boolean withTls =
          client.tls().isEmpty()
              && Mechanism.named(mechanism).filter(login.allowed()::contains).isPresent();
      return withTls
          ? new Refused(NEEDS_TLS, mechanism + " without TLS")
          : new Refused(NO_SUCH_MECHANISM, "mechanism not offered: " + mechanism);
    }
    Optional<byte[]> first = Optional.empty();
    if (initial.isPresent()) {
      first = initial.get().equals("=") ? Optional.of(new byte[0]) : decoded(initial.get());
      if (first.isEmpty()) {
        return new Refused(NOT_BASE64, "no base64 behind AUTH");
      }
    }
    return converse(exchange.get(), exchange.get().begin(first), attempt);
  }

  private Outcome converse(SaslServer exchange, SaslStep first, LoginAttempt attempt)
      throws IOException {
    SaslStep step = first;
    while (step instanceof SaslStep.Challenge(byte[] data)) {
      answers.answer(Reply.plain(334, Base64.getEncoder().encodeToString(data)));
      answers.flush();
      switch (input.readLine(MAX_LINE_OCTETS)) {
        case COMPLETE -> {
          String line = input.lineText();
          if (line.equals("*")) {
            step = exchange.abort();
          } else {
            Optional<byte[]> response = decoded(line);
            if (response.isEmpty()) {
              return new Refused(NOT_BASE64, "no base64 in an exchange");
            }
            step = exchange.respond(response.get());
          }
        }
        case TOO_LONG -> {
          return input.skipLine(MAX_LINE_OCTETS * 8L) == SessionInput.Line.COMPLETE
              ? new Refused(LINE_TOO_LONG, "a line of an exchange too long")
              : new Broken();
        }
        case BARE_LF, ENDED -> {
          return new Broken();
        }
      }
    }
    return switch (step) {
      case SaslStep.Done(_, var authorizationId) -> {
        attempt.ended(true);
        yield new Succeeded(authorizationId, attempt.credential(), SUCCEEDED);
      }
      case SaslStep.Failed failed -> {
        if (isWrong(failed)) {
          attempt.ended(false);
        }
        yield new Refused(reply(failed), failed.reason());
      }
      case SaslStep.Challenge _ -> throw new IllegalStateException("the exchange goes on");
    };
  }

  /// True when the client has answered, and wrongly.
  private static boolean isWrong(SaslStep.Failed failed) {
    return switch (failed.kind()) {
      case BAD_CREDENTIALS, CHANNEL_BINDING, AUTHORIZATION -> true;
      case MALFORMED, ABORTED, TEMPORARY, SERVER_NOT_PROVEN -> false;
    };
  }

  /// RFC 4954 §4 and §6. Why credentials are no good is nobody's business but the log's.
  private static Reply reply(SaslStep.Failed failed) {
    return switch (failed.kind()) {
      case MALFORMED -> MALFORMED;
      case ABORTED -> CANCELLED;
      case TEMPORARY -> TEMPORARY;
      case BAD_CREDENTIALS, CHANNEL_BINDING, AUTHORIZATION, SERVER_NOT_PROVEN -> BAD_CREDENTIALS;
    };
  }

  private static Optional<byte[]> decoded(String base64) {
    try {
      return Optional.of(Base64.getDecoder().decode(base64.getBytes(US_ASCII)));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
