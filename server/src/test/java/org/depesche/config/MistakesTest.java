package org.depesche.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every mistake is told in words that help, at its place.
class MistakesTest {

  private static final String ACME =
      "[acme]\nagree-to-terms = true\ndomains = [\"mx.example.org\"]\n";

  private static final String DOMAIN = "[[domain]]\nname = \"example.org\"\n";

  @ParameterizedTest(name = "{0}")
  @MethodSource({"keys", "values", "bounds", "names", "directories", "syntax"})
  void aMistakeIsToldAtItsPlace(String text, String told) {
    assertThat(problems(text, Map.of())).containsExactly(told);
  }

  static Stream<Arguments> directories() {
    String ldap = DOMAIN + "[[ldap]]\nurl = \"ldap://a.test\"\nbase = \"dc=a\"\n";
    String account = ldap + "account = \"(mail=:address)\"\n";
    return Stream.of(
        arguments(
            account.replace("ldap://", "http://"),
            "c.toml:4:1: ldap[0].url is \"http://a.test\", it has to be \"ldap://host:389\" or"
                + " \"ldaps://host:636\""),
        arguments(
            account.replace("dc=a", "a"),
            "c.toml:5:1: ldap[0].base is \"a\", it has to be the name of an entry such as"
                + " \"dc=example,dc=org\""),
        arguments(
            account.replace(":address", "ann"),
            "c.toml:6:1: ldap[0].account is \"(mail=ann)\", it has to be a filter with :address,"
                + " :local or :domain in a value, such as \"(mail=:address)\""),
        arguments(
            ldap, "c.toml:3:1: ldap[0]: a directory without a filter: account, alias or domain"),
        arguments(
            account + "bind-dn = \"cn=a\"\n",
            "c.toml:3:1: ldap[0]: bind-dn and password-file go together"),
        arguments(
            account + "quota = \"no name\"\n",
            "c.toml:3:1: ldap[0]: no name of an attribute: no name"),
        arguments(
            "[[dovecot]]\nusers = \"/run/users\"\n",
            "c.toml:1:1: dovecot[0]: Dovecot knows no domains, so a [[domain]] is needed"),
        arguments(
            DOMAIN + "[[dovecot]]\nusers = \"users\"\n",
            "c.toml:4:1: dovecot[0].users is \"users\", it has to be the path of a socket, or"
                + " \"host:port\""));
  }

