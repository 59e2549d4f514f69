package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolContract;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.StoredMessage;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a release wrote, every later one reads. `sample-1` is a spool as format 1 has it, made by
/// `write`; a new format gets a sample beside it and leaves this one alone.
class SpoolSampleTest {

  private static final List<String> FILES =
      List.of("format", "0000000000000001.log", "0000000000000001.hint", "0000000000000002.log");

  private static final Envelope FULL =
      new Envelope(
          NullPath.INSTANCE,
          List.of(
              new Recipient(
                  new Mailbox("grün \"q\"", "bücher.example"),
                  new Notify(false, true, false, true),
                  Optional.of("utf-8;grün@b\\x{FC}cher.example")),
              new Recipient(
                  new Mailbox("x", new AddressLiteral("IPv6:2001:db8::1")),
                  Notify.NEVER,
                  Optional.empty())),
          BodyType.BINARY_MIME,
          true,
          Return.HDRS,
          Optional.of("QQ+2B1"));

  private static final List<RecipientState> STATES =
      List.of(
          new RecipientState.Held(
              new RecipientState.Waiting(7, SpoolContract.RECEIVED, true, "given up: ü")
                  .via("smtp://192.0.2.1:25")),
          new RecipientState.Discarded(
              new RecipientState.Waiting(0, SpoolContract.RECEIVED, false, ""),
              false,
              SpoolContract.RECEIVED.plusSeconds(3600)));

  @TempDir Path folder;

  /// Writes the sample's spool; its second segment was not ended in order.
  static void write(Path folder) throws IOException {
    try (LogSpool spool = open(folder, () -> Instant.parse("2026-03-01T12:00:01Z"))) {
      EnvelopeId full = commit(spool, FULL, "Subject: hi\r\n\r\nGrüße\r\n".getBytes(UTF_8));
      EnvelopeId gone = commit(spool, SpoolContract.envelope("gone"), new byte[10]);
      settle(spool, full, STATES);
      settle(spool, gone, List.of(new RecipientState.Delivered()));
      commit(spool, SpoolContract.envelope("a", "b"), new byte[300_000]);
      EnvelopeId failed = commit(spool, SpoolContract.envelope("failed"), new byte[10]);
      SpoolWriter notification = spool.begin();
      notification.write(new byte[] {'d', 's', 'n'}, 0, 3);
      notification.describe(SpoolContract.envelope("sender"), "", SpoolContract.RECEIVED);
      spool
          .settle(
              new Settlement(
                  failed, List.of(new RecipientState.Failed("no")), List.of(notification)))
          .join();
    }
    try (LogSpool spool = open(folder, () -> Instant.parse("2026-03-01T12:00:02Z"))) {
      commit(spool, SpoolContract.envelope("last"), new byte[] {1, 2, 3});
      Files.copy(folder.resolve("0000000000000002.log"), folder.resolve("unsealed"));
    }
    Files.move(
        folder.resolve("unsealed"),
        folder.resolve("0000000000000002.log"),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static EnvelopeId commit(Spool spool, Envelope envelope, byte[] content) {
    return SpoolContract.commit(spool, envelope, content);
  }

  private static void settle(Spool spool, EnvelopeId id, List<RecipientState> states) {
    spool.settle(new Settlement(id, states, List.of())).join();
  }

  private static LogSpool open(Path folder, InstantSource clock) {
    return LogSpool.open(
        new LogSpoolSettings(folder, 1 << 20, 0, Duration.ofSeconds(30)),
        clock,
        Ticker.system(),
        new Random(1),
        new DiskFiles());
  }

  private void unpack() throws IOException {
    for (String name : FILES) {
      try (InputStream packed =
              SpoolSampleTest.class.getResourceAsStream("sample-1/" + name + ".gz");
          InputStream in = new GZIPInputStream(Objects.requireNonNull(packed))) {
        Files.copy(in, folder.resolve(name));
      }
    }
  }

  private void readsTheSample() throws IOException {
    try (LogSpool spool = open(folder, InstantSource.system())) {
      assertThat(spool.damages()).isEmpty();
      List<StoredEnvelope> found = new ArrayList<>();
      spool.scan(found::add);
      assertThat(found)
          .extracting(StoredEnvelope::envelope)
          .containsExactlyInAnyOrder(
              FULL,
              SpoolContract.envelope("a", "b"),
              SpoolContract.envelope("sender"),
              SpoolContract.envelope("last"));
      for (StoredEnvelope envelope : found) {
        boolean full = envelope.envelope().equals(FULL);
        assertThat(envelope.states())
            .isEqualTo(
                full
                    ? STATES
                    : envelope.envelope().recipients().stream()
                        .map(_ -> LogSpool.fresh(SpoolContract.RECEIVED))
                        .toList());
        try (StoredMessage message = spool.open(envelope.id()).orElseThrow()) {
          byte[] content = SpoolContract.bytes(message.content());
          assertThat(content.length + message.prefix().getBytes(UTF_8).length)
              .isEqualTo((int) envelope.size());
          if (full) {
            assertThat(new String(content, UTF_8)).isEqualTo("Subject: hi\r\n\r\nGrüße\r\n");
            assertThat(message.prefix()).isEqualTo(SpoolContract.PREFIX);
          }
        }
      }
    }
  }

  @Test
  void format1IsRead() throws Exception {
    unpack();
    readsTheSample();
  }

  @Test
  void format1IsReadWithoutHints() throws Exception {
    unpack();
    Files.delete(folder.resolve("0000000000000001.hint"));
    readsTheSample();
  }

  @Test
  void format1IsVerified() throws Exception {
    unpack();

    SpoolVerifier.Report report = SpoolVerifier.verify(folder);

    assertThat(report.damages()).isEmpty();
    assertThat(report.messages()).hasSize(4);
    assertThat(report.removed()).isEqualTo(2);
    assertThat(report.held()).isEqualTo(1);
    assertThat(report.waiting()).isEqualTo(4);
  }

  /// Until a new format is meant, the same is written byte for byte.
  @Test
  void format1IsWritten() throws Exception {
    unpack();
    Path written = Files.createDirectory(folder.resolve("written"));
    write(written);

    for (String name : FILES) {
      assertThat(written.resolve(name)).hasSameBinaryContentAs(folder.resolve(name));
    }
  }

  /// `SpoolSampleTest FOLDER` writes the sample there.
  public static void main(String[] arguments) throws IOException {
    write(Path.of(arguments[0]));
  }
}
