package org.depesche.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

class ChunkReaderTest {

  private final ByteArrayOutputStream content = new ByteArrayOutputStream();

  @Test
  void dotsMeanNothing() {
    ChunkReader reader = readInPieces("a\r\n.\r\n..\r\n", 3);

    assertThat(reader.violation()).isEmpty();
    assertThat(content.toString(ISO_8859_1)).isEqualTo("a\r\n.\r\n..\r\n");
  }

  @Test
  void textHasNoBareCrAndLf() {
    for (int piece = 1; piece < 6; piece++) {
      assertThat(readInPieces("a\nb\r\n", piece).violation()).contains(Violation.BARE_LF);
      assertThat(readInPieces("a\rb\r\n", piece).violation()).contains(Violation.BARE_CR);
      assertThat(readInPieces("a\r\r\n", piece).violation()).contains(Violation.BARE_CR);
      assertThat(readInPieces("a\r", piece).violation()).contains(Violation.BARE_CR);
      assertThat(readInPieces("a\0\r\n", piece).violation()).contains(Violation.NUL);
    }
  }

  @Test
  void binaryIsTakenAsItIs() {
    ChunkReader reader = ChunkReader.ofBinary();
    byte[] bytes = "\r\n\0\r\n.\n\r".getBytes(ISO_8859_1);
    reader.read(bytes, 0, bytes.length, content::write);
    reader.end();

    assertThat(reader.violation()).isEmpty();
    assertThat(content.toByteArray()).isEqualTo(bytes);
  }

  @FuzzTest(maxDuration = "1m")
  void agreesWithTheDefinitionOnAnyBytes(byte[] input) {
    String text = new String(input, ISO_8859_1);
    boolean bad = text.replace("\r\n", "").matches("(?s).*[\r\n\0].*");

    for (int piece : new int[] {1, 2, 7, 1000}) {
      content.reset();
      assertThat(readInPieces(text, piece).violation().isPresent()).isEqualTo(bad);
      assertThat(bad || content.toString(ISO_8859_1).equals(text)).isTrue();
    }
  }

  private ChunkReader readInPieces(String text, int piece) {
    ChunkReader reader = ChunkReader.ofText();
    byte[] bytes = text.getBytes(ISO_8859_1);
    for (int i = 0; i < bytes.length; i += piece) {
      reader.read(bytes, i, Math.min(piece, bytes.length - i), content::write);
    }
    reader.end();
    return reader;
  }
}
