package org.depesche.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.depesche.directory.Account;
import org.depesche.directory.AccountBook;
import org.depesche.directory.AccountFile;
import org.depesche.directory.Listed;
import org.depesche.directory.LocalDomain;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.sasl.ScramHash;
import org.depesche.testing.MemoryTimelines;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Accounts by HTTP, with the account file behind them.
@Timeout(60)
class AccountApiTest {

  private static final Domain HERE = new Domain("example.org");

  @TempDir Path folder;

  private final FakeTarget target = new FakeTarget();
  private final HttpClient http = HttpClient.newHttpClient();
  private AdminServer server;
  private int edits;

  @BeforeEach
  void start() {
    Listed listed =
        new Listed(
            List.of(new LocalDomain(HERE, Optional.empty(), "+")),
            List.of(Account.of(new Mailbox("boss", HERE))),
            List.of(),
            List.of(),
            Optional.empty());
    target.accounts =
        new AccountBook(
            listed,
            true,
            new AccountFile(folder.resolve("accounts.toml")),
            () -> edits++,
            List.of(ScramHash.SHA_256),
            InstantSource.fixed(FakeTarget.STARTED),
            new SecureRandom());
    server =
        new AdminServer(
            AdminSettings.local("mx.example.org"),
            folder,
            target,
            new MemoryTimelines(),
            () -> "",
            new SecureRandom());
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + "/v1/accounts" + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
            .header("Authorization", "Bearer " + AdminFile.read(folder).orElseThrow().token())
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void anAccountIsAddedShownChangedAndRemoved() throws Exception {
    HttpResponse<String> added =
        send(
            "POST",
            "",
            """
            {'address': 'ann@example.org', 'password': 'correct horse', 'aliases': ['a@example.org'],
             'sendAs': ['@example.net'], 'quotaBytes': 5000000000,
             'limits': {'messages': {'amount': 500, 'seconds': 3600}, 'sessions': 3}}
            """);
    assertThat(added.statusCode()).isEqualTo(201);
    String shown =
        """
        {"address": "ann@example.org", "from": "command", "hasPassword": true, "disabled": false,
         "aliases": ["a@example.org"], "sendAs": ["@example.net"], "forwardTo": [],
         "keepCopy": true, "quotaBytes": 5000000000,
         "limits": {"messages": {"amount": 500, "seconds": 3600}, "sessions": 3},
         "appPasswords": []}
        """;
    assertThat(added.body()).isEqualToIgnoringWhitespace(shown);
    assertThat(send("GET", "/ann@example.org", "").body()).isEqualToIgnoringWhitespace(shown);
    assertThat(Files.readString(folder.resolve("accounts.toml")))
        .contains("$argon2id$", "SCRAM-SHA-256$")
        .doesNotContain("correct horse");

    HttpResponse<String> changed =
        send(
            "PATCH",
            "/ann@example.org",
            """
            {'password': null, 'aliases': ['b@example.org'], 'quotaBytes': null, 'disabled': true,
             'forwardTo': ['ann@example.com'], 'keepCopy': false, 'limits': {'messageBytes': 1000}}
            """);
    assertThat(changed.statusCode()).isEqualTo(200);
    assertThat(changed.body())
        .isEqualToIgnoringWhitespace(
            """
            {"address": "ann@example.org", "from": "command", "hasPassword": false,
             "disabled": true, "aliases": ["b@example.org"], "sendAs": ["@example.net"],
             "forwardTo": ["ann@example.com"], "keepCopy": false,
             "limits": {"messageBytes": 1000}, "appPasswords": []}
            """);

    assertThat(send("DELETE", "/ann@example.org", "").statusCode()).isEqualTo(200);
    assertThat(send("GET", "/ann@example.org", "").statusCode()).isEqualTo(404);
    assertThat(edits).isEqualTo(3);
    assertThat(target.operated)
        .containsExactly(
            "account add ann@example.org",
            "account change ann@example.org",
            "account remove ann@example.org");
  }

  @Test
  void aPasswordIsMadeAndShownOnce() throws Exception {
    assertThat(send("POST", "", "{'address': 'ann@example.org', 'generatePassword': true}").body())
        .containsPattern("\"password\" : \"([a-z2-9]{4}-){4}[a-z2-9]{4}\"");
    assertThat(send("GET", "/ann@example.org", "").body())
        .contains("\"hasPassword\" : true")
        .doesNotContain("\"password\"");
    assertThat(send("PATCH", "/ann@example.org", "{'generatePassword': true}").body())
        .containsPattern("\"password\" : \"([a-z2-9]{4}-){4}[a-z2-9]{4}\"");
  }

  @Test
  void programsHavePasswordsOfTheirOwn() throws Exception {
    send("POST", "", "{'address': 'ann@example.org'}");

    HttpResponse<String> made =
        send(
            "POST",
            "/ann@example.org/app-passwords",
            "{'name': 'crm', 'limits': {'recipients': {'amount': 9, 'seconds': 60}}}");
    assertThat(made.statusCode()).isEqualTo(201);
    assertThat(made.body()).containsPattern("\"password\" : \"([a-z2-9]{4}-){4}[a-z2-9]{4}\"");
    assertThat(send("POST", "/ann@example.org/app-passwords", "{'name': 'crm'}").statusCode())
        .isEqualTo(409);
    assertThat(send("GET", "/ann@example.org", "").body().replaceAll("\\s", ""))
        .contains(
            "\"appPasswords\":[{\"name\":\"crm\",\"made\":\"2026-11-23T09:00:00Z\","
                + "\"lastUse\":\"2026-11-23T09:00:00Z\","
                + "\"limits\":{\"recipients\":{\"amount\":9,\"seconds\":60}}}]");

    assertThat(
            send("DELETE", "/ann@example.org/app-passwords/crm", "").body().replaceAll("\\s", ""))
        .contains("\"appPasswords\":[]");
    assertThat(send("DELETE", "/ann@example.org/app-passwords/crm", "").statusCode())
        .isEqualTo(404);
  }

  @Test
  void theListCanBeSearchedAndReadInParts() throws Exception {
    for (String name : List.of("ann", "ben", "cy")) {
      send("POST", "", "{'address': '%s@example.org'}".formatted(name));
    }
    assertThat(send("GET", "?contains=BEN", "").body())
        .contains("\"accounts\" : 1", "ben@example.org")
        .doesNotContain("ann@example.org");
    assertThat(send("GET", "?limit=2", "").body())
        .contains("\"accounts\" : 4", "\"from\" : \"configuration\"", "boss@", "ann@")
        .doesNotContain("ben@");
    assertThat(send("GET", "?limit=2&after=ann@example.org", "").body())
        .contains("\"accounts\" : 4", "ben@", "cy@")
        .doesNotContain("ann@");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST  |                 | {'address': 'ann@example.org', 'colour': 1}    | 400 | nothing"
            + " is known of colour",
        "POST  |                 | {'password': 'x'}                              | 400 | address"
            + " is missing",
        "POST  |                 | {'address': 'ann'}                             | 400 | is no"
            + " address",
        "POST  |                 | [1]                                            | 400 | no JSON"
            + " object",
        "POST  |                 | {'address': 'ann@example.com'}                 | 400 | is in no"
            + " [[domain]]",
        "POST  |                 | {'address': 'boss@example.org'}                | 409 | is there"
            + " already",
        "POST  |                 | {'address': 'x@example.org', 'aliases': ['BOSS@example.org']} |"
            + " 409 | is there already",
        "POST  |                 | {'address': 'x@example.org', 'aliases': 'y'}   | 400 | is a"
            + " list",
        "POST  |                 | {'address': 'x@example.org', 'password': ''}   | 400 | not"
            + " empty",
        "POST  |                 | {'address': 'x@example.org', 'password': 'y',"
            + " 'generatePassword': true} | 400 | not both",
        "POST  |                 | {'address': 'x@example.org', 'quotaBytes': -1} | 400 | above"
            + " zero",
        "POST  |                 | {'address': 'x@example.org', 'sendAs': ['y']}  | 400 | no"
            + " address and no domain",
        "POST  |                 | {'address': 'x@example.org', 'limits': {'messages': {'amount':"
            + " 1}}} | 400 | amount and seconds",
        "POST  |                 | {'address': 'x@example.org', 'limits': {'mesages': 1}} | 400 |"
            + " limits.mesages",
        "POST  |                 | {'address': 'x@example.org', 'limits': {'messages': {'amount':"
            + " 1, 'seconds': 9223372036854775807}}} | 400 | in a time of 1 to",
        "GET   | ?after=nobody@example.org | {}                                   | 400 | to go on"
            + " behind",
        "PATCH | /nobody@example.org | {'disabled': true}                         | 404 | there is"
            + " no account",
        "PATCH | /boss@example.org   | {'disabled': true}                         | 409 | stands in"
            + " the configuration",
        "DELETE| /boss@example.org   | {}                                         | 409 | stands in"
            + " the configuration",
        "DELETE| /nobody@example.org | {}                                         | 404 | there is"
            + " no account",
        "POST  | /nobody@example.org/app-passwords | {'name': 'crm'}              | 404 | there is"
            + " no account",
        "POST  | /nobody@example.org/app-passwords | {'name': 'c r m'}            | 400 | letters,"
            + " digits",
        "PUT   | /boss@example.org   | {}                                         | 405 | "
      })
  void whatCannotBeIsRefusedWithAReason(
      String method, @Nullable String path, String body, int status, @Nullable String reason)
      throws Exception {
    HttpResponse<String> answer = send(method, path == null ? "" : path, body);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains("\"error\"", reason == null ? "" : reason);
    assertThat(edits).isZero();
    assertThat(target.operated).isEmpty();
  }

  @Test
  void aFileThatCannotBeReadIsNoReasonToWriteItAnew() throws Exception {
    Files.writeString(folder.resolve("accounts.toml"), "[[account]]\nadress = 'x'\n");

    assertThat(send("POST", "", "{'address': 'ann@example.org'}").statusCode()).isEqualTo(503);
    assertThat(send("GET", "", "").body()).contains("accounts.toml:2");
    assertThat(Files.readString(folder.resolve("accounts.toml"))).contains("adress");
  }
}
