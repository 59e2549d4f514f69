package org.depesche.tls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The page an authority looks for.
class PageDialogueTest {

  private final PageDialogue dialogue =
      new PageDialogue(List.of(new Answer.Page("token-1_A", "token-1_A.thumbprint")));

  /// RFC 8555 §8.3.
  @Test
  void theAuthorityFindsItsPage() {
    String line = "GET /.well-known/acme-challenge/token-1_A HTTP/1.1";

    assertThat(dialogue.answer(line + "\r\n\r\n"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("\r\nContent-Type: application/octet-stream\r\n")
        .contains("\r\nContent-Length: 20\r\n")
        .endsWith("\r\n\r\ntoken-1_A.thumbprint");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1",
        "GET /.well-known/acme-challenge/ HTTP/1.1",
        "GET /.well-known/acme-challenge/token-2 HTTP/1.1",
        "GET /.well-known/acme-challenge/token-1_A/ HTTP/1.1",
        "GET /.well-known/acme-challenge/../../etc/passwd HTTP/1.1",
        "POST /.well-known/acme-challenge/token-1_A HTTP/1.1",
        "GET /.well-known/acme-challenge/token-1_A HTTP/2.0",
        "GET /.well-known/acme-challenge/token-1_A",
        "",
        "\u0016\u0003\u0001",
      })
  void nobodyFindsAnythingElse(String line) {
    assertThat(dialogue.answer(line + "\r\n\r\n"))
        .startsWith("HTTP/1.1 404 Not Found\r\n")
        .doesNotContain("thumbprint");
  }
}
