package org.depesche.tls.acme;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.depesche.net.Connection;

/// The HTTP that an authority needs: one request, one answer (RFC 8555 §8.3).
final class PageDialogue implements ChallengeServer.Dialogue {

  /// Octets of a request, header fields included.
  private static final int MAX_REQUEST = 8192;

  private static final Pattern REQUEST =
      Pattern.compile("GET /\\.well-known/acme-challenge/([A-Za-z0-9_-]{1,512}) HTTP/1\\.[01]");

  private final Map<String, String> pages;

  PageDialogue(List<Answer.Page> pages) {
    this.pages = pages.stream().collect(Collectors.toMap(Answer.Page::token, Answer.Page::text));
  }

  @Override
  public void hold(Connection connection) throws IOException {
    ByteBuffer request = ByteBuffer.allocate(MAX_REQUEST);
    String text = "";
    while (!text.contains("\r\n\r\n")) {
      if (!request.hasRemaining() || connection.read(request) < 0) {
        return;
      }
      text = new String(request.array(), 0, request.position(), StandardCharsets.ISO_8859_1);
    }
    connection.write(ByteBuffer.wrap(answer(text).getBytes(StandardCharsets.ISO_8859_1)));
    connection.finish();
  }

  /// The answer to a request, both with their header.
  String answer(String request) {
    Matcher line = REQUEST.matcher(request.substring(0, request.indexOf("\r\n")));
    String page = line.matches() ? pages.getOrDefault(line.group(1), "") : "";
    return page.isEmpty()
        ? response("404 Not Found", "text/plain", "There is nothing here.\n")
        // RFC 8555 §8.3: the type a page should have.
        : response("200 OK", "application/octet-stream", page);
  }

  private static String response(String status, String type, String body) {
    return "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
        .formatted(status, type, body.length(), body);
  }
}
