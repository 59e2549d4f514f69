package org.depesche.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.depesche.mail.BodyType;
import org.depesche.mail.Mailbox;
import org.depesche.message.Content;
import org.depesche.testing.ManualTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostTest {

  private static final RecipientPool POOL = new RecipientPool(List.of("u{n}@there.test"));

  private static Post post(String size, int recipients, boolean chunked) {
    return new Post(
        new Post.Style(
            new Mailbox("a", "here.test"), POOL, recipients, SizeMix.parse(size), chunked),
        "run",
        new ManualTime(),
        new SplittableRandom(1));
  }

  private static String read(Content content, int octets) throws IOException {
    StringBuilder out = new StringBuilder();
    ByteBuffer piece = ByteBuffer.allocate(octets);
    long at = 0;
    while (content.read(at, piece.clear()) > 0) {
      out.append(StandardCharsets.ISO_8859_1.decode(piece.flip()));
      at = out.length();
    }
    return out.toString();
  }

  @Test
  void aMessageHasAHeaderOfItsOwn() {
    assertThat(post("1KiB", 1, false).letter(7).header())
        .isEqualTo(
            """
            Date: Sun, 1 Mar 2026 12:00:00 +0000\r
            From: <a@here.test>\r
            To: <u7@there.test>\r
            Subject: Message 7 of run\r
            Message-ID: <run.7@bench.invalid>\r
            """);
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 301, 302, 379, 380, 381, 382, 383, 500, 1024, 10_240, 64_300, 200_001})
  void aMessageIsAsLargeAsItShouldBeAndMadeOfLines(int size) throws IOException {
    Post.Letter letter = post(Integer.toString(size), 1, false).letter(0);
    String body = read(letter.body(), 1000);

    assertThat(letter.size()).isEqualTo(size);
    assertThat(letter.header().length() + body.length()).isEqualTo(size);
    assertThat(body).isEqualTo(read(letter.body(), 16 * 1024)).startsWith("\r\n").endsWith("\r\n");
    assertThat(body.replace("\r\n", "")).doesNotContain("\r", "\n");
    assertThat(body.split("\r\n")).allMatch(line -> line.length() <= 79);
  }

  @Test
  void everySizeComesOutRight() throws IOException {
    for (int size = 170; size < 600; size++) {
      Post.Letter letter = post(Integer.toString(size), 1, false).letter(0);

      String body = read(letter.body(), 7);

      // One octet more than a header and an empty line is no line.
      assertThat(letter.size() - size).as("size " + size).isBetween(0L, 3L);
      assertThat(body.replace("\r\n", "")).doesNotContain("\r", "\n");
      assertThat((long) body.length()).isEqualTo(letter.body().size());
    }
  }

  @Test
  void aMessageIsNeverSmallerThanItsHeader() {
    assertThat(post("1", 1, false).letter(0).body().size()).isEqualTo(2);
  }

  @Test
  void manyRecipientsStayUndisclosed() {
    Post.Letter letter = post("1KiB", 3, true).letter(1);

    assertThat(letter.header()).contains("To: undisclosed-recipients:;");
    assertThat(letter.envelope().recipients())
        .extracting(to -> to.address().wire())
        .containsExactly("u3@there.test", "u4@there.test", "u5@there.test");
    assertThat(letter.envelope().body()).isEqualTo(BodyType.BINARY_MIME);
  }

  @Test
  void aMessageNeedsAsManyAddressesAsRecipients() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Post.Style(
                    new Mailbox("a", "here.test"),
                    new RecipientPool(List.of("b@x.test")),
                    2,
                    SizeMix.parse("1KiB"),
                    false))
        .withMessage("a message to 2 needs as many addresses; there are 1");
  }
}
