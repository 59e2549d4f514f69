package org.depesche.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HistoryTest {

  private static final Instant AT = Instant.parse("2026-11-23T09:05:07.042Z");
  private static final EnvelopeId EID = eid(0);

  @TempDir Path folder;

  private final AtomicLong nanos = new AtomicLong();
  private Instant now = AT;

  @Test
  void aTimelineComesBackAsItHappened() {
    List<MailEvent> events =
        List.of(
            accepted(EID, "a@x.y", "b@x.y", "C@X.y"),
            new MailEvent.Routed(AT, EID, "b@x.y", "local b@x.y"),
            new MailEvent.Waiting(AT, EID, "b@x.y", "retry", "disk full", 1, AT.plusSeconds(60)),
            new MailEvent.Waiting(AT, EID, "C@X.y", "hold", "given up", 1, Instant.MAX),
            new MailEvent.Operated(AT, "root", "release", EID.toString()),
            new MailEvent.Delivered(
                AT, EID, "b@x.y", "b@x.y", 2, Duration.ofMinutes(1), Duration.ofMillis(3), "ok"),
            new MailEvent.Failed(AT, EID, "C@X.y", 9, Duration.ofDays(5), "too old"),
            new MailEvent.Settled(AT, EID, Duration.ofDays(5)));
    write(HistorySettings.DEFAULT, events);

    try (HistoryFile file = open()) {
      assertThat(file.timeline(EID)).isEqualTo(events);
      assertThat(file.timeline(eid(1))).isEmpty();
    }
  }

  @Test
  void theHeadComesFirstEvenWhenItWasToldLate() {
    MailEvent routed = new MailEvent.Routed(AT, EID, "b@x.y", "local b@x.y");
    write(HistorySettings.DEFAULT, List.of(routed, accepted(EID, "a@x.y", "b@x.y")));

    try (HistoryFile file = open()) {
      assertThat(file.timeline(EID)).containsExactly(accepted(EID, "a@x.y", "b@x.y"), routed);
    }
  }

  @Test
  void orderIsKeptWhenTheClockGoesBack() {
    List<MailEvent> events = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      events.add(new MailEvent.Routed(AT.minusSeconds(i), EID, "b@x.y", "route " + i));
    }
    write(HistorySettings.DEFAULT, events.subList(0, 25));
    write(HistorySettings.DEFAULT, events.subList(25, 50));

    try (HistoryFile file = open()) {
      assertThat(file.timeline(EID)).isEqualTo(events);
    }
  }

  @Test
  void messagesAreFoundByEveryAddressNewestFirst() {
    MailEvent.Accepted first = accepted(eid(1), "a@x.y", "b@x.y");
    MailEvent.Accepted second = accepted(eid(2), "B@X.Y", "c@x.y", "b@x.y");
    MailEvent.Accepted third = accepted(eid(3), "", "b@x.y");
    write(HistorySettings.DEFAULT, List.of(first, second, third));

    try (HistoryFile file = open()) {
      assertThat(file.messages("b@x.y", 10)).containsExactly(third, second, first);
      assertThat(file.messages("B@x.y", 2)).containsExactly(third, second);
      assertThat(file.messages("c@x.y", 10)).containsExactly(second);
      assertThat(file.messages("%", 10)).isEmpty();
      assertThat(file.messages("_@x.y", 10)).isEmpty();
      assertThat(file.messages("x.y", 10)).isEmpty();
      assertThat(file.messages("", 10)).containsExactly(third);
    }
  }

  @Test
  void unusualAddressesAreFound() {
    String hard = "\"a%_!\\\t'\"@x.y";
    write(HistorySettings.DEFAULT, List.of(accepted(EID, hard, "b@x.y"), refused("s", hard, "")));

    try (HistoryFile file = open()) {
      assertThat(file.messages(hard, 10)).hasSize(1);
      assertThat(file.refusalsFor(hard, 10)).hasSize(1);
    }
  }

  @Test
  void refusalsAreFoundBySessionAndByAddress() {
    MailEvent.Refused first = refused("s1", "a@x.y", "b@x.y");
    MailEvent.Refused second = refused("s1", "a@x.y", "c@x.y");
    MailEvent.Refused other = refused("s2", "", "");
    write(HistorySettings.DEFAULT, List.of(first, second, other));

    try (HistoryFile file = open()) {
      assertThat(file.refusals("s1")).containsExactly(first, second);
      assertThat(file.refusals("s2")).containsExactly(other);
      assertThat(file.refusals("s3")).isEmpty();
      assertThat(file.refusalsFor("A@x.y", 10)).containsExactly(second, first);
      assertThat(file.refusalsFor("c@x.y", 10)).containsExactly(second);
      assertThat(file.messages("a@x.y", 10)).isEmpty();
    }
  }

  @Test
  void theNumberOfMessagesIsBounded() {
    HistorySettings settings = new HistorySettings(Duration.ofDays(1), 100, 50);
    List<MailEvent> events = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      events.add(accepted(eid(i), "a" + i + "@x.y", "b@x.y"));
      events.add(new MailEvent.Routed(AT, eid(i), "b@x.y", "local"));
      events.add(refused("s" + i, "a" + i + "@x.y", "b@x.y"));
    }
    write(settings, events);

    assertThat(messages()).isEqualTo(100);
    assertThat(rows("entry")).isEqualTo(100);
    assertThat(rows("refusal")).isEqualTo(50);
    try (HistoryFile file = open()) {
      assertThat(file.timeline(eid(899))).isEmpty();
      assertThat(file.timeline(eid(900))).hasSize(2);
      assertThat(file.refusals("s949")).isEmpty();
      assertThat(file.refusals("s950")).hasSize(1);
    }
  }

  @Test
  void whatIsTooOldIsForgotten() {
    HistorySettings settings = new HistorySettings(Duration.ofDays(1), 1000, 1000);
    write(
        settings,
        List.of(
            accepted(EID, "a@x.y", "b@x.y"),
            new MailEvent.Settled(AT, EID, Duration.ZERO),
            refused("s1", "a@x.y", "b@x.y")));

    now = AT.plus(Duration.ofDays(2));
    EnvelopeId young = EnvelopeId.firstAt(now.toEpochMilli());
    write(settings, List.of(accepted(young, "a@x.y", "b@x.y")));

    assertThat(messages()).isEqualTo(1);
    assertThat(rows("entry")).isEqualTo(1);
    assertThat(rows("refusal")).isZero();
  }

  @Test
  void itIsWrittenAndReadWhileItRuns() {
    History history = history(HistorySettings.DEFAULT);
    history.start();
    history.consume(List.of(accepted(EID, "a@x.y", "b@x.y")));

    List<MailEvent> found = List.of();
    while (found.isEmpty()) {
      found = timelineOrNothing(history);
      Thread.onSpinWait();
    }
    history.close();

    assertThat(found).containsExactly(accepted(EID, "a@x.y", "b@x.y"));
    assertThatThrownBy(() -> history.timeline(EID)).isInstanceOf(HistoryException.class);
  }

  @Test
  void nobodyElseMayReadIt() throws IOException {
    write(HistorySettings.DEFAULT, List.of(accepted(EID, "a@x.y", "b@x.y")));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void whatIsNoDatabaseIsSetAside() throws IOException {
    Files.writeString(
        file(), "this is no database at all, and long enough to be looked at. ".repeat(200));

    History history = write(HistorySettings.DEFAULT, List.of(accepted(EID, "a@x.y", "b@x.y")));

    try (HistoryFile file = open()) {
      assertThat(file.timeline(EID)).hasSize(1);
    }
    assertThat(history.setAside()).isEqualTo(1);
    assertThat(history.dropped()).isZero();
    assertThat(damaged())
        .singleElement()
        .satisfies(f -> assertThat(f).content().contains("no data"));
  }

  @Test
  void aDamagedPageIsFoundWhenItIsUsedAndTheDatabaseSetAside() throws IOException {
    List<MailEvent> events = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      events.add(accepted(eid(i), "a" + i + "@x.y", "b@x.y"));
    }
    write(HistorySettings.DEFAULT, events);
    byte[] bytes = Files.readAllBytes(file());
    for (int i = 4096; i < bytes.length; i++) {
      bytes[i] = 0x55;
    }
    Files.write(file(), bytes);

    History history = write(HistorySettings.DEFAULT, List.of(accepted(EID, "a@x.y", "b@x.y")));

    assertThat(history.setAside()).isEqualTo(1);
    assertThat(messages()).isEqualTo(1);
  }

  @Test
  void aDatabaseOfAnotherVersionIsSetAside() throws SQLException {
    sql("PRAGMA user_version = 99");

    History history = write(HistorySettings.DEFAULT, List.of(accepted(EID, "a@x.y", "b@x.y")));

    assertThat(history.setAside()).isEqualTo(1);
    assertThat(messages()).isEqualTo(1);
  }

  @Test
  void aDatabaseWithoutItsTablesIsSetAside() throws SQLException {
    sql("PRAGMA user_version = 1");

    assertThat(write(HistorySettings.DEFAULT, List.of()).setAside()).isEqualTo(1);
  }

  @Test
  void onlySomeDamagedDatabasesAreKept() throws SQLException, IOException {
    for (int i = 0; i < 6; i++) {
      now = AT.plusSeconds(i);
      Files.deleteIfExists(file());
      sql("PRAGMA user_version = 99");
      write(HistorySettings.DEFAULT, List.of());
    }

    assertThat(damaged()).hasSize(3).allMatch(f -> f.toString().matches(".*T09051[0-2].042Z"));
  }

  @Test
  void anUnwritableDatabaseStopsNobodyAndIsTriedAgain() throws IOException {
    Files.createDirectory(file());
    History history = history(HistorySettings.DEFAULT);
    history.consume(List.of(accepted(eid(1), "a@x.y", "b@x.y")));
    history.start();
    while (history.dropped() == 0) {
      Thread.onSpinWait();
    }
    Files.delete(file());

    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    history.consume(List.of(accepted(eid(2), "a@x.y", "b@x.y")));
    history.close();

    assertThat(history.dropped()).isEqualTo(1);
    assertThat(history.setAside()).isZero();
    assertThat(messages()).isEqualTo(1);
  }

  @Test
  void whatCannotBeTakenInIsDroppedAndCounted() {
    History history = history(HistorySettings.DEFAULT);
    List<MailEvent> many = new ArrayList<>();
    for (int i = 0; i < 70_000; i++) {
      many.add(new MailEvent.Settled(AT, eid(i), Duration.ZERO));
    }

    history.consume(many);
    history.start();
    history.close();

    assertThat(history.dropped()).isEqualTo(70_000 - 65_536);
    assertThat(rows("entry")).isEqualTo(65_536);
  }

  @Test
  void anImpossibleEventDoesNotEndTheHistory() {
    MailEvent impossible =
        new MailEvent.Waiting(AT, EID, "b", "retry", "", 1, Instant.MAX.minusSeconds(1));
    History history = history(HistorySettings.DEFAULT);
    history.consume(List.of(impossible));
    history.start();
    while (history.dropped() == 0) {
      Thread.onSpinWait();
    }

    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    history.consume(List.of(accepted(EID, "a@x.y", "b@x.y")));
    history.close();

    assertThat(messages()).isEqualTo(1);
  }

  @Test
  void whatWasNotClosedCanBeRead() throws IOException {
    History history = history(HistorySettings.DEFAULT);
    history.start();
    history.consume(List.of(accepted(EID, "a@x.y", "b@x.y")));
    while (timelineOrNothing(history).isEmpty()) {
      Thread.onSpinWait();
    }
    Path copy = Files.createDirectory(folder.resolve("copy"));
    for (String suffix : List.of("", "-wal")) {
      Files.copy(folder.resolve("history.db" + suffix), copy.resolve("history.db" + suffix));
    }
    history.close();

    try (HistoryFile file = HistoryFile.open(copy.resolve("history.db"))) {
      assertThat(file.timeline(EID)).hasSize(1);
    }
  }

  @Test
  void librariesLeftByKilledProcessesAreRemoved() throws IOException {
    for (String name : List.of("sqlite-1-x.so", "sqlite-1-x.so.lck", "other")) {
      Files.createFile(folder.resolve(name));
    }

    NativeFolder.empty(folder);

    assertThat(folder).isDirectoryNotContaining(f -> f.toString().contains("sqlite-"));
    assertThat(folder.resolve("other")).exists();
  }

  @Test
  void aHistoryThatIsNotThereIsSaid() {
    assertThatThrownBy(this::open)
        .isInstanceOf(HistoryException.class)
        .hasMessageContaining("there is no history at");
  }

  private History write(HistorySettings settings, List<MailEvent> events) {
    History history = history(settings);
    history.consume(events);
    history.start();
    history.close();
    return history;
  }

  private History history(HistorySettings settings) {
    return new History(file(), settings, () -> now, nanos::get);
  }

  private List<MailEvent> timelineOrNothing(History history) {
    try {
      return history.timeline(EID);
    } catch (HistoryException e) {
      return List.of();
    }
  }

  private HistoryFile open() {
    return HistoryFile.open(file());
  }

  private Path file() {
    return folder.resolve("history.db");
  }

  private List<Path> damaged() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().contains(".damaged-")).toList();
    }
  }

  private long rows(String table) {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement();
        var found = statement.executeQuery("SELECT count(*) FROM " + table)) {
      return found.getLong(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private long messages() {
    try (HistoryFile file = open()) {
      return file.messages("b@x.y", 10_000).size();
    }
  }

  private void sql(String statement) throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var executed = connection.createStatement()) {
      executed.execute("CREATE TABLE other (x)");
      executed.execute(statement);
    }
  }

  private static EnvelopeId eid(int n) {
    return new EnvelopeId(EnvelopeId.firstAt(AT.toEpochMilli()).value() + n);
  }

  private static MailEvent.Accepted accepted(EnvelopeId eid, String from, String... to) {
    return new MailEvent.Accepted(
        AT,
        eid,
        "s7",
        "192.0.2.1",
        "client.example",
        "ESMTP",
        from,
        List.of(to),
        1234,
        Duration.ofMillis(12));
  }

  private static MailEvent.Refused refused(String sid, String from, String to) {
    return new MailEvent.Refused(
        AT,
        sid,
        "192.0.2.1",
        "client.example",
        "RCPT",
        from,
        to,
        to.isEmpty() ? Reply.plain(500, "a", "b") : Reply.of(550, "5.1.1", "no such mailbox"),
        "unknown");
  }
}
