package org.depesche.mailbox.maildir;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.depesche.mail.Mailbox;
import org.depesche.mailbox.MailboxStore;
import org.depesche.mailbox.MailboxStoreContract;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class MaildirStoreTest implements MailboxStoreContract {

  @TempDir Path root;
  private MaildirStore store;

  @BeforeEach
  void open() {
    store =
        new MaildirStore(
            root + "/{domain}/{local}/Maildir",
            "mx.test",
            InstantSource.fixed(Instant.ofEpochMilli(STARTED_MILLIS)),
            Ticker.system());
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  public MailboxStore store() {
    return store;
  }

  @Override
  public List<String> messages(Mailbox mailbox) throws IOException {
    List<String> all = new ArrayList<>();
    for (String place : List.of("new", "cur")) {
      Path folder = store.folderOf(mailbox).resolve(place);
      if (Files.exists(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          for (Path file : files.toList()) {
            all.add(Files.readString(file, ISO_8859_1));
          }
        }
      }
    }
    return all;
  }
}