  static Stream<Arguments> keys() {
    return Stream.of(
        arguments(
            "hostname = \"a.test\"\nhostnam = \"x\"",
            "c.toml:2:1: unknown key hostnam, did you mean hostname?"),
        arguments(
            "[limits]\nmessage_size = \"1MiB\"",
            "c.toml:2:1: unknown key limits.message_size, did you mean limits.message-size?"),
        arguments(
            "[limits]\n  messageSize = \"1MiB\"",
            "c.toml:2:3: unknown key limits.messageSize, did you mean limits.message-size?"),
        arguments(
            "connections-per-client = 500",
            "c.toml:1:1: unknown key connections-per-client, did you mean"
                + " limits.connections-per-client?"),
        arguments(
            "[[listener]]\nadress = \"127.0.0.1:25\"\naddress = \":25\"",
            "c.toml:2:1: unknown key listener[0].adress, did you mean listener[0].address?"),
        arguments(
            "[[listener]]\naddress = \"unix:/run/x\"\nrole = \"mx\"",
            "c.toml:2:1: listener[0].address: only a listener with role lmtp has a socket"),
        arguments(
            "[[listener]]\naddress = \"unix:/run/x\"\nrole = \"lmtp\"\nsocket-mode = \"rw\"",
            "c.toml:4:1: listener[0].socket-mode: permissions are octal, such as \"0660\""),
        arguments(
            "[admin]\naddress = \"unix:/run/x\"",
            "c.toml:2:1: admin.address: the HTTP API has an address and a port"),
        arguments("[limit]\nx = 1", "c.toml:1:1: unknown key limit, did you mean limits?"),
        arguments("colour = \"red\"", "c.toml:1:1: unknown key colour"),
        arguments("[tls]\nkey = \"k.pem\"", "c.toml:2:1: tls.key: a key without tls.certificate"),
        arguments(
            "[auth]\nmechanisms = [\"PLAIN\", \"EXTERNAL\"]",
            "c.toml:2:24: auth.mechanisms[1]: EXTERNAL needs a [[client-certificate]] with an"
                + " account"),
        arguments(
            "[[client-certificate]]\nfingerprint = \"12:34\"",
            "c.toml:2:1: client-certificate[0].fingerprint is \"12:34\", it has to be 64"
                + " hexadecimal digits, with or without colons"),
        arguments(
            "[[client-certificate]]\nfingerprint = \"" + "ab".repeat(32) + "\"",
            "c.toml:1:1: client-certificate[0]: say whose it is: account, or relay = true"),
        arguments(
            "[[route]]\ndomain = \"a.test\"\nto = \"smtp://x:25\"\n[[route]]\ndomain ="
                + " \"b.test\"\nto = \"smtp://x:25\"\ntls = \"verified\"",
            "c.toml:7:1: route[1].tls: another route to smtp://x:25 says otherwise"),
        arguments(
            "[delivery]\ntls = \"sometimes\"",
            "c.toml:2:1: delivery.tls is \"sometimes\", it has to be \"never\", \"opportunistic\","
                + " \"required\" or \"verified\""),
        arguments(
            "[relay]\nnetworks = [\"192.0.2.1/24\"]",
            "c.toml:2:13: relay.networks[0] is \"192.0.2.1/24\", it has to be a network such as"
                + " \"192.0.2.0/24\" or \"2001:db8::/32\""),
        arguments(
            "[[route]]\ndomain = \"*\"\nto = \"mail.example.org\"",
            "c.toml:3:1: route[0].to is \"mail.example.org\", it has to be \"smtp://host:port\","
                + " \"lmtp://host:port\" or \"lmtp+unix:///path\""),
        arguments(
            "[[route]]\ndomain = \"*.example.org\"\nto = \"smtp://x:25\"",
            "c.toml:2:1: route[0].domain is \"*.example.org\", it has to be a domain, a domain"
                + " with a dot before it, or \"*\""),
        arguments(
            "[dns]\nservers = [\"localhost\"]",
            "c.toml:2:12: dns.servers[0] is \"localhost\", it has to be an address such as"
                + " \"127.0.0.1\" or \"[::1]:53\""),
        arguments(
            "[[relay-domain]]\nname = \"x.test\"\nrecipients = [\"a@y.test\"]",
            "c.toml:3:15: relay-domain[0].recipients[0]: a@y.test is not in x.test"),
        arguments(
            "[[listener]]\nrole = \"mx\"",
            "c.toml:1:1: listener[0].address is missing; it has to be an address with a port such"
                + " as \"127.0.0.1:2525\" or \"[::]:25\""),
        arguments(
            DOMAIN + "[[account]]\naliases = []",
            "c.toml:3:1: account[0].address is missing; it has to be an address such as"
                + " \"alice@example.org\""));
  }

