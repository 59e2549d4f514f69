package org.depesche.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.depesche.directory.dovecot.DovecotAddress;
import org.depesche.directory.ldap.DistinguishedName;
import org.depesche.directory.ldap.LdapServer;
import org.depesche.directory.ldap.SearchFilter;
import org.depesche.directory.sql.Query;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.policy.Network;
import org.depesche.routing.RelayTarget;
import org.depesche.routing.TlsUse;
import org.depesche.sasl.Mechanism;

/// The whole configuration. The shape of these records is the shape of the file: a component is a
/// key, in kebab-case.
public record Settings(
    @Doc(
            value =
                "Our name: in the greeting, in trace headers, as the EHLO name. Without it the"
                    + " machine's name, if that is a full domain name, else localhost.",
            example = "\"mx.example.org\"")
        Optional<Domain> hostname,
    @Default("depesche-data")
        @Doc(
            "Where everything lives that is not configuration: spool, mailboxes, accounts,"
                + " history.")
        Path dataDir,
    @Doc(
            "Where to listen. Without one: 127.0.0.1:2525 (mx), 127.0.0.1:2587 (submission) and"
                + " 127.0.0.1:2465 (submissions).")
        List<Listener> listener,
    @Doc("Encryption. Without a certificate a self-signed one is made at the first start.") Tls tls,
    @Doc("More certificates, for clients that ask for other names (SNI).")
        List<Certificate> certificate,
    @Doc(
            "A certificate from an authority such as Let's Encrypt (RFC 8555): obtained after the"
                + " start, renewed when a third of its life is left. Off without this table.")
        Acme acme,
    @Doc(
            "Clients known by the certificates they show. With any here, clients are asked for one"
                + " in the handshake; it may be signed by whoever it is.")
        List<ClientCertificate> clientCertificate,
    @Doc("Logging in.") Auth auth,
    @Doc(
            "Logging in with tokens of an OAuth 2.0 provider (OAUTHBEARER, XOAUTH2), as RFC 7628"
                + " has it.")
        OAuth oauth,
    @Doc("Mail of those who have logged in.") Submission submission,
    @Doc("Domains whose mail ends here. Without one: localhost.") List<LocalDomain> domain,
    @Doc("Where mail is delivered.") Mailboxes mailboxes,
    @Doc("Accounts. More can be made with `depesche user add`.") List<Account> account,
    @Doc("Addresses that stand for one or several others.") List<Alias> alias,
    @Doc(
            "Databases with domains, accounts and aliases beside those of this file; asked in this"
                + " order for what is not found before.")
        List<Sql> sql,
    @Doc(
            "Servers that speak LDAP, asked after the databases in the same way: OpenLDAP, Active"
                + " Directory and others.")
        List<Ldap> ldap,
    @Doc(
            "A Dovecot that keeps accounts and passwords, asked last. It knows no domains and no"
                + " aliases.")
        List<Dovecot> dovecot,
    @Doc("Who lives here: what holds wherever it is kept.") Directory directory,
    @Doc("Whose mail to anywhere is taken. Nobody's, unless it says so here.") Relay relay,
    @Doc("Domains whose mail is taken from everybody and handed on, as a backup MX does.")
        List<RelayDomain> relayDomain,
    @Doc("Next hops that are not found by MX; the first that matches counts.") List<Route> route,
    @Doc("Sending to other servers.") Delivery delivery,
    @Doc("Finding other servers.") Dns dns,
    @Doc("Trying again.") Queue queue,
    @Doc("What clients may take.") Limits limits,
    @Doc("How long clients may take (RFC 5321 §4.5.3.2).") Timeouts timeouts,
    @Doc("Where accepted mail is kept until it is delivered.") SpoolFiles spool,
    @Doc("The HTTP API that the command line talks to, with metrics.") Admin admin,
    @Doc("The mail log: one line an event.") Log log,
    @Doc("What `depesche explain` remembers.") HistoryFile history) {

  /// A listening address.
  public record Listener(
      @Doc(
              value =
                  "Address and port; :25 is every address. For lmtp also unix: and the path of a"
                      + " socket, whose clients count as 127.0.0.1.",
              example = "\"[::]:25\"")
          ListenAddress address,
      @Default("mx")
          @Doc(
              "What it is for: mx takes mail for our domains from the world (port 25), submission"
                  + " mail to anywhere from those who log in, by STARTTLS (port 587), submissions"
                  + " the same with TLS from the first octet on (port 465), lmtp mail for our"
                  + " domains from a server before this one (RFC 2033).")
          Role role,
      @Doc(
              value =
                  "Balancers before it that speak for others and say so by the PROXY protocol (1 or"
                      + " 2). From these networks a connection without its header is closed; others"
                      + " are clients like any.",
              example = "[\"192.0.2.10\"]")
          List<Network> proxyProtocol,
      @Doc(
              value =
                  "Hosts that may say by Postfix's XCLIENT whom they speak for: address, name,"
                      + " and for submission the account that has logged in there, which needs no"
                      + " password here. limits.client-connections does not count them.",
              example = "[\"192.0.2.25\"]")
          List<Network> xclient,
      @Default("0660") @Doc("Permissions of a unix: socket; who may write may connect.")
          String socketMode,
      @Range(min = "1KiB", max = "1TiB")
          @Doc(
              value = "Biggest message here; without it limits.message-size.",
              example = "\"100MiB\"")
          Optional<DataSize> messageSize,
      @Range(min = "1")
          @Doc(value = "Sessions at once here, of those in limits.connections.", example = "500")
          Optional<Integer> connections,
      @Doc(
              value = "Messages taken here in a time from all clients together; 450 after that.",
              example = "\"100000/1h\"")
          Optional<RateLimit> messages,
      @Doc(value = "The same for recipients.", example = "\"200000/1h\"")
          Optional<RateLimit> recipients,
      @Doc(value = "The same for content.", example = "\"100GiB/1d\"") Optional<RateLimit> data) {

    /// A listener for clients themselves.
    public Listener(ListenAddress address, Role role) {
      this(
          address,
          role,
          List.of(),
          List.of(),
          "0660",
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }
  }

  /// Encryption.
  public record Tls(
      @Doc(
              value = "PEM file with the certificate and those that vouch for it.",
              example = "\"/etc/depesche/fullchain.pem\"")
          Optional<Path> certificate,
      @Doc(
              value = "PEM file with its key; without it the key is in the certificate's file.",
              example = "\"/etc/depesche/privkey.pem\"")
          Optional<Path> key,
      @Default("30s") @Range(min = "1s", max = "10m") @Doc("How long a handshake may take.")
          Duration handshake) {}

  /// Another certificate.
  public record Certificate(
      @Doc(
              value = "PEM file with the certificate and those that vouch for it.",
              example = "\"/etc/depesche/other.pem\"")
          Path certificate,
      @Doc(value = "PEM file with its key; without it the key is in the certificate's file.")
          Optional<Path> key) {}

  /// A certificate from an authority.
  public record Acme(
      @Default("false")
          @Doc("That you agree to the terms of service of the authority; without it none is asked.")
          boolean agreeToTerms,
      @Doc(
              value = "The names the certificate is for. Without any: hostname.",
              example = "[\"mx.example.org\", \"mail.example.org\"]")
          List<Domain> domains,
      @Doc(value = "Whom the authority may write to.", example = "\"postmaster@example.org\"")
          Optional<Mailbox> email,
      @Default("https://acme-v02.api.letsencrypt.org/directory")
          @Doc("The authority: the URL of its directory.")
          String directoryUrl,
      @Default("http-01")
          @Doc(
              "How the authority sees that the names are ours: http-01 by a page at port 80,"
                  + " tls-alpn-01 by a handshake at port 443 (RFC 8737). The port is open only"
                  + " while a certificate is asked for.")
          Challenge challenge,
      @Doc(
              value =
                  "Where the authority's look is answered. Without one: :80 or :443, as the"
                      + " challenge wants it. Another port needs something before it that hands on"
                      + " what comes to the real one.",
              example = "[\"[::]:80\"]")
          List<ListenAddress> listen,
      @Doc(
              value =
                  "PEM file with certificates that vouch for the authority's own HTTPS, for one"
                      + " that the world does not know.",
              example = "\"/etc/depesche/ca.pem\"")
          Optional<Path> caCertificates,
      @Doc(
              "Id of the key of an account that you have at the authority already (external account"
                  + " binding).")
          Optional<String> externalAccountKeyId,
      @Doc("File with that key, in base64url as the authority shows it.")
          Optional<Path> externalAccountKey) {}

  /// A client known by its certificate.
  public record ClientCertificate(
      @Doc(
              value =
                  "SHA-256 of the certificate: what `openssl x509 -noout -fingerprint -sha256 -in"
                      + " client.pem` shows.",
              example = "\"AB:CD:...\"")
          Fingerprint fingerprint,
      @Doc(
              value = "The account that logs in with it (AUTH EXTERNAL, RFC 4422).",
              example = "\"alice@example.org\"")
          Optional<Mailbox> account,
      @Default("false")
          @Doc("Whether its owner may send to anywhere without logging in: a server of ours.")
          boolean relay) {}

  /// Logging in.
  public record Auth(
      @Default("SCRAM-SHA-256-PLUS, SCRAM-SHA-256, PLAIN, LOGIN")
          @Doc(
              "Mechanisms (RFC 4954). PLAIN and LOGIN are offered with TLS only. SCRAM works for"
                  + " accounts whose password was set by `depesche user`.")
          List<Mechanism> mechanisms,
      @Default("false") @Doc("Whether clients of this machine may send passwords without TLS.")
          boolean plainOnLoopback,
      @Default("10")
          @Doc(
              "Failed logins of one IPv4 address or IPv6 /64 before it is locked out; from the"
                  + " third on each costs it more time. 0: no lock.")
          int lockNetworkAfter,
      @Default("50")
          @Doc(
              "Failed logins to one account before networks it has not logged in from in the last"
                  + " 30 days are locked out of it. 0: no lock.")
          int lockAccountAfter,
      @Default("15m")
          @Range(min = "1s", max = "30d")
          @Doc("How long a lock lasts, and a failure is remembered.")
          Duration lockFor,
      @Doc(value = "Networks whose failures are not counted.", example = "[\"192.0.2.0/24\"]")
          List<Network> neverLock) {}

  /// Logging in with tokens. In use as soon as it says where tokens are checked.
  public record OAuth(
      @Doc(
              value =
                  "The provider's keys (JWKS), for tokens that are signed JWTs; https, or http on"
                      + " this machine. Signatures by RSA and elliptic curves are taken.",
              example = "\"https://id.example.org/keys\"")
          Optional<String> jwksUrl,
      @Doc(
              value = "The same keys in a file; read anew like those of an address.",
              example = "\"/etc/depesche/jwks.json\"")
          Optional<Path> jwksFile,
      @Doc(
              value =
                  "Where the provider is asked about each token (RFC 7662), in the place of keys;"
                      + " what it says holds for half a minute.",
              example = "\"https://id.example.org/introspect\"")
          Optional<String> introspectionUrl,
      @Doc(value = "Our name for such questions.", example = "\"mail\"") Optional<String> clientId,
      @Doc(
              value = "File with our password for such questions.",
              example = "\"/etc/depesche/oauth-secret\"")
          Optional<Path> clientSecretFile,
      @Doc(
              value = "Who tokens have to be from (iss). Needed with keys.",
              example = "\"https://id.example.org\"")
          Optional<String> issuer,
      @Doc(
              value = "What tokens have to be made for (aud): this service. Needed with keys.",
              example = "\"mail\"")
          Optional<String> audience,
      @Default("email")
          @Doc(
              "What of a token names the account: its address, as the directory has it. An email"
                  + " that the provider says is not verified names nobody.")
          String accountClaim,
      @Doc(value = "A scope that tokens have to have.", example = "\"mail\"")
          Optional<String> scope,
      @Doc(
              value =
                  "The provider's description, which clients are told when their token is no good"
                      + " (RFC 7628 §3.2.2).",
              example = "\"https://id.example.org/.well-known/openid-configuration\"")
          Optional<String> discoveryUrl,
      @Default("5s")
          @Range(min = "100ms", max = "1m")
          @Doc(
              "How long the provider may take. Without an answer clients are asked to come again"
                  + " (454 4.7.0), and it is no failed login.")
          Duration timeout,
      @Default("30s")
          @Range(min = "0s", max = "10m")
          @Doc("How far the provider's clock may be off.")
          Duration clockSkew) {

    /// Whether tokens can be checked at all.
    public boolean isConfigured() {
      return jwksUrl.isPresent() || jwksFile.isPresent() || introspectionUrl.isPresent();
    }
  }

  /// Mail of those who have logged in.
  public record Submission(
      @Default("false")
          @Doc("Keeps the address and the name of the sender's machine out of the message.")
          boolean hideClient,
      @Doc(
              value =
                  "Domain for addresses without one, in From, To and their like and in the envelope"
                      + " (RFC 6409 §4.2). Unless it is set such a sender or recipient is refused,"
                      + " and other fields stay as they are.",
              example = "\"example.org\"")
          Optional<Domain> completeAddresses) {}

  /// A domain whose mail ends here.
  public record LocalDomain(
      @Doc(value = "The domain.", example = "\"example.org\"") Domain name,
      @Doc(
              value =
                  "Who gets mail to addresses that nobody has. Without it such mail is refused.",
              example = "\"postmaster@example.org\"")
          Optional<Mailbox> catchAll,
      @Default("+")
          @Doc(
              "Separates a name from what its owner puts behind it (user+tag@). Empty: nothing"
                  + " does.")
          String subaddressSeparator,
      @Doc(
              value =
                  "Other names of the domain: whoever has an address here has the same in each of"
                      + " them.",
              example = "[\"example.net\"]")
          List<Domain> aliases) {}

  /// Where mail is delivered.
  public record Mailboxes(
      @Default("{data-dir}/mail/{domain}/{local}/Maildir")
          @Doc(
              "The Maildir of an account. {local} and {domain} become safe file names; they never"
                  + " lead out of the folder.")
          String path) {}

  /// An account.
  public record Account(
      @Doc(value = "Its address, which also names its mailbox.", example = "\"alice@example.org\"")
          Mailbox address,
      @Doc(
              value =
                  "Hash of its password, as `depesche user password` writes it (Argon2id). Read are"
                      + " bcrypt, SHA-crypt, PBKDF2 and SCRAM too, also with Dovecot's {SCHEME}."
                      + " Without one it receives mail and cannot log in.",
              example = "\"$argon2id$v=19$...\"")
          Optional<String> password,
      @Doc(
              value =
                  "What SCRAM-SHA-256 logs in with (RFC 5803), as `depesche user password` writes"
                      + " it.",
              example = "\"SCRAM-SHA-256$100000:...\"")
          Optional<String> scram,
      @Doc(value = "Other addresses of it.", example = "[\"sales@example.org\"]")
          List<Mailbox> aliases,
      @Doc(
              value =
                  "Addresses beside its own that it may send as; with a @ before it a whole domain,"
                      + " * for all.",
              example = "[\"news@example.org\", \"@example.net\"]")
          List<String> sendAs,
      @Doc(
              value = "Where its mail goes on to: addresses here or elsewhere.",
              example = "[\"alice@example.com\"]")
          List<Mailbox> forwardTo,
      @Default("true") @Doc("Whether mail that goes on stays in its mailbox too.") boolean keepCopy,
      @Doc(value = "How much its mailbox may hold.", example = "\"5GiB\"") Optional<DataSize> quota,
      @Doc(
              value = "Messages it may send in a time, instead of limits.account-messages.",
              example = "\"10000/1h\"")
          Optional<RateLimit> messages,
      @Doc(value = "The same for recipients.", example = "\"50000/1d\"")
          Optional<RateLimit> recipients,
      @Doc(value = "The same for content.", example = "\"10GiB/1d\"") Optional<RateLimit> data,
      @Range(min = "1")
          @Doc(value = "Sessions at once, instead of limits.account-sessions.", example = "20")
          Optional<Integer> sessions,
      @Range(min = "1KiB", max = "1TiB")
          @Doc(
              value = "Biggest message it may send, where its listener takes bigger ones.",
              example = "\"10MiB\"")
          Optional<DataSize> messageSize,
      @Default("false") @Doc("Neither logs in nor gets mail.") boolean disabled) {}

  /// An address that stands for others.
  public record Alias(
      @Doc(value = "The address, in one of our domains.", example = "\"team@example.org\"")
          Mailbox address,
      @Doc(
              value = "Whom mail to it goes to: accounts, other aliases, and addresses elsewhere.",
              example = "[\"alice@example.org\", \"bob@example.com\"]")
          List<Mailbox> to) {}

  /// A database with accounts.
  public record Sql(
      @Doc(
              value = "JDBC URL of a PostgreSQL or SQLite database.",
              example = "\"jdbc:postgresql://127.0.0.1/mail\"")
          String url,
      @Doc(value = "Who logs in to the database.", example = "\"depesche\"") Optional<String> user,
      @Doc(value = "File with the password, and nothing else.") Optional<Path> passwordFile,
      @Doc(
              value =
                  "Finds a domain of ours. A row is enough; its columns, if it has them: name (the"
                      + " domain's own, when the one asked for is another of it), catch_all,"
                      + " separator. Without this query, domains stand in [[domain]] only.",
              example = "\"SELECT name FROM domains WHERE name = :domain\"")
          Optional<Query> domain,
      @Doc(
              value =
                  "Finds an account. Columns by name, each may be left out: address (its own, when"
                      + " the one asked for is another of it), password (hash, as in [[account]]),"
                      + " scram, send_as and forward_to (several with commas between them),"
                      + " keep_copy, quota (octets, 0 for none), active, enabled or disabled.",
              example =
                  "\"SELECT email AS address, password FROM mailboxes WHERE email = :address\"")
          Optional<Query> account,
      @Doc(
              value =
                  "Finds whom an alias leads to: addresses in the first column, in several rows or"
                      + " with commas between them. Asked with @domain too, for what catches all.",
              example = "\"SELECT goto FROM alias WHERE address = :address\"")
          Optional<Query> alias,
      @Default("10") @Range(min = "1", max = "200") @Doc("Connections at once, at most.")
          int connections,
      @Default("5s")
          @Range(min = "250ms", max = "1m")
          @Doc("For a connection, and for an answer. Then mail is asked to come back later.")
          Duration timeout) {}

  /// A server that speaks LDAP.
  public record Ldap(
      @Doc(
              value = "ldap:// or ldaps:// with host and port.",
              example = "\"ldap://ldap.example.org\"")
          LdapServer url,
      @Default("true")
          @Doc(
              "TLS by StartTLS before anything else is said; nothing is said without it. ldaps://"
                  + " has TLS anyway.")
          boolean startTls,
      @Doc(
              value =
                  "PEM file with the authorities whose certificates are good. Without it, those of"
                      + " the JDK. The name in the certificate is that of the URL.",
              example = "\"/etc/ssl/certs/ca-internal.pem\"")
          Optional<Path> caCertificates,
      @Doc(
              value = "Who logs in to search. Without it, nobody does.",
              example = "\"cn=depesche,dc=example,dc=org\"")
          Optional<String> bindDn,
      @Doc(value = "File with the password of bind-dn, and nothing else.")
          Optional<Path> passwordFile,
      @Doc(value = "Below this entry everything is looked for.", example = "\"dc=example,dc=org\"")
          DistinguishedName base,
      @Doc(
              value =
                  "Finds an account, by its own address and by others it has. Without this filter,"
                      + " no accounts are looked for.",
              example =
                  "\"(&(objectClass=inetOrgPerson)(|(mail=:address)(mailAlternateAddress=:address)))\"")
          Optional<SearchFilter> account,
      @Doc(
              value =
                  "Finds an alias, in one entry or several. Asked with @domain too, for what"
                      + " catches all.",
              example = "\"(&(objectClass=groupOfNames)(mail=:address))\"")
          Optional<SearchFilter> alias,
      @Doc(
              value =
                  "Finds a domain of ours; an entry is enough. Without this filter, domains stand"
                      + " in [[domain]] only.",
              example = "\"(associatedDomain=:domain)\"")
          Optional<SearchFilter> domain,
      @Default("mail") @Doc("Attribute with an account's own address, which has one value.")
          String address,
      @Doc(
              value =
                  "Attribute with its other addresses, which it may send as. smtp: may stand before"
                      + " them; other kinds are left out.",
              example = "\"mailAlternateAddress\"")
          Optional<String> otherAddresses,
      @Doc(
              value =
                  "Attribute with the hash of its password, as in [[account]]. Without it, a"
                      + " password is right when the server lets the account log in with it.",
              example = "\"userPassword\"")
          Optional<String> password,
      @Doc("Attribute with whom it may send as: addresses, @domain, *.") Optional<String> sendAs,
      @Doc("Attribute with addresses its mail goes on to.") Optional<String> forwardTo,
      @Doc("Attribute that says FALSE when mail that goes on does not stay too.")
          Optional<String> keepCopy,
      @Doc("Attribute with the octets its mailbox may hold, 0 for any.") Optional<String> quota,
      @Doc("Attribute that says TRUE when it neither logs in nor gets mail.")
          Optional<String> disabled,
      @Default("member")
          @Doc(
              "Attribute of an alias with whom it leads to: addresses, or names of entries that"
                  + " have one.")
          String member,
      @Default("10")
          @Range(min = "1", max = "200")
          @Doc("Connections at once, at most, and as many again to check passwords.")
          int connections,
      @Default("5s")
          @Range(min = "250ms", max = "1m")
          @Doc("For a connection, and for an answer. Then mail is asked to come back later.")
          Duration timeout) {

    /// The names of attributes that are set.
    List<String> attributes() {
      return Stream.of(
              Optional.of(address),
              otherAddresses,
              password,
              sendAs,
              forwardTo,
              keepCopy,
              quota,
              disabled,
              Optional.of(member))
          .flatMap(Optional::stream)
          .toList();
    }
  }

  /// A Dovecot with accounts.
  public record Dovecot(
      @Doc(
              value =
                  "Its socket for logins, or host:port: where passwords are checked. Without it,"
                      + " nobody of these accounts logs in.",
              example = "\"/run/dovecot/depesche-auth\"")
          Optional<DovecotAddress> auth,
      @Doc(
              value = "Its socket for who exists, or host:port.",
              example = "\"/run/dovecot/depesche-userdb\"")
          DovecotAddress users,
      @Default("10s")
          @Range(min = "3s", max = "1m")
          @Doc(
              "For a connection, and for an answer; longer than its auth_failure_delay, which is 2s"
                  + " if not set.")
          Duration timeout) {}

  /// What is remembered of other directories.
  public record Directory(
      @Default("1m")
          @Range(min = "0s", max = "1d")
          @Doc("How long what was found is not asked for again; what was not found, at most 10s.")
          Duration cache,
      @Default("1h")
          @Range(min = "0s", max = "30d")
          @Doc("How long what was found holds while the database or server does not answer.")
          Duration keep,
      @Default("100000") @Range(min = "1") @Doc("Answers remembered.") int entries,
      @Doc(
              value =
                  "Who is postmaster of domains that name none, and of the server itself (RFC 5321"
                      + " §4.5.1). Without it, who catches all there, else an account of this"
                      + " file.",
              example = "\"admin@example.org\"")
          Optional<Mailbox> postmaster,
      @Default("true")
          @Doc(
              "Whether mail that an alias or account sends on to other servers gets a sender of the"
                  + " domain it came to (SRS), so that SPF holds there; notifications find their"
                  + " way back. Mail from our own domains keeps its sender.")
          boolean rewriteSender) {}

  /// Clients that may send to anywhere.
  public record Relay(
      @Doc(
              value = "Networks of such clients, in CIDR notation.",
              example = "[\"192.0.2.0/24\", \"2001:db8::/32\"]")
          List<Network> networks) {}

  /// A domain whose mail is handed on.
  public record RelayDomain(
      @Doc(value = "The domain.", example = "\"backup.example.org\"") Domain name,
      @Doc(
              value =
                  "The addresses it has; mail to others is refused. Without any, all are taken.",
              example = "[\"info@backup.example.org\"]")
          List<Mailbox> recipients) {}

  /// A next hop.
  public record Route(
      @Doc(
              value =
                  "A domain, `.example.org` for all below one, or `*` for all that are not ours.",
              example = "\"example.org\"")
          DomainPattern domain,
      @Doc(
              value = "smtp:// or lmtp:// with host and port, or lmtp+unix:// with a path.",
              example = "\"smtp://relay.example.net:25\"")
          RelayTarget to,
      @Doc(value = "TLS to this hop; without it delivery.tls holds.", example = "\"verified\"")
          Optional<TlsUse> tls) {}

  /// Sending to other servers.
  public record Delivery(
      @Default("1000")
          @Range(min = "1", max = "20000")
          @Doc(
              "Deliveries at once to servers, in all; half of them for servers that are not known"
                  + " to answer.")
          int concurrency,
      @Default("20")
          @Range(min = "1", max = "1000")
          @Doc("Deliveries at once to one destination; it begins with 5 and grows with success.")
          int perDestination,
      @Default("100") @Range(min = "1") @Doc("Recipients of one transaction (RFC 5321 §4.5.3.1.8).")
          int recipientsPerMessage,
      @Default("100") @Range(min = "1") @Doc("Messages over one connection before it is closed.")
          int messagesPerConnection,
      @Default("5") @Range(min = "1", max = "20") @Doc("Hosts tried in one attempt.") int hosts,
      @Default("25") @Range(min = "1", max = "65535") @Doc("Port of servers that are found by MX.")
          int mxPort,
      @Default("opportunistic")
          @Doc(
              "TLS to other servers: never, opportunistic (when offered, whatever the certificate),"
                  + " required (never without, whatever the certificate) or verified (never"
                  + " without, and only with a good certificate for the server's name).")
          TlsUse tls,
      @Default("30s")
          @Range(min = "1s", max = "10m")
          @Doc("How long a server may take to answer a connection.")
          Duration connect,
      @Default("5m") @Range(min = "1s", max = "1h") @Doc("For the greeting (RFC 5321 §4.5.3.2.1).")
          Duration greeting,
      @Default("5m")
          @Range(min = "1s", max = "1h")
          @Doc("For an answer to EHLO, MAIL or RCPT (RFC 5321 §4.5.3.2.2, §4.5.3.2.3).")
          Duration command,
      @Default("2m")
          @Range(min = "1s", max = "1h")
          @Doc("For an answer to DATA (RFC 5321 §4.5.3.2.4).")
          Duration dataStart,
      @Default("3m")
          @Range(min = "1s", max = "1h")
          @Doc("For the server to take a piece of content (RFC 5321 §4.5.3.2.5).")
          Duration dataBlock,
      @Default("10m")
          @Range(min = "1s", max = "1h")
          @Doc("For the answer to the end of the message (RFC 5321 §4.5.3.2.6).")
          Duration dataEnd,
      @Default("5s")
          @Range(min = "0s", max = "5m")
          @Doc("How long a connection is kept open for the next message.")
          Duration idle) {}

  /// Finding other servers.
  public record Dns(
      @Doc(
              value =
                  "DNS servers to ask; without any, those of /etc/resolv.conf. A port other than 53"
                      + " stands behind the address.",
              example = "[\"127.0.0.1:53\"]")
          List<DnsServer> servers,
      @Default("5s")
          @Range(min = "100ms", max = "1m")
          @Doc("How long to wait for an answer before asking again.")
          Duration timeout,
      @Default("3") @Range(min = "1", max = "10") @Doc("How often to ask in all.") int tries,
      @Default("100000")
          @Range(min = "0")
          @Doc("Answers remembered; a large one counts as several. 0: none.")
          int cache) {}

  /// Trying again.
  public record Queue(
      @Default("1m, 5m, 15m, 30m, 1h, 2h, 4h")
          @Range(max = "30d")
          @Doc("The waits after the first, second, ... failed attempt; the last repeats.")
          List<Duration> retry,
      @Default("5d")
          @Range(max = "365d")
          @Doc("After this time a message is not tried again, and its sender is told.")
          Duration giveUpAfter,
      @Default("4h")
          @Range(min = "0s", max = "365d")
          @Doc("After this time a sender is told that it takes longer; 0s for never.")
          Duration warnAfter,
      @Doc(
              value =
                  "Who is told when a notification to a sender cannot be delivered either. Without"
                      + " it, that is only in the mail log.",
              example = "\"postmaster@example.org\"")
          Optional<Mailbox> doubleBounces,
      @Default("50KiB")
          @Range(min = "1KiB", max = "10MiB")
          @Doc("How much of a message goes back with a failure when all of it was asked for.")
          DataSize returnSize) {}

  /// What clients may take.
  public record Limits(
      @Default("50MiB")
          @Range(min = "1KiB", max = "1TiB")
          @Doc("Biggest message (SIZE, RFC 1870); RFC 5321 §4.5.3.1.7 wants 64KiB or more.")
          DataSize messageSize,
      @Default("1000") @Range(min = "100") @Doc("Recipients of a message.") int recipients,
      @Default("10000") @Range(min = "1") @Doc("Sessions at once.") int connections,
      @Default("0")
          @Doc("Sessions at once of one account; those beyond it send nothing. 0 for no limit.")
          int accountSessions,
      @Default("100") @Doc("Sessions at once of one IPv4 address or IPv6 /64; 0 for no limit.")
          int connectionsPerClient,
      @Default("20") @Range(min = "1") @Doc("Refused commands before a session is ended.")
          int errors,
      @Default("1000")
          @Range(min = "1")
          @Doc(
              "Commands in a row that bring no message closer before a session is ended (421):"
                  + " NOOP, RSET, VRFY, HELO, MAIL again and again, and what is refused for now. An"
                  + " accepted message starts the count anew.")
          int idleCommands,
      @Default("0") @Doc("Messages of a session; 0 for no limit.") int messagesPerSession,
      @Doc(
              value =
                  "Messages an account may send in a time; with the others of its kind, 450 after"
                      + " that. What was used comes back evenly over the time.",
              example = "\"500/1h\"")
          Optional<RateLimit> accountMessages,
      @Doc(value = "Recipients of what an account sends in a time.", example = "\"2000/1d\"")
          Optional<RateLimit> accountRecipients,
      @Doc(value = "How much content an account may send in a time.", example = "\"1GiB/1d\"")
          Optional<RateLimit> accountData,
      @Doc(
              value =
                  "Messages taken in a time from one IPv4 address or IPv6 /64 that has not logged"
                      + " in. Those of relay.networks are not counted, nor is LMTP.",
              example = "\"1000/1h\"")
          Optional<RateLimit> clientMessages,
      @Doc(value = "Recipients in a time of what such a client sends.", example = "\"5000/1h\"")
          Optional<RateLimit> clientRecipients,
      @Doc(value = "How much content such a client may send in a time.", example = "\"1GiB/1h\"")
          Optional<RateLimit> clientData,
      @Doc(
              value =
                  "Connections taken in a time from one IPv4 address or IPv6 /64, on all listeners"
                      + " together; 421 after that. Those of relay.networks are not counted.",
              example = "\"300/1m\"")
          Optional<RateLimit> clientConnections,
      @Default("1s")
          @Range(min = "0s", max = "1m")
          @Doc(
              "How long clients of mx listeners have to keep silent before they are greeted; those"
                  + " that speak earlier (RFC 5321 §4.3.1) are refused with 554. Those of this"
                  + " machine and of relay.networks do not wait. 0s: nobody does.")
          Duration greetingDelay,
      @Default("30KiB/5m")
          @Doc(
              "How fast a message has to come at least, on average over the time; 421 4.4.2 for"
                  + " those that are slower. Not for who has logged in, nor for LMTP, this machine"
                  + " and relay.networks. \"1/1d\" is as good as none.")
          RateLimit minimumDataRate,
      @Default("100")
          @Range(min = "20")
          @Doc("Received lines before a message is taken for a loop (RFC 5321 §6.3).")
          int receivedLines) {}

  /// How long clients may take.
  public record Timeouts(
      @Default("5m")
          @Range(min = "1s", max = "1d")
          @Doc("For the next command (RFC 5321 §4.5.3.2.7).")
          Duration command,
      @Default("5m")
          @Range(min = "1s", max = "1d")
          @Doc("Between two pieces of content (RFC 5321 §4.5.3.2.5).")
          Duration data,
      @Default("30s")
          @Range(min = "0s", max = "1h")
          @Doc("For sessions and deliveries to finish when the server stops.")
          Duration stop) {}

  /// Where accepted mail is kept.
  public record SpoolFiles(
      @Default("64MiB") @Range(min = "1MiB", max = "1GiB") @Doc("Size of a segment file.")
          DataSize segmentSize,
      @Default("256MiB") @Doc("With less space than this on the disk no message is taken (452).")
          DataSize lowSpace,
      @Default("30s")
          @Range(min = "1s", max = "1h")
          @Doc(
              "How long writing a message to disk may take before its sender is told to come again"
                  + " (451).")
          Duration commitTimeout) {}

  /// The HTTP API.
  public record Admin(
      @Default("127.0.0.1:0")
          @Doc(
              "Its address; port 0 lets the system choose. Commands find it in"
                  + " {data-dir}/admin.json.")
          ListenAddress address) {}

  /// The mail log.
  public record Log(
      @Default("{data-dir}/mail.log") @Doc("A file, or - for standard output.") String mail) {}

  /// What is remembered.
  public record HistoryFile(
      @Default("30d") @Range(min = "1m") @Doc("How long.") Duration keep,
      @Default("10000000") @Range(min = "1000") @Doc("How many messages at most.")
          long maxMessages) {}

  /// The data folder, absolute.
  public Path dataFolder() {
    return dataDir.toAbsolutePath().normalize();
  }

  /// The accounts that commands have made.
  public Path accountFile() {
    return dataFolder().resolve("accounts.toml");
  }

  /// Replaces `{data-dir}` in a path.
  public String expand(String template) {
    return template.replace("{data-dir}", dataFolder().toString());
  }

  /// Whether domains, accounts or aliases are kept elsewhere too.
  public boolean asksOthers() {
    return !sql.isEmpty() || !ldap.isEmpty() || !dovecot.isEmpty();
  }
}
