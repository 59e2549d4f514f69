package org.depesche.mailbox;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.testing.BytesContent;
import org.junit.jupiter.api.Test;

/// What every MailboxStore does.
public interface MailboxStoreContract {

  /// A moment after which the store under test was started.
  long STARTED_MILLIS = 1_600_000_000_000L;

  /// The store under test, empty at first; the same one for the whole of a test.
  MailboxStore store();

  /// What a reader finds in a mailbox, in no particular order; Latin-1, byte for byte.
  List<String> messages(Mailbox mailbox) throws IOException;

  private static EnvelopeId id(int n) {
    return new EnvelopeId(EnvelopeId.firstAt(STARTED_MILLIS + 1000).value() + n);
  }

  @Test
  default void aMessageIsThereByteForByteBehindItsPrefix() throws Exception {
    Mailbox alice = new Mailbox("alice", "example.org");
    String content = "Subject: hi\r\n\r\n.one dot\r\n\0\u00ff end without line end";

    store().append(alice, id(1), "Received: by x\r\n", BytesContent.of(content));

    assertThat(messages(alice)).containsExactly("Received: by x\r\n" + content);
  }

  @Test
  default void whatIsInAMailboxIsKeptCountOf() throws Exception {
    Mailbox alice = new Mailbox("alice", "example.org");
    assertThat(store().used(alice, 1000)).isZero();

    store().append(alice, id(1), "A: b\r\n", BytesContent.of("\r\nhello\r\n"));
    assertThat(store().used(alice, 1000)).isEqualTo(15);
    store().append(alice, id(1), "A: b\r\n", BytesContent.of("\r\nhello\r\n"));
    store().append(alice, id(2), "", BytesContent.of("twenty octets of it\n"));
    assertThat(store().used(alice, 1000)).isEqualTo(35);
    assertThat(store().used(alice, 2000)).isEqualTo(35);
  }

  @Test
  default void aPrefixBeyondAsciiIsUtf8() throws Exception {
    Mailbox alice = new Mailbox("alice", "example.org");

    store().append(alice, id(1), "Delivered-To: jürgen@example.org\r\n", BytesContent.of("\r\n"));

    byte[] prefix = "Delivered-To: jürgen@example.org\r\n".getBytes(UTF_8);
    assertThat(messages(alice)).containsExactly(new String(prefix, ISO_8859_1) + "\r\n");
  }

  @Test
  default void anEmptyMessageIsAMessage() throws Exception {
    Mailbox alice = new Mailbox("alice", "example.org");

    store().append(alice, id(1), "", BytesContent.of(""));

    assertThat(messages(alice)).containsExactly("");
  }

  @Test
  default void aMessageLargerThanAnyBufferIsWhole() throws Exception {
    Mailbox alice = new Mailbox("alice", "example.org");
    String content = "0123456789abcdef".repeat(20_000) + "tail";

    store().append(alice, id(1), "X: " + "y".repeat(100_000) + "\r\n", BytesContent.of(content));

    assertThat(messages(alice)).containsExactly("X: " + "y".repeat(100_000) + "\r\n" + content);
  }

  @Test
  default void mailboxesDifferByDomainAndByLocalPart() throws Exception {
    Mailbox alice = new Mailbox("alice", "example.org");
    Mailbox other = new Mailbox("alice", "example.net");
    Mailbox bob = new Mailbox("bob", "example.org");

    store().append(alice, id(1), "", BytesContent.of("for alice\r\n"));
    store().append(other, id(1), "", BytesContent.of("for the other\r\n"));
    store().append(bob, id(1), "", BytesContent.of("for bob\r\n"));

    assertThat(messages(alice)).containsExactly("for alice\r\n");
    assertThat(messages(other)).containsExactly("for the other\r\n");
    assertThat(messages(bob)).containsExactly("for bob\r\n");
  }

  @Test
  default void deliveringAgainMakesNoSecondCopy() throws Exception {
    Mailbox alice = new Mailbox("alice", "example.org");

    store().append(alice, id(1), "A: b\r\n", BytesContent.of("\r\nhello\r\n"));
    store().append(alice, id(1), "A: b\r\n", BytesContent.of("\r\nhello\r\n"));

    assertThat(messages(alice)).hasSize(1);
  }

  @Test
  default void messagesWithTheSameBytesAreTwoWhenTheirIdsAre() throws Exception {
    Mailbox alice = new Mailbox("alice", "example.org");

    store().append(alice, id(1), "", BytesContent.of("same\r\n"));
    store().append(alice, id(2), "", BytesContent.of("same\r\n"));

    assertThat(messages(alice)).containsExactly("same\r\n", "same\r\n");
  }

  @Test
  default void contentThatEndsEarlyLeavesNothing() throws Exception {
    Mailbox alice = new Mailbox("alice", "example.org");

    assertThatExceptionOfType(UnreadableMessageException.class)
        .isThrownBy(
            () -> store().append(alice, id(1), "A: b\r\n", BytesContent.truncated("short", 500)))
        .withMessageContaining("5 of 500");

    assertThat(messages(alice)).isEmpty();
  }

  @Test
  default void contentThatCannotBeReadLeavesNothingAndMayComeAgain() throws Exception {
    Mailbox alice = new Mailbox("alice", "example.org");

    assertThatExceptionOfType(UnreadableMessageException.class)
        .isThrownBy(() -> store().append(alice, id(1), "", BytesContent.broken(10, "bad sector")))
        .withMessageContaining("bad sector");
    assertThat(messages(alice)).isEmpty();
    store().append(alice, id(1), "", BytesContent.of("good\r\n"));

    assertThat(messages(alice)).containsExactly("good\r\n");
  }

  @Test
  default void manyThreadsDeliverAtOnce() throws Exception {
    List<Mailbox> boxes =
        List.of(new Mailbox("a", "x.test"), new Mailbox("b", "x.test"), new Mailbox("c", "y.test"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        int n = i;
        running.add(
            threads.submit(
                () -> {
                  store().append(boxes.get(n % 3), id(n), "N: x\r\n", BytesContent.of("m" + n));
                  return n;
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }

    for (int box = 0; box < 3; box++) {
      List<String> expected = new ArrayList<>();
      for (int n = box; n < 300; n += 3) {
        expected.add("N: x\r\nm" + n);
      }
      assertThat(messages(boxes.get(box))).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  default void theSameMessageFromManyThreadsAtOnceIsOneCopy() throws Exception {
    Mailbox alice = new Mailbox("alice", "example.org");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        running.add(
            threads.submit(
                () -> {
                  store().append(alice, id(1), "", BytesContent.of("once\r\n"));
                  return true;
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }

    assertThat(messages(alice)).containsExactly("once\r\n");
  }
}
