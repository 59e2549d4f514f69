package org.depesche.login.oauth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Requests to the provider: none takes longer than it may, none brings more than it may, and there
/// are not too many at a time.
final class Provider {

  /// Some kilobytes are usual.
  static final int MAX_ANSWER_OCTETS = 256 * 1024;

  private static final int MAX_REQUESTS = 50;

  private final Duration timeout;
  private final HttpClient http;
  private final Semaphore requests = new Semaphore(MAX_REQUESTS);

  Provider(Duration timeout) {
    this.timeout = timeout;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            // What is asked names a token, or brings keys: nobody but the one configured gets it.
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .build();
  }

  String fetch(URI from) throws UnavailableException {
    return answer(request(from).GET().build());
  }

  String post(URI to, String form, String authorization) throws UnavailableException {
    return answer(
        request(to)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Authorization", authorization)
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build());
  }

  private static HttpRequest.Builder request(URI address) {
    return HttpRequest.newBuilder(address).header("Accept", "application/json");
  }

  private String answer(HttpRequest request) throws UnavailableException {
    if (!requests.tryAcquire()) {
      throw new UnavailableException("too many questions to " + request.uri().getHost());
    }
    CompletableFuture<HttpResponse<String>> asked =
        http.sendAsync(
            request,
            HttpResponse.BodyHandlers.limiting(
                HttpResponse.BodyHandlers.ofString(UTF_8), MAX_ANSWER_OCTETS));
    try {
      // The time of a request ends with its header; this one goes on to the last octet.
      HttpResponse<String> response = asked.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new UnavailableException(request.uri() + " answers " + response.statusCode());
      }
      return response.body();
    } catch (TimeoutException _) {
      throw new UnavailableException(request.uri() + " does not answer in " + timeout);
    } catch (ExecutionException e) {
      throw new UnavailableException(request.uri() + ": " + e.getCause());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted");
    } finally {
      boolean _ = asked.cancel(true);
      requests.release();
    }
  }
}
