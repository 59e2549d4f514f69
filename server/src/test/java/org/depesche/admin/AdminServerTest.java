package org.depesche.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Reply;
import org.depesche.queue.QueueEntry;
import org.depesche.telemetry.MailEvent;
import org.depesche.testing.MemoryTimelines;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AdminServerTest {

  private static final Instant AT = Instant.parse("2026-11-23T09:05:07.042Z");
  private static final EnvelopeId EID = EnvelopeId.firstAt(AT.toEpochMilli());

  @TempDir Path folder;

  private final FakeTarget target = new FakeTarget();
  private final MemoryTimelines history = new MemoryTimelines();
  private final HttpClient http = HttpClient.newHttpClient();
  private AdminServer server;

  @BeforeEach
  void start() {
    server = server(AdminSettings.local("mx.example.org"));
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  @Test
  void healthNeedsNoToken() throws Exception {
    HttpResponse<String> answer = get("/health", "");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"ok\"");
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
  }

  @Test
  void healthTellsTrouble() throws Exception {
    target.trouble = Optional.of("the disk is full");

    assertThat(get("/health", "").statusCode()).isEqualTo(503);
    assertThat(get("/health", "").body()).contains("\"error\"", "the disk is full");
  }

  @Test
  void tellsWhatAnAccountHasUsed() throws Exception {
    HttpResponse<String> answer =
        get("/v1/allowances?account=ann@example.org", "Bearer " + file().token());

    assertThat(answer.body())
        .isEqualToIgnoringWhitespace(
            """
            {"account": "ann@example.org", "allowances":
             [{"kind": "messages", "used": 3, "amount": 500, "seconds": 3600},
              {"kind": "messages", "used": 2, "amount": 500, "seconds": 3600, "program": "crm"}]}
            """);
    assertThat(get("/v1/allowances", "Bearer " + file().token()).statusCode()).isEqualTo(400);
  }

  @Test
  void metricsNeedNoToken() throws Exception {
    HttpResponse<String> answer = get("/metrics", "");

    assertThat(answer.body()).isEqualTo("some_metric 1\n");
    assertThat(answer.headers().firstValue("content-type").orElseThrow())
        .startsWith("text/plain; version=0.0.4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/status", "/v1/queue", "/v1/messages", "/", "/v2/x", "/metrics/x"})
  void everythingElseNeedsTheToken(String path) throws Exception {
    HttpResponse<String> answer = get(path, "");

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("www-authenticate")).contains("Bearer");
    assertThat(answer.body()).contains("\"error\"");
  }

  @Test
  void aWrongTokenIsRefused() throws Exception {
    String right = file().token();

    for (String wrong :
        List.of(right + "x", right.substring(1), right.toUpperCase(Locale.ROOT), "x", "")) {
      assertThat(get("/v1/status", "Bearer " + wrong).statusCode()).isEqualTo(401);
    }
    assertThat(get("/v1/status", "Basic " + right).statusCode()).isEqualTo(401);
    assertThat(get("/v1/status", right).statusCode()).isEqualTo(401);
    assertThat(get("/v1/status", "bearer " + right).statusCode()).isEqualTo(200);
  }

  @Test
  void aTokenDoesNotOutliveTheServer() {
    String first = file().token();
    server.close();
    server = server(AdminSettings.local(""));
    server.start();

    assertThat(file().token()).isNotEqualTo(first).hasSize(43);
  }

  @Test
  void theFileIsForItsOwnerAndGoesWithTheServer() throws IOException {
    Path file = folder.resolve("admin.json");

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(file().url()).isEqualTo(server.url());
    server.close();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theFileOfAnotherServerIsLeft() throws IOException {
    new AdminFile("http://127.0.0.1:1", 1, "other", 1).write(folder);

    server.close();

    assertThat(file().token()).isEqualTo("other");
  }

  @Test
  void closingBeforeStartingMeansNeverStarting() {
    AdminServer other = server(AdminSettings.local(""));
    other.close();
    other.start();

    assertThatThrownBy(other::url).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aPortInUseIsSaid() {
    AdminServer second = server(new AdminSettings("127.0.0.1", file().port(), ""));

    assertThatThrownBy(second::start)
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("cannot listen on 127.0.0.1 port " + file().port());
    assertThat(file().url()).isEqualTo(server.url());
  }

  @Test
  void statusShowsTheServer() throws Exception {
    assertThat(authorized("GET", "/v1/status").body())
        .contains(
            "\"hostname\" : \"mx.example.org\"",
            "\"uptimeMs\" : 5000",
            "\"role\" : \"mx\"",
            "\"messages\" : 4")
        .doesNotContain("trouble");
  }

  @Test
  void aMessageIsExplained() throws Exception {
    history.emit(accepted("a@x.y", "b@x.y"));
    history.emit(
        new MailEvent.Waiting(AT, EID, "b@x.y", "retry", "disk full", 1, AT.plusSeconds(60)));
    target.queue =
        List.of(new QueueEntry(EID, "local b@x.y", 1, 1, AT.plusSeconds(60), "retry", ""));

    HttpResponse<String> answer = authorized("GET", "/v1/messages/" + EID);

    assertThat(answer.statusCode()).isEqualTo(200);
    Explanation read = Json.read(answer.body().getBytes(UTF_8), Explanation.class);
    assertThat(read).isEqualTo(new Explanation(EID, history.timeline(EID), List.of(waiting())));
    assertThat(answer.body()).contains("\"event\" : \"waiting\"", "\"tookMs\" : 12");
  }

  @Test
  void anUnknownMessageIsNotFound() throws Exception {
    HttpResponse<String> answer = authorized("GET", "/v1/messages/0000000000000");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("\"error\"", "0000000000000");
  }

  @Test
  void whatIsNoMessageIdIsABadRequest() throws Exception {
    assertThat(authorized("GET", "/v1/messages/zz").statusCode()).isEqualTo(400);
    assertThat(authorized("GET", "/v1/messages/%00%2e%2e%22").body()).contains("\"error\"");
  }

  @Test
  void messagesAreFoundByAddress() throws Exception {
    history.emit(accepted("a@x.y", "b@x.y", "c@x.y"));
    history.emit(delivered("b@x.y"));
    history.emit(new MailEvent.Waiting(AT, EID, "c@x.y", "hold", "?", 1, Instant.MAX));
    history.emit(refused("s9", "B@x.y"));

    HttpResponse<String> answer = authorized("GET", "/v1/messages?address=b%40X.y&limit=5");

    AddressReport report = Json.read(answer.body().getBytes(UTF_8), AddressReport.class);
    assertThat(report.messages())
        .singleElement()
        .extracting("state")
        .isEqualTo("1 delivered, 1 held");
    assertThat(report.refusals()).containsExactly(refused("s9", "B@x.y"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?address=",
        "?address=a&limit=0",
        "?address=a&limit=-1",
        "?address=a&limit=501",
        "?address=a&limit=x",
        "?address=a&limit=99999999999999999999"
      })
  void nonsenseQuestionsAreBadRequests(String query) throws Exception {
    HttpResponse<String> answer = authorized("GET", "/v1/messages" + query);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("\"error\"");
  }

  @Test
  void refusalsAreFoundBySession() throws Exception {
    history.emit(refused("s9", "b@x.y"));

    String body = authorized("GET", "/v1/refusals/s9").body();

    assertThat(Json.read(body.getBytes(UTF_8), SessionReport.class).refusals())
        .containsExactly(refused("s9", "b@x.y"));
    assertThat(authorized("GET", "/v1/refusals/s8").statusCode()).isEqualTo(404);
  }

  @Test
  void theQueueIsListedWithReasons() throws Exception {
    history.emit(
        new MailEvent.Waiting(AT, EID, "b@x.y", "retry", "disk full", 1, AT.plusSeconds(60)));
    target.queue =
        List.of(new QueueEntry(EID, "local b@x.y", 1, 1, AT.plusSeconds(60), "retry", ""));

    String body = authorized("GET", "/v1/queue?limit=7").body();

    assertThat(target.askedLimit).isEqualTo(7);
    assertThat(Json.read(body.getBytes(UTF_8), QueueReport.class).waiting())
        .containsExactly(waiting());
  }

  @Test
  void theQueueIsListedWithoutReasonsWhenTheHistoryIsBroken() throws Exception {
    history.breakDown();
    target.queue = List.of(new QueueEntry(EID, "local b@x.y", 1, 1, AT, "retry", ""));

    assertThat(authorized("GET", "/v1/queue").body()).contains("local b@x.y");
    assertThat(authorized("GET", "/v1/messages/" + EID).statusCode()).isEqualTo(503);
  }

  @Test
  void reloadAnswersWhatChangedOrTheProblems() throws Exception {
    assertThat(authorized("POST", "/v1/reload").statusCode()).isEqualTo(200);

    target.reload = new ReloadOutcome.Refused(List.of("depesche.toml:3:1 unknown key"));
    HttpResponse<String> answer = authorized("POST", "/v1/reload");

    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(answer.body()).contains("\"error\"", "depesche.toml:3:1 unknown key");
  }

  @Test
  void stopIsPassedOn() throws Exception {
    assertThat(authorized("POST", "/v1/stop").statusCode()).isEqualTo(202);
    assertThat(target.stopped).isTrue();
  }

  @Test
  void readingDoesNotChangeAnything() throws Exception {
    HttpResponse<String> answer = authorized("GET", "/v1/stop");

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("allow")).contains("POST");
    assertThat(answer.body()).contains("\"error\"").doesNotContain("\\n");
    assertThat(target.stopped).isFalse();
  }

  @Test
  void unknownPathsAreNotFound() throws Exception {
    HttpResponse<String> answer = authorized("GET", "/v1/nothing");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("\"error\"");
  }

  @Test
  void aFaultShowsNothingOfTheInside() throws Exception {
    target.fault = new IllegalStateException("secret path /var/lib");

    HttpResponse<String> answer = authorized("GET", "/v1/status");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("\"error\"").doesNotContain("secret", "Exception");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1]x", ""})
  void aForeignHostHeaderIsRefused(String host) throws IOException {
    assertThat(raw("GET /health HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 4")
        .contains("\"error\"")
        .doesNotContain("\"ok\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:80", "[::1]", "mx.example.org"})
  void ownHostHeadersAreTaken(String host) throws IOException {
    assertThat(raw("GET /health HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void longHeadersAreRefusedAsJson() throws IOException {
    String request =
        "GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(9000) + "\r\n\r\n";

    assertThat(raw(request)).startsWith("HTTP/1.1 431").contains("\"error\"");
  }

  private AdminServer server(AdminSettings settings) {
    return new AdminServer(
        settings, folder, target, history, () -> "some_metric 1\n", new SecureRandom());
  }

  private AdminFile file() {
    return AdminFile.read(folder).orElseThrow();
  }

  private HttpResponse<String> get(String path, String authorization)
      throws IOException, InterruptedException {
    return send("GET", path, authorization);
  }

  private HttpResponse<String> authorized(String method, String path)
      throws IOException, InterruptedException {
    return send(method, path, "Bearer " + file().token());
  }

  private HttpResponse<String> send(String method, String path, String authorization)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), file().port())) {
      socket.getOutputStream().write(request.getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  static MailEvent.Accepted accepted(String from, String... to) {
    return new MailEvent.Accepted(
        AT,
        EID,
        "s7",
        "192.0.2.1",
        "client.example",
        "ESMTP",
        from,
        List.of(to),
        1234,
        Duration.ofMillis(12));
  }

  private static QueueReport.Delivery waiting() {
    return new QueueReport.Delivery(
        EID, "local b@x.y", 1, 1, AT.plusSeconds(60), "retry", "disk full");
  }

  private static MailEvent.Delivered delivered(String rcpt) {
    return new MailEvent.Delivered(
        AT, EID, rcpt, rcpt, 1, Duration.ofSeconds(1), Duration.ofMillis(3), "stored");
  }

  private static MailEvent.Refused refused(String sid, String to) {
    return new MailEvent.Refused(
        AT,
        sid,
        "192.0.2.1",
        "client.example",
        "RCPT",
        "a@x.y",
        to,
        Reply.of(550, "5.1.1", "no such mailbox"),
        "unknown");
  }
}
