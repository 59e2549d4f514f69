package org.depesche.config;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.depesche.directory.AccountFile;
import org.depesche.directory.DomainNames;
import org.depesche.directory.MailboxNames;
import org.depesche.directory.password.PasswordHash;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.routing.RelayTarget;
import org.depesche.routing.TlsUse;
import org.depesche.sasl.ScramVerifier;

/// Checks what no single value can show: that names are there once, and that what is pointed at
/// exists. Says nothing of tables that could not be read.
final class Consistency {

  private static final Pattern MODE = Pattern.compile("0?[0-7]{3}");
  private static final Pattern SEPARATOR = Pattern.compile("[!#$%&'*+/=?^_`{|}~.-]{0,8}");
  private static final Pattern PLACEHOLDERS = Pattern.compile("\\{(data-dir|domain|local)}");

  private final Settings settings;
  private final Map<String, Position> origins;
  private final Set<String> spoiled;
  private final List<Problem> problems;

  Consistency(Settings settings, Binder binder, List<Problem> problems) {
    this.settings = settings;
    this.origins = binder.origins();
    this.spoiled = binder.spoiled();
    this.problems = problems;
  }

  void check() {
    listeners();
    Map<String, String> domains = domains();
    Map<String, String> addresses = addresses(domains);
    if (!spoiled.contains("domain") && !spoiled.contains("account")) {
      catchAlls(domains, addresses);
    }
    relayDomains(domains);
    paths();
    new OtherPlaces(settings, spoiled, this::problem).check();
    security();
    if (!spoiled.contains("oauth")) {
      oauth();
    }
    if (!spoiled.contains("acme")) {
      acme();
    }
    if (settings.admin().address().socket().isPresent()) {
      problem("admin.address", "the HTTP API has an address and a port");
    }
    if (settings.queue().retry().isEmpty()) {
      problem("queue.retry", "a retry schedule has at least one wait");
    }
  }

