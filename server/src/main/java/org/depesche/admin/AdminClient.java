package org.depesche.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.depesche.mail.EnvelopeId;
import org.depesche.queue.QueueListing;
import org.jspecify.annotations.Nullable;

/// Calls the API of the server that runs on a data folder. Uses `HttpURLConnection`, which starts
/// several times faster than `java.net.http`; a command makes one call and ends.
public final class AdminClient {

  private static final Duration CONNECT = Duration.ofSeconds(3);

  /// A reload may take its time.
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private static final int MAX_ANSWER_BYTES = 32 * 1024 * 1024;

  private final Path dataDir;

  public AdminClient(Path dataDir) {
    this.dataDir = dataDir;
  }

  public AdminAnswer<ServerStatus> status() {
    return call("GET", "/v1/status", ServerStatus.class);
  }

  public AdminAnswer<Explanation> message(EnvelopeId eid) {
    return call("GET", "/v1/messages/" + eid, Explanation.class);
  }

  public AdminAnswer<AddressReport> messages(String address, int limit) {
    return call(
        "GET", "/v1/messages?address=" + encode(address) + "&limit=" + limit, AddressReport.class);
  }

  public AdminAnswer<SessionReport> refusals(String sid) {
    return call("GET", "/v1/refusals/" + encode(sid), SessionReport.class);
  }

  public AdminAnswer<QueueReport> queue(int limit) {
    return call("GET", "/v1/queue?limit=" + limit, QueueReport.class);
  }

  /// What matches in the queue.
  ///
  /// @param conditions by the names of the API
  public AdminAnswer<QueueListing> queue(Map<String, String> conditions, int limit) {
    Map<String, String> all = new LinkedHashMap<>(conditions);
    all.put("limit", Integer.toString(limit));
    return call("GET", "/v1/queue/messages?" + parameters(all), QueueListing.class);
  }

  /// Does something to what matches in the queue.
  public AdminAnswer<QueueChange> change(String verb, Map<String, String> parameters) {
    return call("POST", "/v1/queue/" + verb + "?" + parameters(parameters), QueueChange.class);
  }

  /// Stops deliveries to a destination, or lets them go on.
  ///
  /// @param verb `suspend` or `resume`
  public AdminAnswer<SuspensionReport> destination(String verb, String destination) {
    return call(
        "POST",
        "/v1/queue/" + verb + "?destination=" + encode(destination),
        SuspensionReport.class);
  }

  public AdminAnswer<SuspensionReport> suspended() {
    return call("GET", "/v1/queue/suspended", SuspensionReport.class);
  }

  /// Who is locked out of logging in.
  public AdminAnswer<LockReport> locks() {
    return call("GET", "/v1/logins/locks", LockReport.class);
  }

  /// Lets somebody log in again.
  public AdminAnswer<LockReport> unlock(String key) {
    return call("POST", "/v1/logins/unlock?key=" + encode(key), LockReport.class);
  }

  /// What an account has used of what it may send.
  public AdminAnswer<AllowanceReport> allowances(String account) {
    return call("GET", "/v1/allowances?account=" + encode(account), AllowanceReport.class);
  }

  /// What would become of a message.
  public AdminAnswer<RoutePreview> preview(String from, String to, String client) {
    return call(
        "GET",
        "/v1/route?from=" + encode(from) + "&to=" + encode(to) + "&client=" + encode(client),
        RoutePreview.class);
  }

  private static String parameters(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(each -> each.getKey() + "=" + encode(each.getValue()))
        .collect(Collectors.joining("&"));
  }

  public AdminAnswer<ReloadOutcome.Reloaded> reload() {
    return call("POST", "/v1/reload", ReloadOutcome.Reloaded.class);
  }

  public AdminAnswer<Stopping> stop() {
    return call("POST", "/v1/stop", Stopping.class);
  }

  /// A stop has begun.
  public record Stopping(String status) {}

  /// An error as the API tells it.
  private record Trouble(String error, Optional<List<String>> problems) {}

  private <T extends Record> AdminAnswer<T> call(String method, String path, Class<T> type) {
    AdminFile server;
    try {
      Optional<AdminFile> found = AdminFile.read(dataDir);
      if (found.isEmpty()) {
        return new AdminAnswer.NotRunning<>("No server is running on " + dataDir + ".");
      }
      server = found.get();
    } catch (AdminException e) {
      return new AdminAnswer.NotRunning<>(e.getMessage() + ".");
    }
    try {
      return call(server, method, path, type);
    } catch (IOException e) {
      return new AdminAnswer.NotRunning<>(
          "No server answers at "
              + server.url()
              + " (process "
              + server.pid()
              + "): "
              + e.getMessage()
              + ".");
    }
  }

  private static <T extends Record> AdminAnswer<T> call(
      AdminFile server, String method, String path, Class<T> type) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(server.url() + path).toURL().openConnection(Proxy.NO_PROXY);
    try {
      connection.setRequestMethod(method);
      connection.setConnectTimeout((int) CONNECT.toMillis());
      connection.setReadTimeout((int) ANSWER.toMillis());
      connection.setInstanceFollowRedirects(false);
      connection.setRequestProperty("Authorization", "Bearer " + server.token());
      int status = connection.getResponseCode();
      if (status < 300) {
        byte[] body = body(connection.getInputStream());
        return new AdminAnswer.Done<>(Json.read(body, type), new String(body, UTF_8));
      }
      Trouble trouble = Json.read(body(connection.getErrorStream()), Trouble.class);
      return new AdminAnswer.Refused<>(
          status, trouble.error(), trouble.problems().orElse(List.of()));
    } catch (IllegalArgumentException e) {
      throw new IOException("the answer is not understood: " + e.getMessage(), e);
    } finally {
      connection.disconnect();
    }
  }

  private static byte[] body(@Nullable InputStream stream) throws IOException {
    if (stream == null) {
      return new byte[0];
    }
    try (stream) {
      byte[] body = stream.readNBytes(MAX_ANSWER_BYTES);
      if (stream.read() >= 0) {
        throw new IOException("the answer is longer than " + MAX_ANSWER_BYTES + " bytes");
      }
      return body;
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }
}
