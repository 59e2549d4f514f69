package org.depesche.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeaderScannerTest {

  private static final String HEADER =
      String.join(
          "\r\n",
          "Received: from a",
          "\tby b; now",
          "received : from b",
          "X-Received: no",
          "Received-SPF: no",
          "DELIVERED-TO: bob@mx.test",
          "Delivered-To:",
          " eve",
          " @mx.test ",
          "Subject: Received: no",
          "");

  @Test
  void countsReceivedAndKeepsDeliveredToOfTheHeaderOnly() {
    String message = HEADER + "\r\nReceived: in the body\r\nDelivered-To: x\r\n";

    for (int piece = 1; piece <= message.length(); piece++) {
      HeaderScanner scanner = scan(message, piece);
      assertThat(scanner.received()).isEqualTo(2);
      assertThat(scanner.deliveredTo()).containsExactly("bob@mx.test", "eve @mx.test");
      assertThat(scanner.headerOctets()).isEqualTo(HEADER.length());
      assertThat(scanner.headerComplete()).isTrue();
    }
  }

  /// RFC 8689 §3
  @Test
  void seesThatTlsIsNotRequired() {
    for (int piece : new int[] {1, 3, 100}) {
      assertThat(scan("TLS-Required: No\r\n\r\n", piece).tlsNotRequired()).isTrue();
      assertThat(scan("tls-required:\r\n no\r\nTo: x\r\n\r\n", piece).tlsNotRequired()).isTrue();
      assertThat(scan("TLS-Required: Yes\r\n\r\n", piece).tlsNotRequired()).isFalse();
      assertThat(scan("To: x\r\n\r\nTLS-Required: No\r\n", piece).tlsNotRequired()).isFalse();
    }
    HeaderScanner scanner = scan("TLS-Required: No\r\nDelivered-To: bob\r\n\r\n", 100);
    assertThat(scanner.deliveredTo()).containsExactly("bob");
  }

  @Test
  void aHeaderMayEndWithTheMessage() {
    HeaderScanner scanner = scan("Received: x\r\nDelivered-To: bob", 100);
    assertThat(scanner.deliveredTo()).isEmpty();
    assertThat(scanner.headerComplete()).isFalse();

    scanner.end();

    assertThat(scanner.deliveredTo()).containsExactly("bob");
    assertThat(scanner.received()).isEqualTo(1);
    assertThat(scanner.headerOctets()).isEqualTo(30);
  }

  @Test
  void aLineThatIsNoFieldEndsTheHeader() {
    for (String body :
        List.of(
            "hello\r\n", "hello world: x\r\n", ": x\r\n", "x\ty\r\n", "ü: x\r\n", "\0: x\r\n")) {
      HeaderScanner scanner = scan("A: b\r\n" + body + "Received: x\r\n", 100);

      assertThat(scanner.received()).as(body).isZero();
      assertThat(scanner.headerOctets()).as(body).isEqualTo(6);
    }
  }

  @Test
  void aContinuationOfNothingEndsTheHeader() {
    assertThat(scan(" x\r\nReceived: x\r\n", 100).received()).isZero();
  }

  @Test
  void keepsNoMoreThanItsLimits() {
    StringBuilder message = new StringBuilder();
    for (int i = 0; i < 3 * HeaderScanner.MAX_DELIVERED_TO; i++) {
      message.append("Delivered-To: ").append("x".repeat(5000)).append("\r\n");
    }
    HeaderScanner scanner = scan(message.toString(), 1000);

    assertThat(scanner.deliveredTo()).hasSize(HeaderScanner.MAX_DELIVERED_TO);
    assertThat(scanner.deliveredTo())
        .allSatisfy(
            v -> assertThat(v.length()).isLessThanOrEqualTo(HeaderScanner.MAX_VALUE_OCTETS));
    assertThat(scanner.headerOctets()).isEqualTo(message.length());
  }

  @FuzzTest(maxDuration = "1m")
  void piecesDoNotMatter(byte[] input) {
    String text = new String(input, ISO_8859_1);
    HeaderScanner whole = scan(text, Math.max(1, text.length()));
    HeaderScanner pieces = scan(text, 1);

    assertThat(pieces.received()).isEqualTo(whole.received());
    assertThat(pieces.deliveredTo()).isEqualTo(whole.deliveredTo());
    assertThat(pieces.headerOctets()).isEqualTo(whole.headerOctets());
    assertThat(pieces.headerOctets()).isLessThanOrEqualTo(text.length());
  }

  private static HeaderScanner scan(String message, int piece) {
    HeaderScanner scanner = new HeaderScanner();
    byte[] bytes = message.getBytes(ISO_8859_1);
    for (int i = 0; i < bytes.length; i += piece) {
      scanner.write(bytes, i, Math.min(piece, bytes.length - i));
    }
    return scanner;
  }
}