  private void listeners() {
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < settings.listener().size(); i++) {
      ListenAddress address = settings.listener().get(i).address();
      if (address.socket().isPresent() && settings.listener().get(i).role() != Role.LMTP) {
        problem("listener[" + i + "].address", "only a listener with role lmtp has a socket");
      }
      if (!MODE.matcher(settings.listener().get(i).socketMode()).matches()) {
        problem("listener[" + i + "].socket-mode", "permissions are octal, such as \"0660\"");
      }
      if (settings.listener().get(i).role() == Role.LMTP
          && address.port() == RelayTarget.SMTP_PORT) {
        problem("listener[" + i + "].address", "LMTP is not for port 25 (RFC 2033 §5)");
      }
      if (address.port() != 0 || address.socket().isPresent()) {
        once(seen, address.toString(), "listener[" + i + "].address");
      }
    }
  }

  private Map<String, String> domains() {
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < settings.domain().size(); i++) {
      Settings.LocalDomain domain = settings.domain().get(i);
      String path = "domain[" + i + "].";
      if (!DomainNames.isValid(domain.name())) {
        problem(path + "name", domain.name() + " is no internationalized domain name (UTS #46)");
      }
      once(seen, DomainNames.ascii(domain.name()), path + "name");
      for (int j = 0; j < domain.aliases().size(); j++) {
        once(seen, DomainNames.ascii(domain.aliases().get(j)), path + "aliases[" + j + "]");
      }
      if (!SEPARATOR.matcher(domain.subaddressSeparator()).matches()) {
        problem(
            path + "subaddress-separator",
            "a separator is made of up to 8 characters such as + - or =, or empty");
      }
    }
    return seen;
  }

  private Map<String, String> addresses(Map<String, String> domains) {
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < settings.account().size(); i++) {
      Settings.Account account = settings.account().get(i);
      String path = "account[" + i + "]";
      address(seen, domains, account.address(), path + ".address");
      for (int j = 0; j < account.aliases().size(); j++) {
        address(seen, domains, account.aliases().get(j), path + ".aliases[" + j + "]");
      }
      if (account.scram().filter(text -> !ScramVerifier.areAll(text)).isPresent()) {
        problem(path + ".scram", "no SCRAM verifier (RFC 5803)");
      }
      for (int j = 0; j < account.sendAs().size(); j++) {
        if (!org.depesche.directory.Account.isGrant(account.sendAs().get(j))) {
          problem(path + ".send-as[" + j + "]", "an address, a domain with @ before it, or *");
        }
      }
      if (account.password().map(PasswordHash::parse).orElse(null)
          instanceof PasswordHash.Parsed.Unreadable(String reason)) {
        problem(
            path + ".password", reason + "; `depesche user add` keeps accounts with their hashes");
      }
    }
    for (int i = 0; i < settings.alias().size(); i++) {
      String path = "alias[" + i + "]";
      address(seen, domains, settings.alias().get(i).address(), path + ".address");
      if (settings.alias().get(i).to().isEmpty() && !spoiled.contains("alias")) {
        problem(path + ".to", "an alias leads somewhere");
      }
    }
    return seen;
  }

  private void address(
      Map<String, String> seen, Map<String, String> domains, Mailbox address, String path) {
    once(seen, MailboxNames.folded(main(address)), path);
    if (!spoiled.contains("domain") && !isLocal(domains, address) && !settings.asksOthers()) {
      problem(path, address + " is in no [[domain]] of this configuration");
    }
  }

  /// The address in its domain's own name.
  private Mailbox main(Mailbox address) {
    return settings.domain().stream()
        .filter(domain -> address.host() instanceof Domain host && isNamed(domain, host))
        .findFirst()
        .map(domain -> new Mailbox(address.localPart(), domain.name()))
        .orElse(address);
  }

  private static boolean isNamed(Settings.LocalDomain domain, Domain name) {
    String ascii = DomainNames.ascii(name);
    return domain.aliases().stream().anyMatch(other -> DomainNames.ascii(other).equals(ascii));
  }

  private boolean isLocal(Map<String, String> domains, Mailbox address) {
    return address.host() instanceof Domain domain
        && (settings.domain().isEmpty()
            ? domain.name().equals("localhost")
            : domains.containsKey(DomainNames.ascii(domain)));
  }

  private void catchAlls(Map<String, String> domains, Map<String, String> addresses) {
    for (int i = 0; i < settings.domain().size(); i++) {
      String path = "domain[" + i + "].catch-all";
      settings
          .domain()
          .get(i)
          .catchAll()
          .filter(target -> !addresses.containsKey(MailboxNames.folded(main(target))))
          .filter(_ -> !settings.asksOthers())
          .ifPresent(target -> catchAll(domains, target, path));
    }
  }

  private void catchAll(Map<String, String> domains, Mailbox target, String path) {
    if (!isLocal(domains, target)) {
      problem(path, target + " is in no [[domain]] of this configuration");
    } else if (!spoiled.contains("data-dir")
        && !made().contains(MailboxNames.folded(main(target)))) {
      problem(path, "no account or alias is named " + target);
    }
  }

  /// The addresses of accounts that commands have made. What is wrong with their file is for those
  /// to say who need it.
  private Set<String> made() {
    Set<String> made = new HashSet<>();
    try {
      new AccountFile(settings.accountFile())
          .read()
          .forEach(
              account -> {
                made.add(MailboxNames.folded(main(account.address())));
                account.aliases().forEach(a -> made.add(MailboxNames.folded(main(a))));
              });
    } catch (IOException e) {
      return made;
    }
    return made;
  }

  private void relayDomains(Map<String, String> domains) {
    for (int i = 0; i < settings.relayDomain().size(); i++) {
      Settings.RelayDomain domain = settings.relayDomain().get(i);
      String path = "relay-domain[" + i + "]";
      once(domains, DomainNames.ascii(domain.name()), path + ".name");
      for (int j = 0; j < domain.recipients().size(); j++) {
        Mailbox recipient = domain.recipients().get(j);
        if (!recipient.host().equals(domain.name())) {
          problem(path + ".recipients[" + j + "]", recipient + " is not in " + domain.name());
        }
      }
    }
  }

  private void security() {
    if (settings.tls().certificate().isEmpty() && settings.tls().key().isPresent()) {
      problem("tls.key", "a key without tls.certificate");
    }
    for (int i = 0; i < settings.auth().mechanisms().size(); i++) {
      switch (settings.auth().mechanisms().get(i)) {
        case OAUTHBEARER, XOAUTH2 -> {
          if (!settings.oauth().isConfigured() && !spoiled.contains("oauth")) {
            problem("auth.mechanisms[" + i + "]", "tokens need [oauth], which says whose");
          }
        }
        case EXTERNAL -> {
          if (settings.clientCertificate().stream().allMatch(c -> c.account().isEmpty())) {
            problem(
                "auth.mechanisms[" + i + "]",
                "EXTERNAL needs a [[client-certificate]] with an account");
          }
        }
        case SCRAM_SHA_1, SCRAM_SHA_1_PLUS, SCRAM_SHA_256_PLUS, SCRAM_SHA_256, PLAIN, LOGIN -> {}
      }
    }
    clientCertificates();
    Map<RelayTarget, Optional<TlsUse>> known = new HashMap<>();
    for (int i = 0; i < settings.route().size(); i++) {
      Settings.Route route = settings.route().get(i);
      Optional<TlsUse> before = known.putIfAbsent(route.to(), route.tls());
      if (before != null && !before.equals(route.tls())) {
        problem("route[" + i + "].tls", "another route to " + route.to() + " says otherwise");
      }
    }
  }

  private void clientCertificates() {
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < settings.clientCertificate().size(); i++) {
      Settings.ClientCertificate each = settings.clientCertificate().get(i);
      once(seen, each.fingerprint().hex(), "client-certificate[" + i + "].fingerprint");
      if (each.account().isEmpty() && !each.relay()) {
        problem("client-certificate[" + i + "]", "say whose it is: account, or relay = true");
      }
    }
  }

  private void oauth() {
    Settings.OAuth oauth = settings.oauth();
    long ways =
        Stream.of(oauth.jwksUrl(), oauth.jwksFile(), oauth.introspectionUrl())
            .filter(Optional::isPresent)
            .count();
    boolean keys = oauth.jwksUrl().isPresent() || oauth.jwksFile().isPresent();
    if (ways > 1) {
      problem("oauth", "one of jwks-url, jwks-file and introspection-url says how to check tokens");
    } else if (ways == 0 && (oauth.issuer().isPresent() || oauth.audience().isPresent())) {
      problem("oauth", "jwks-url, jwks-file or introspection-url is missing");
    } else if (keys && (oauth.issuer().isEmpty() || oauth.audience().isEmpty())) {
      problem("oauth", "issuer and audience are missing; any token of the provider would do");
    } else if (oauth.introspectionUrl().isPresent()
        && (oauth.clientId().isEmpty() || oauth.clientSecretFile().isEmpty())) {
      problem("oauth", "introspection-url needs client-id and client-secret-file (RFC 7662 §2.1)");
    }
    oauth.jwksUrl().ifPresent(url -> secureUrl("oauth.jwks-url", url));
    oauth.introspectionUrl().ifPresent(url -> secureUrl("oauth.introspection-url", url));
  }

  /// RFC 7662 §4: tokens and keys go over TLS, or stay on this machine.
  private void secureUrl(String path, String text) {
    try {
      URI url = new URI(text);
      String host = String.valueOf(url.getHost());
      boolean here = Set.of("127.0.0.1", "[::1]", "localhost").contains(host);
      if (url.getHost() == null
          || !("https".equals(url.getScheme()) || here && "http".equals(url.getScheme()))) {
        problem(path, "an https address, or http on this machine");
      }
    } catch (URISyntaxException _) {
      problem(path, "an https address, or http on this machine");
    }
  }

  private void acme() {
    Settings.Acme acme = settings.acme();
    if (!acme.agreeToTerms()) {
      boolean wanted =
          !acme.domains().isEmpty()
              || !acme.listen().isEmpty()
              || acme.email().isPresent()
              || acme.caCertificates().isPresent()
              || acme.externalAccountKeyId().isPresent();
      if (wanted) {
        problem(
            origins.containsKey("acme.agree-to-terms") ? "acme.agree-to-terms" : "acme",
            "no certificate is had without acme.agree-to-terms = true, by which you agree to the"
                + " terms of service of "
                + acme.directoryUrl());
      }
      return;
    }
    if (settings.tls().certificate().isPresent()) {
      problem("acme", "tls.certificate is set already; take one of the two out");
    }
    if (acme.domains().isEmpty() && settings.hostname().isEmpty()) {
      problem("acme", "say in acme.domains or by hostname which names the certificate is for");
    }
    if (!isHttps(acme.directoryUrl())) {
      problem("acme.directory-url", "an authority has an address that begins with https://");
    }
    if (acme.externalAccountKeyId().isPresent() != acme.externalAccountKey().isPresent()) {
      problem(
          "acme."
              + (acme.externalAccountKey().isPresent()
                  ? "external-account-key"
                  : "external-account-key-id"),
          "external-account-key-id and external-account-key go together");
    }
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < acme.domains().size(); i++) {
      once(seen, DomainNames.ascii(acme.domains().get(i)), "acme.domains[" + i + "]");
    }
  }

  private static boolean isHttps(String url) {
    try {
      URI uri = new URI(url);
      return "https".equals(uri.getScheme()) && uri.getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private void paths() {
    if (settings.dataDir().toString().matches("(?s).*[{}].*")) {
      problem("data-dir", "a path with braces cannot stand for {data-dir}");
    }
    String path = settings.mailboxes().path();
    if (!path.contains("{local}")) {
      problem("mailboxes.path", "without {local} all accounts would share one mailbox");
    }
    if (settings.domain().size() > 1 && !path.contains("{domain}")) {
      problem("mailboxes.path", "with several domains it needs {domain}");
    }
    template("mailboxes.path", path, "{data-dir}, {domain} and {local}");
    String log = settings.log().mail();
    if (log.isBlank()) {
      problem("log.mail", "a file, or - for standard output");
    }
    template("log.mail", log.replaceAll("\\{(domain|local)}", "{}"), "{data-dir}");
  }

  private void template(String key, String path, String known) {
    String rest = PLACEHOLDERS.matcher(path).replaceAll("");
    if (rest.contains("{") || rest.contains("}")) {
      problem(key, "only " + known + " can stand in braces");
    }
    if (rest.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      problem(key, "a path has no control characters");
    }
  }

  private void once(Map<String, String> seen, String name, String path) {
    String before = seen.putIfAbsent(name, path);
    if (before != null) {
      problem(path, name + " is there already, at " + at(before));
    }
  }

  private void problem(String path, String message) {
    problems.add(new Problem(at(path), path + ": " + message));
  }

  /// Where a value came from; a default is judged where there is no file.
  private Position at(String path) {
    return origins.getOrDefault(path, new Position("default", 0, 0));
  }
}
