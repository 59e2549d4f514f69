package org.depesche.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.testing.BytesContent;
import org.depesche.testing.MemoryMailboxStore;
import org.junit.jupiter.api.Test;

class MemoryMailboxStoreTest implements MailboxStoreContract {

  private static final Mailbox ALICE = new Mailbox("alice", "example.org");
  private static final EnvelopeId ID = EnvelopeId.firstAt(STARTED_MILLIS);

  private final MemoryMailboxStore store = new MemoryMailboxStore();

  @Override
  public MailboxStore store() {
    return store;
  }

  @Override
  public List<String> messages(Mailbox mailbox) {
    return store.messages(mailbox);
  }

  @Test
  void aReportedMessageSurvivesACrash() throws Exception {
    store.append(ALICE, ID, "", BytesContent.of("kept"));

    store.crash();

    assertThat(store.messages(ALICE)).containsExactly("kept");
  }

  @Test
  void aCrashBeforeTheLastSyncLeavesNothingAndAfterItOneCopy() throws Exception {
    List<Integer> copies = new ArrayList<>();
    for (int at = 1; at <= 5; at++) {
      AtomicInteger left = new AtomicInteger(at);
      MemoryMailboxStore crashing =
          new MemoryMailboxStore(
              () -> {
                if (left.decrementAndGet() == 0) {
                  throw new IllegalStateException("power");
                }
              });
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> crashing.append(ALICE, ID, "", BytesContent.of("x")));
      crashing.crash();
      copies.add(crashing.messages(ALICE).size());
      crashing.append(ALICE, ID, "", BytesContent.of("x"));
      assertThat(crashing.messages(ALICE)).containsExactly("x");
    }

    assertThat(copies).containsExactly(0, 0, 0, 0, 1);
  }

  @Test
  void aFaultOfTheDiskLeavesNothing() {
    for (int at = 1; at <= 5; at++) {
      AtomicInteger left = new AtomicInteger(at);
      MemoryMailboxStore faulty =
          new MemoryMailboxStore(
              () -> {
                if (left.decrementAndGet() == 0) {
                  throw new UncheckedIOException(new IOException("no space"));
                }
              });

      assertThatExceptionOfType(MailboxException.class)
          .isThrownBy(() -> faulty.append(ALICE, ID, "", BytesContent.of("x")))
          .withMessageContaining("no space");
      assertThat(faulty.messages(ALICE)).isEmpty();
    }
  }
}