  static Stream<Arguments> values() {
    return Stream.of(
        arguments(
            "[limits]\nrecipients = \"many\"",
            "c.toml:2:1: limits.recipients is \"many\", it has to be a whole number such as 1000"),
        arguments(
            "[limits]\nrecipients = \"500\"",
            "c.toml:2:1: limits.recipients is \"500\", it has to be a whole number such as 1000"),
        arguments(
            "limits.recipients = 1.5",
            "c.toml:1:1: limits.recipients is 1.5, it has to be a whole number such as 1000"),
        arguments(
            "[limits]\nmessage-size = \"5 parsecs\"",
            "c.toml:2:1: limits.message-size is \"5 parsecs\", it has to be a size such as"
                + " \"512KiB\" or \"50MiB\""),
        arguments(
            "[queue]\ngive-up-after = 5",
            "c.toml:2:1: queue.give-up-after is 5, it has to be a length of time such as \"30s\","
                + " \"5m\", \"4h\" or \"5d\""),
        arguments(
            "[queue]\nretry = [\"5m\",\n  \"soon\"]",
            "c.toml:3:3: queue.retry[1] is \"soon\", it has to be a length of time such as \"30s\","
                + " \"5m\", \"4h\" or \"5d\""),
        arguments(
            "[queue]\nretry = \"5m\"",
            "c.toml:2:1: queue.retry is \"5m\", it has to be a list in brackets"),
        arguments(
            "[[listener]]\naddress = \"127.0.0.1\"",
            "c.toml:2:1: listener[0].address is \"127.0.0.1\", it has to be an address with a port"
                + " such as \"127.0.0.1:2525\" or \"[::]:25\""),
        arguments(
            "[[listener]]\naddress = \":25\"\nrole = \"lmtp\"",
            "c.toml:2:1: listener[0].address: LMTP is not for port 25 (RFC 2033 §5)"),
        arguments(
            "[[listener]]\naddress = \":25\"\nrole = \"MX\"",
            "c.toml:3:1: listener[0].role is \"MX\", it has to be \"mx\", \"submission\","
                + " \"submissions\" or \"lmtp\""),
        arguments(
            "[listener]\naddress = \":25\"",
            "c.toml:1:1: listener is a table, it has to be tables, each under [[listener]]"),
        arguments("limits = 5", "c.toml:1:1: limits is 5, it has to be a table, [limits]"),
        arguments("[[limits]]", "c.toml:1:1: limits is a list, it has to be a table, [limits]"),
        arguments("listener = [1]", "c.toml:1:13: listener[0] is 1, it has to be a table"),
        arguments(
            "hostname = \"-x.test\"",
            "c.toml:1:1: hostname is \"-x.test\", it has to be a domain such as \"example.org\""),
        arguments(
            "hostname = true",
            "c.toml:1:1: hostname is true, it has to be a domain such as \"example.org\""),
        arguments(
            "data-dir = \"\"",
            "c.toml:1:1: data-dir is \"\", it has to be a path such as \"/var/lib/depesche\""),
        arguments(
            DOMAIN + "[[account]]\naddress = \"alice\"",
            "c.toml:4:1: account[0].address is \"alice\", it has to be an address such as"
                + " \"alice@example.org\""),
        arguments(
            DOMAIN + "[[account]]\naddress = \"alice@[192.0.2.1]\"",
            "c.toml:4:1: account[0].address is \"alice@[192.0.2.1]\", it has to be an address such"
                + " as \"alice@example.org\""),
        arguments(
            DOMAIN + "[[account]]\naddress = \"alice@example.org\"\npassword = 12345",
            "c.toml:5:1: account[0].password is something else, it has to be a text in quotes"));
  }

  static Stream<Arguments> bounds() {
    return Stream.of(
        arguments(
            "[limits]\nrecipients = 5",
            "c.toml:2:1: limits.recipients is 5, it has to be at least 100 and at most 2147483647"),
        arguments(
            "[limits]\nconnections-per-client = -1",
            "c.toml:2:1: limits.connections-per-client is -1, it has to be at least 0 and at most"
                + " 2147483647"),
        arguments(
            "[limits]\nconnections = 99999999999",
            "c.toml:2:1: limits.connections is 99999999999, it has to be at least 1 and at most"
                + " 2147483647"),
        arguments(
            "[limits]\nmessage-size = \"10\"",
            "c.toml:2:1: limits.message-size is \"10\", it has to be at least 1KiB and at most"
                + " 1TiB"),
        arguments(
            "[spool]\nsegment-size = \"2GiB\"",
            "c.toml:2:1: spool.segment-size is \"2GiB\", it has to be at least 1MiB and at most"
                + " 1GiB"),
        arguments(
            "[timeouts]\ncommand = \"0s\"",
            "c.toml:2:1: timeouts.command is \"0s\", it has to be at least 1s and at most 1d"),
        arguments(
            "[queue]\nretry = [\"0s\"]",
            "c.toml:2:10: queue.retry[0] is \"0s\", it has to be at least 1ms and at most 30d"),
        arguments(
            "[history]\nkeep = \"999999999d\"",
            "c.toml:2:1: history.keep is \"999999999d\", it has to be at least 1m and at most"
                + " 3650d"),
        arguments(
            "[queue]\nretry = []",
            "c.toml:2:1: queue.retry: a retry schedule has at least one wait"));
  }

