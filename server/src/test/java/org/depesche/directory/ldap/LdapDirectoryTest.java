package org.depesche.directory.ldap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.sdk.Attribute;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.OperationType;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.depesche.directory.Account;
import org.depesche.directory.AccountDirectory;
import org.depesche.directory.AccountFile;
import org.depesche.directory.Alias;
import org.depesche.directory.CachedSource;
import org.depesche.directory.Directory;
import org.depesche.directory.DirectoryContract;
import org.depesche.directory.Forwarding;
import org.depesche.directory.Listed;
import org.depesche.directory.LocalDomain;
import org.depesche.directory.Resolution;
import org.depesche.directory.Rewritten;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.testing.ManualTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The contract with accounts and aliases in a directory, and what belongs to LDAP alone.
class LdapDirectoryTest extends DirectoryContract {

  private static final String WHO = "cn=depesche";
  private static final String PEOPLE = "ou=people,dc=test";
  private static final String ACCOUNTS =
      "(&(objectClass=person)(|(mail=:address)(mailAlternateAddress=:address)))";
  private static final String ALIASES = "(&(objectClass=group)(mail=:address))";

  @TempDir private Path folder;

  private final ManualTime time = new ManualTime();
  private final List<String> troubles = new ArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private int entries;

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private InMemoryDirectoryServer server(Optional<SSLContext> tls, int port) throws Exception {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=test");
    config.setSchema(null);
    config.addAdditionalBindCredentials(WHO, "open sesame");
    config.setAuthenticationRequiredOperationTypes(Set.of(OperationType.SEARCH));
    InetAddress here = InetAddress.getLoopbackAddress();
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPConfig(
            "plain", here, port, tls.map(SSLContext::getSocketFactory).orElse(null)));
    if (tls.isPresent()) {
      config.setListenerConfigs(
          config.getListenerConfigs().getFirst(),
          InMemoryListenerConfig.createLDAPSConfig(
              "tls", here, 0, tls.get().getServerSocketFactory(), null));
    }
    InMemoryDirectoryServer server = new InMemoryDirectoryServer(config);
    open.add(() -> server.shutDown(true));
    server.add("dn: dc=test", "objectClass: domain", "dc: test");
    server.add("dn: " + PEOPLE, "objectClass: organizationalUnit", "ou: people");
    server.startListening();
    return server;
  }

  private InMemoryDirectoryServer server() throws Exception {
    return server(Optional.empty(), 0);
  }

  private static Attributes attributes(Optional<String> password) {
    return new Attributes(
        "mail",
        Optional.of("mailAlternateAddress"),
        password,
        Optional.of("mailSendAs"),
        Optional.of("mailForwardingAddress"),
        Optional.of("mailKeepCopy"),
        Optional.of("mailQuota"),
        Optional.of("mailDisabled"),
        "member");
  }

  private static LdapSettings settings(String url, Optional<String> hash) {
    return new LdapSettings(
        LdapServer.parse(url).orElseThrow(),
        false,
        Optional.empty(),
        Optional.of(WHO),
        Optional.of("open sesame"),
        DistinguishedName.parse("dc=test").orElseThrow(),
        SearchFilter.parse(ACCOUNTS),
        SearchFilter.parse(ALIASES),
        SearchFilter.parse("(&(objectClass=mailDomain)(dc=:domain))"),
        attributes(hash),
        2,
        Duration.ofSeconds(5));
  }

  private static String url(InMemoryDirectoryServer server) {
    return "ldap://127.0.0.1:" + server.getListenPort("plain");
  }

  private LdapSource source(LdapSettings settings) throws Exception {
    LdapSource source = new LdapSource(settings);
    open.add(source);
    return source;
  }

  /// A source that checks passwords by binding.
  private LdapSource source(InMemoryDirectoryServer server) throws Exception {
    return source(settings(url(server), Optional.empty()));
  }

  private Directory directory(List<LocalDomain> domains, LdapSource source, Account... accounts)
      throws Exception {
    return new AccountDirectory(
        new Listed(
            domains,
            List.of(accounts),
            List.of(),
            List.of(
                new CachedSource(
                    source, Duration.ofMinutes(1), Duration.ofHours(1), 1000, time, troubles::add)),
            Optional.of(at("cat@plain.test"))),
        new Domain("mx.here.test"),
        new AccountFile(folder.resolve("accounts.toml")),
        Rewritten.NONE,
        () -> 0,
        trouble -> {
          throw new AssertionError(trouble);
        });
  }

  @Override
  protected Directory directory(
      List<LocalDomain> domains, List<Account> accounts, List<Alias> aliases) throws Exception {
    InMemoryDirectoryServer server = server();
    for (Account account : accounts) {
      Entry entry = person(server, account.address().wire());
      add(entry, "mailAlternateAddress", texts(account.aliases()));
      add(entry, "userPassword", account.password().stream().toList());
      add(entry, "mailSendAs", account.sendAs());
      Forwarding forwarding = account.forwarding();
      add(entry, "mailForwardingAddress", texts(forwarding.to()));
      add(entry, "mailKeepCopy", List.of(forwarding.keepsCopy() ? "TRUE" : "FALSE"));
      account.quota().ifPresent(q -> add(entry, "mailQuota", List.of(String.valueOf(q))));
      add(entry, "mailDisabled", List.of(account.isDisabled() ? "TRUE" : "FALSE"));
      server.add(entry);
    }
    for (Alias alias : aliases) {
      server.add(group(alias.address().wire(), texts(alias.to())));
    }
    return directory(domains, source(settings(url(server), Optional.of("userPassword"))));
  }

  private static List<String> texts(List<Mailbox> addresses) {
    return addresses.stream().map(Mailbox::wire).toList();
  }

  private static void add(Entry entry, String attribute, List<String> values) {
    if (!values.isEmpty()) {
      entry.addAttribute(new Attribute(attribute, values));
    }
  }

  private Entry person(InMemoryDirectoryServer server, String address) throws Exception {
    assertThat(server.countEntries()).isPositive();
    String name = "p" + entries++;
    return new Entry(
        "uid=" + name + "," + PEOPLE,
        new Attribute("objectClass", "top", "person"),
        new Attribute("uid", name),
        new Attribute("mail", address));
  }

  private Entry group(String address, List<String> members) {
    Entry entry =
        new Entry(
            "cn=g" + entries++ + "," + PEOPLE,
            new Attribute("objectClass", "top", "group"),
            new Attribute("mail", address));
    add(entry, "member", members);
    return entry;
  }

  /// Somebody with a password that the directory checks.
  private Entry ann(InMemoryDirectoryServer server) throws Exception {
    Entry ann = person(server, "ann@here.test");
    ann.addAttribute("userPassword", "secret");
    server.add(ann);
    return ann;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Account found(LdapSource source, String address) throws Exception {
    return source.account(address).orElseThrow();
  }

  @Test
  void aPasswordIsCheckedByLoggingInWithItAndAnEmptyOneNeverMatches() throws Exception {
    InMemoryDirectoryServer server = server();
    ann(server);
    LdapSource source = source(server);
    Account ann = found(source, "ann@here.test");

    assertThat(ann.password()).isEmpty();
    assertThat(source.matches(ann, utf8("secret"))).contains(true);
    assertThat(source.matches(ann, utf8("wrong"))).contains(false);
    assertThat(source.matches(ann, utf8("*"))).contains(false);
    // RFC 4513 §5.1.2: the server itself would say yes.
    assertThat(source.matches(ann, new byte[0])).contains(false);
    assertThat(source.matches(ann, utf8("secret"))).contains(true);
    assertThat(source.matches(Account.of(at("no@here.test")), utf8("secret"))).isEmpty();
  }

  @Test
  void checkingPasswordsDoesNotChangeWhoSearches() throws Exception {
    InMemoryDirectoryServer server = server();
    ann(server);
    LdapSource source = source(server);
    Account ann = found(source, "ann@here.test");

    for (int i = 0; i < 10; i++) {
      assertThat(source.matches(ann, utf8("wrong"))).contains(false);
      assertThat(source.account("ann@here.test")).isPresent();
    }
  }

  @Test
  void whatALookUpSaysIsNoFilter() throws Exception {
    InMemoryDirectoryServer server = server();
    ann(server);
    LdapSource source = source(server);

    for (String address :
        List.of("*@here.test", "a*@here.test", "*)(uid=*@here.test", "ann@here.test)(&@x.test")) {
      assertThat(source.account(address)).as(address).isEmpty();
      assertThat(source.alias(address)).as(address).isEmpty();
    }
  }

  @Test
  void anEntryThatCannotBeUsedIsNotMissing() throws Exception {
    InMemoryDirectoryServer server = server();
    ann(server);
    ann(server);
    Entry two = person(server, "ben@here.test");
    two.addAttribute("mail", "benjamin@here.test");
    server.add(two);
    server.add(group("dangling@here.test", List.of("uid=gone," + PEOPLE)));
    server.add(group("odd@here.test", List.of("no name")));
    server.add(group("nobody@here.test", List.of()));
    LdapSource source = source(server);

    for (String address : List.of("ann@here.test", "ben@here.test")) {
      assertThatThrownBy(() -> source.account(address))
          .as(address)
          .isInstanceOfSatisfying(
              UnavailableException.class, e -> assertThat(e.isOfEntry()).isTrue());
    }
    for (String address : List.of("dangling@here.test", "odd@here.test")) {
      assertThatThrownBy(() -> source.alias(address))
          .as(address)
          .isInstanceOfSatisfying(
              UnavailableException.class, e -> assertThat(e.isOfEntry()).isTrue());
    }
    assertThat(source.alias("nobody@here.test")).isEmpty();
  }

  @Test
  void membersAreAddressesOrEntriesThatHaveOne() throws Exception {
    InMemoryDirectoryServer server = server();
    String ann = ann(server).getDN();
    Entry more = group("more@here.test", List.of("eve@elsewhere.test"));
    server.add(more);
    server.add(
        group(
            "team@here.test",
            List.of(ann, more.getDN(), "ben@here.test", "uid=gone," + PEOPLE, PEOPLE)));
    server.add(group("@here.test", List.of(ann)));
    LdapSource source = source(server);

    assertThat(source.alias("team@here.test"))
        .isEqualTo(all("ann@here.test", "more@here.test", "ben@here.test"));
    assertThat(source.alias("@here.test")).isEqualTo(all("ann@here.test"));
    assertThat(directory(domains(), source).resolve(at("team@here.test")))
        .isEqualTo(new Resolution.Found(all("ann@here.test"), all("eve@elsewhere.test")));
  }

  @Test
  void addressesWithTheirKindBeforeThemAreRead() throws Exception {
    InMemoryDirectoryServer server = server();
    Entry ann = person(server, "ann@here.test");
    add(
        ann,
        "mailAlternateAddress",
        List.of("SMTP:ann@here.test", "smtp:sales@here.test", "x500:/o=here/cn=ann"));
    server.add(ann);

    assertThat(found(source(server), "ann@here.test").aliases()).isEqualTo(all("sales@here.test"));
  }

  @Test
  void domainsMayBeEntriesToo() throws Exception {
    InMemoryDirectoryServer server = server();
    ann(server);
    server.add("dn: dc=here.test,dc=test", "objectClass: mailDomain", "dc: here.test");
    Directory directory = directory(List.of(), source(server));

    assertThat(directory.resolve(at("ann@here.test")))
        .isEqualTo(new Resolution.Found(all("ann@here.test")));
    assertThat(directory.resolve(at("no@here.test"))).isInstanceOf(Resolution.Unknown.class);
    assertThat(directory.resolve(at("ann@plain.test"))).isInstanceOf(Resolution.Foreign.class);
  }

  @Test
  void aDirectoryThatIsAwayMakesNobodyUnknownAndIsAskedAgain() throws Exception {
    InMemoryDirectoryServer server = server();
    ann(server);
    int port = server.getListenPort("plain");
    LdapSource source = source(server);
    Directory directory = directory(domains(), source);
    assertThat(directory.resolve(at("no@plain.test"))).isInstanceOf(Resolution.Unknown.class);
    Account ann = found(source, "ann@here.test");

    server.shutDown(true);
    time.advance(Duration.ofMinutes(1));
    assertThat(directory.resolve(at("no@plain.test"))).isInstanceOf(Resolution.Unavailable.class);
    assertThatThrownBy(() -> source.matches(ann, utf8("secret")))
        .isInstanceOfSatisfying(
            UnavailableException.class, e -> assertThat(e.isOfEntry()).isFalse());
    assertThat(troubles).hasSize(1).first().asString().contains(":" + port);

    ann(server(Optional.empty(), port));
    time.advance(Duration.ofSeconds(2));
    assertThat(directory.resolve(at("no@plain.test"))).isInstanceOf(Resolution.Unknown.class);
    assertThat(source.matches(ann, utf8("secret"))).contains(true);
  }

  @Test
  void accountsThatAreKeptHereDoNotDependOnADirectoryThatIsAway() throws Exception {
    InMemoryDirectoryServer server = server();
    LdapSource source = source(server);
    server.shutDown(true);
    Directory directory = directory(domains(), source, account("ben@here.test"));

    assertThat(directory.resolve(at("ben+tag@here.test")))
        .isInstanceOf(Resolution.Unavailable.class);
    assertThat(directory.resolve(at("ben@here.test")))
        .isEqualTo(new Resolution.Found(all("ben@here.test")));
    assertThat(directory.login("ben@here.test")).isPresent();
  }

  @Test
  void aWrongPasswordOfOursAndABaseThatIsNotThereMakeNobodyUnknown() throws Exception {
    InMemoryDirectoryServer server = server();
    ann(server);
    LdapSettings right = settings(url(server), Optional.empty());
    LdapSource refused = source(changed(right, Optional.of("wrong"), right.base()));
    LdapSource elsewhere =
        source(changed(right, right.password(), DistinguishedName.parse("dc=typo").orElseThrow()));

    for (LdapSource each : List.of(refused, elsewhere)) {
      assertThatThrownBy(() -> each.account("ann@here.test"))
          .isInstanceOf(UnavailableException.class);
    }
  }

  private static LdapSettings changed(
      LdapSettings of, Optional<String> password, DistinguishedName base) {
    return new LdapSettings(
        of.server(),
        of.startTls(),
        of.caCertificates(),
        of.bindDn(),
        password,
        base,
        of.account(),
        of.alias(),
        of.domain(),
        of.attributes(),
        of.connections(),
        of.timeout());
  }

  private static LdapSettings encrypted(String url, boolean startTls, Optional<Path> trusted) {
    LdapSettings of = settings(url, Optional.empty());
    return new LdapSettings(
        of.server(),
        startTls,
        trusted,
        of.bindDn(),
        of.password(),
        of.base(),
        of.account(),
        of.alias(),
        of.domain(),
        of.attributes(),
        of.connections(),
        of.timeout());
  }

  @Test
  void tlsIsSpokenWithServersThatAnAuthorityOfOursVouchesFor() throws Exception {
    TestAuthority authority = new TestAuthority();
    Optional<Path> trusted = Optional.of(authority.file(folder.resolve("ca.pem")));
    InMemoryDirectoryServer server = server(Optional.of(authority.server("localhost")), 0);
    ann(server);
    String plain = "ldap://localhost:" + server.getListenPort("plain");
    String tls = "ldaps://localhost:" + server.getListenPort("tls");

    // RFC 4511 §4.14.1: TLS before anything else is said.
    LdapSource started = source(encrypted(plain, true, trusted));
    assertThat(started.matches(found(started, "ann@here.test"), utf8("secret"))).contains(true);
    LdapSource implicit = source(encrypted(tls, true, trusted));
    assertThat(implicit.matches(found(implicit, "ann@here.test"), utf8("secret"))).contains(true);
    for (String url : List.of(plain, tls)) {
      LdapSource stranger = source(encrypted(url, true, Optional.empty()));
      assertThatThrownBy(() -> stranger.account("ann@here.test"))
          .as("nobody the JDK trusts: " + url)
          .isInstanceOf(UnavailableException.class);
    }
  }

  @Test
  void aServerWithAnotherNameIsNotSpokenTo() throws Exception {
    TestAuthority authority = new TestAuthority();
    Optional<Path> trusted = Optional.of(authority.file(folder.resolve("ca.pem")));
    InMemoryDirectoryServer server = server(Optional.of(authority.server("other.test")), 0);
    ann(server);

    for (String url :
        List.of(
            "ldap://localhost:" + server.getListenPort("plain"),
            "ldaps://localhost:" + server.getListenPort("tls"))) {
      LdapSource source = source(encrypted(url, true, trusted));
      // RFC 4513 §3.1.3: the name in the certificate is another one.
      assertThatThrownBy(() -> source.account("ann@here.test"))
          .as(url)
          .isInstanceOf(UnavailableException.class);
      assertThatThrownBy(() -> source.matches(Account.of(at("ann@here.test")), utf8("secret")))
          .as(url)
          .isInstanceOf(UnavailableException.class);
    }
  }

  @Test
  void aServerWithoutTlsIsNotSpokenToWhereItIsWanted() throws Exception {
    InMemoryDirectoryServer server = server();
    ann(server);
    LdapSource source = source(encrypted(url(server), true, Optional.empty()));

    assertThatThrownBy(() -> source.account("ann@here.test"))
        .isInstanceOf(UnavailableException.class);
  }
}