  static Stream<Arguments> names() {
    String alice = "[[account]]\naddress = \"alice@example.org\"\n";
    return Stream.of(
        arguments(
            DOMAIN + "[[domain]]\nname = \"EXAMPLE.org\"",
            "c.toml:4:1: domain[1].name: example.org is there already, at c.toml:2:1"),
        arguments(
            "[[domain]]\nname = \"bücher.example\"\n[[domain]]\nname = \"xn--bcher-kva.example\"",
            "c.toml:4:1: domain[1].name: xn--bcher-kva.example is there already, at c.toml:2:1"),
        arguments(
            DOMAIN + alice + "[[account]]\naddress = \"Alice@example.org\"",
            "c.toml:6:1: account[1].address: alice@example.org is there already, at c.toml:4:1"),
        arguments(
            DOMAIN + alice + "aliases = [\"x@example.org\", \"ALICE@example.org\"]",
            "c.toml:5:29: account[0].aliases[1]: alice@example.org is there already, at"
                + " c.toml:4:1"),
        arguments(
            DOMAIN + "[[account]]\naddress = \"alice@example.com\"",
            "c.toml:4:1: account[0].address: alice@example.com is in no [[domain]] of this"
                + " configuration"),
        arguments(
            alice,
            "c.toml:2:1: account[0].address: alice@example.org is in no [[domain]] of this"
                + " configuration"),
        arguments(
            DOMAIN + "catch-all = \"bob@example.org\"\n" + alice,
            "c.toml:3:1: domain[0].catch-all: no account or alias is named bob@example.org"),
        arguments(
            DOMAIN + "catch-all = \"bob@example.com\"\n" + alice,
            "c.toml:3:1: domain[0].catch-all: bob@example.com is in no [[domain]] of this"
                + " configuration"),
        arguments(
            DOMAIN + "subaddress-separator = \"@\"",
            "c.toml:3:1: domain[0].subaddress-separator: a separator is made of up to 8 characters"
                + " such as + - or =, or empty"),
        arguments(
            "[[domain]]\nname = \"\u05d0a.example\"",
            "c.toml:2:1: domain[0].name: \u05d0a.example is no internationalized domain name"
                + " (UTS #46)"),
        arguments(
            DOMAIN + alice + "password = \"secret\"",
            "c.toml:5:1: account[0].password: no hash of a known kind; `depesche user add` keeps"
                + " accounts with their hashes"),
        arguments(
            "[[listener]]\naddress = \":25\"\n[[listener]]\naddress = \":25\"",
            "c.toml:4:1: listener[1].address: :25 is there already, at c.toml:2:1"),
        arguments(
            "[mailboxes]\npath = \"/mail/{user}/{local}\"",
            "c.toml:2:1: mailboxes.path: only {data-dir}, {domain} and {local} can stand in"
                + " braces"),
        arguments(
            "[mailboxes]\npath = \"/mail\"",
            "c.toml:2:1: mailboxes.path: without {local} all accounts would share one mailbox"),
        arguments(
            "[mailboxes]\npath = \"/mail/{local}\"\n"
                + DOMAIN
                + "[[domain]]\nname = \"example.com\"",
            "c.toml:2:1: mailboxes.path: with several domains it needs {domain}"),
        arguments(
            "hostname = \"mx.example.org\"\n[acme]\nemail = \"a@example.org\"",
            "c.toml:2:1: acme: no certificate is had without acme.agree-to-terms = true, by which"
                + " you agree to the terms of service of"
                + " https://acme-v02.api.letsencrypt.org/directory"),
        arguments(
            "[acme]\nagree-to-terms = true",
            "c.toml:1:1: acme: say in acme.domains or by hostname which names the certificate is"
                + " for"),
        arguments(
            "hostname = \"mx.example.org\"\n"
                + "[tls]\ncertificate = \"c.pem\"\n[acme]\nagree-to-terms = true",
            "c.toml:4:1: acme: tls.certificate is set already; take one of the two out"),
        arguments(
            ACME + "directory-url = \"http://ca.test/\"",
            "c.toml:4:1: acme.directory-url: an authority has an address that begins with"
                + " https://"),
        arguments(
            ACME + "external-account-key-id = \"kid\"",
            "c.toml:4:1: acme.external-account-key-id: external-account-key-id and"
                + " external-account-key go together"),
        arguments(
            "[log]\nmail = \"{local}.log\"",
            "c.toml:2:1: log.mail: only {data-dir} can stand in braces"),
        arguments(
            "data-dir = \"/a{b}\"",
            "c.toml:1:1: data-dir: a path with braces cannot stand for {data-dir}"));
  }

  static Stream<Arguments> syntax() {
    return Stream.of(
        arguments("hostname = ", "c.toml:1:12: Unexpected end of input, expected a value"),
        arguments(
            "[limits]\nrecipients = 1\nrecipients = 2",
            "c.toml:3:1: recipients previously defined at line 2, column 1"),
        arguments("[log]\n[log]", "c.toml:2:1: log previously defined at line 1, column 1"));
  }

  @Test
  void allMistakesAreToldAtOnceInTheOrderOfTheFile() {
    String text =
        """
        hostnam = "x"
        [[domain]]
        name = "example.org"
        [[domain]]
        name = "example.org"
        [limits]
        recipients = "many"
        message-size = "5 parsecs"
        [tls]
        certificat = "x"
        """;

    assertThat(problems(text, Map.of("limits.errors", "-1")))
        .containsExactly(
            "--set: limits.errors is -1, it has to be at least 1 and at most 2147483647",
            "c.toml:1:1: unknown key hostnam, did you mean hostname?",
            "c.toml:5:1: domain[1].name: example.org is there already, at c.toml:3:1",
            "c.toml:7:1: limits.recipients is \"many\", it has to be a whole number such as 1000",
            "c.toml:8:1: limits.message-size is \"5 parsecs\", it has to be a size such as"
                + " \"512KiB\" or \"50MiB\"",
            "c.toml:10:1: unknown key tls.certificat, did you mean tls.certificate?");
  }

  @Test
  void mistakesInATableHideNothingButWhatFollowsFromThem() {
    String text =
        """
        [[domain]]
        name = "-"
        [[account]]
        address = "alice@example.org"
        [[account]]
        address = "alice@example.org"
        """;

    assertThat(problems(text, Map.of()))
        .containsExactly(
            "c.toml:2:1: domain[0].name is \"-\", it has to be a domain such as \"example.org\"",
            "c.toml:6:1: account[1].address: alice@example.org is there already, at c.toml:4:1");
  }

  @ParameterizedTest(name = "--set {0}={1}")
  @MethodSource("overrides")
  void mistakesOfTheCommandLineNameIt(String key, String value, String told) {
    assertThat(problems("", Map.of(key, value))).containsExactly(told);
  }

  static Stream<Arguments> overrides() {
    return Stream.of(
        arguments(
            "limits.recipient",
            "5",
            "--set: unknown key limits.recipient, did you mean limits.recipients?"),
        arguments(
            "limits.recipients",
            "many",
            "--set: limits.recipients is many, it has to be a whole number such as 1000"),
        arguments(
            "limits.recipients",
            "",
            "--set: limits.recipients is empty, it has to be a whole number such as 1000"),
        arguments("limits", "5", "--set: limits is 5, it has to be a table, [limits]"),
        arguments(
            "listener.1.address",
            ":25",
            "--set: listener.1.address: '1' is no place of a list of 0"),
        arguments(
            "listener.x.address",
            ":25",
            "--set: listener is a table, it has to be tables, each under [[listener]]"),
        arguments(
            "hostname.x",
            "y",
            "--set: hostname is a table, it has to be a domain such as" + " \"example.org\""),
        arguments("", "y", "--set: unknown key "),
        arguments("tls.key", "k.pem", "--set: tls.key: a key without tls.certificate"));
  }

  @Test
  void nothingStandsBelowAValue() {
    assertThat(problems("hostname = \"a.test\"", Map.of("hostname.x", "y")))
        .containsExactly("--set: hostname.x: there is nothing below a value");
  }

  @Test
  void passwordsAreNeverRepeated() {
    String text = DOMAIN + "[[account]]\naddress = \"a@example.org\"\npassword = \"hunter2\"";

    assertThat(String.join("\n", problems(text, Map.of("account.0.password", "[\"hunter2\"]"))))
        .isNotEmpty()
        .doesNotContain("hunter2");
    assertThat(String.join("\n", problems(text, Map.of()))).isNotEmpty().doesNotContain("hunter2");
  }

  @Test
  void aFloodOfMistakesIsCut() {
    assertThat(problems("[[listener]]\n".repeat(1000), Map.of())).hasSize(100);
  }

  private static List<String> problems(String text, Map<String, String> overrides) {
    return switch (ConfigurationLoader.parse(text, "c.toml", new LinkedHashMap<>(overrides))) {
      case ConfigurationLoader.Refused(var problems) ->
          problems.stream().map(Problem::toString).toList();
      case ConfigurationLoader.Loaded _ -> List.of();
    };
  }
}
