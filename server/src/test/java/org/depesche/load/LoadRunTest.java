package org.depesche.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.depesche.sasl.ClientCredentials;
import org.depesche.smtp.client.Capability;
import org.depesche.smtp.server.Client;
import org.depesche.smtp.server.Incoming;
import org.depesche.smtp.server.ReceiveException;
import org.depesche.smtp.server.Receiver;
import org.depesche.smtp.server.Security;
import org.depesche.smtp.server.SessionSettings;
import org.depesche.smtp.server.SmtpServer;
import org.depesche.smtp.server.SmtpService;
import org.depesche.testing.ManualTime;
import org.depesche.testing.RecordingReceiver;
import org.depesche.testing.TestLogin;
import org.depesche.time.Ticker;
import org.depesche.tls.SelfSigned;
import org.depesche.tls.Tls;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The generator against real sessions over loopback.
@Timeout(120)
class LoadRunTest {

  private static final ClientCredentials TIM =
      new ClientCredentials.Password("tim", "tanstaaftanstaaf");

  @TempDir Path folder;
  private final RecordingReceiver receiver = new RecordingReceiver();
  private @Nullable SmtpServer server; // null until it serves
  private Target.Encryption encryption = Target.Encryption.NONE;
  private Optional<ClientCredentials> credentials = Optional.empty();
  private Set<Capability> without = Set.of();
  private boolean chunked;
  private int recipients = 1;
  private long perConnection = Long.MAX_VALUE;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private InetSocketAddress serve(Receiver receiver, Security security) throws IOException {
    SmtpServer started =
        new SmtpServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new SmtpService(
                SessionSettings.defaults("mx.test")
                    .withLimits(1 << 20, 1000, 50, 100, 100)
                    .withSecurity(security),
                receiver,
                InstantSource.system()));
    started.start();
    server = started;
    return new InetSocketAddress(
        InetAddress.getLoopbackAddress(), started.localAddress().getPort());
  }

  private Security security(boolean implicit) throws IOException {
    Tls tls =
        new Tls(
            List.of(
                SelfSigned.at(
                    folder.resolve("tls.pem"),
                    List.of("mx.test"),
                    InstantSource.system(),
                    new SecureRandom())));
    return new Security(
        Optional.of(tls.forLogins()),
        implicit,
        Duration.ofSeconds(20),
        Optional.of(TestLogin.login(false)),
        true);
  }

  private Target target(InetSocketAddress address) {
    return new Target(
        address,
        "me.test",
        encryption,
        Tls.opportunistic(),
        credentials,
        without,
        Duration.ofSeconds(30));
  }

  private LoadRun run(InetSocketAddress address, int sessions, Amount amount, Ticker ticker) {
    Post.Style style =
        new Post.Style(
            new Mailbox("a", "here.test"),
            new RecipientPool(List.of("u{n}@there.test")),
            recipients,
            SizeMix.parse("1KiB:9,20KiB:1"),
            chunked);
    return new LoadRun(
        new LoadRun.Plan(target(address), amount, sessions, perConnection, chunked),
        new Post(style, "run", InstantSource.system(), new SplittableRandom(1)),
        ticker,
        new SecureRandom());
  }

  private LoadResult load(InetSocketAddress address, int sessions, long messages)
      throws InterruptedException {
    return run(address, sessions, closed(messages), Ticker.system()).run();
  }

  private static Amount closed(long messages) {
    return new Amount(OptionalLong.of(messages), Optional.empty(), 0, 0, Duration.ZERO);
  }

  @Test
  void everyMessageArrivesOnceAndIsMeasured() throws Exception {
    LoadResult result = load(serve(receiver, Security.NONE), 5, 200);

    assertThat(result.messages()).isEqualTo(200);
    assertThat(result.failed()).isZero();
    assertThat(receiver.messages())
        .extracting(m -> m.envelope().recipients().getFirst().address().wire())
        .hasSize(200)
        .doesNotHaveDuplicates();
    assertThat(receiver.messages()).allMatch(m -> m.text().contains("\r\nSubject: Message "));
    assertThat(result.bytes())
        .isEqualTo(receiver.messages().stream().mapToLong(m -> m.text().length()).sum());
    assertThat(result.latency().keySet())
        .containsExactly("connect", "greeting", "transaction", "whole");
    assertThat(result.latencyOf(Measure.WHOLE)).returns(200L, Latency::count);
  }

  @Test
  void aConnectionCarriesAsManyMessagesAsItMay() throws Exception {
    perConnection = 4;

    LoadResult result = load(serve(receiver, Security.NONE), 1, 20);

    assertThat(result.connections()).isEqualTo(5);
    assertThat(result.latencyOf(Measure.CONNECT)).returns(5L, Latency::count);
  }

  @Test
  void theServersLimitOfMessagesIsKept() throws Exception {
    LoadResult result = load(serve(receiver, Security.NONE), 1, 120);

    assertThat(result.failed()).isZero();
    assertThat(result.connections()).isEqualTo(3);
  }

  @Test
  void aMessageMayHaveManyRecipients() throws Exception {
    recipients = 30;

    LoadResult result = load(serve(receiver, Security.NONE), 2, 10);

    assertThat(result.recipients()).isEqualTo(300);
    assertThat(receiver.messages()).allMatch(m -> m.envelope().recipients().size() == 30);
  }

  @Test
  void messagesGoInChunksWhereThatIsAskedFor() throws Exception {
    chunked = true;

    LoadResult result = load(serve(receiver, Security.NONE), 1, 3);

    assertThat(result.failed()).isZero();
    assertThat(receiver.messages()).allMatch(m -> m.envelope().body() == BodyType.BINARY_MIME);
  }

  @Test
  void aServerWithoutChunkingIsNotSentOtherwise() throws Exception {
    chunked = true;
    without = Set.of(Capability.CHUNKING);

    LoadResult result = load(serve(receiver, Security.NONE), 1, 2);

    assertThat(result.failed()).isEqualTo(2);
    assertThat(result.troubles())
        .containsExactly(
            new LoadResult.Trouble("the server does not offer CHUNKING and BINARYMIME", 2));
  }

  @Test
  void whatIsRefusedIsToldAndDoesNotCount() throws Exception {
    receiver.refuse("recipient u1@there.test", Reply.of(550, "5.1.1", "no such user"));

    LoadResult result = load(serve(receiver, Security.NONE), 1, 3);

    assertThat(result.messages()).isEqualTo(2);
    assertThat(result.failed()).isEqualTo(1);
    assertThat(result.replies())
        .containsExactly(new LoadResult.Refusal("RCPT", 550, 1, "550 5.1.1 no such user"));
    assertThat(result.latencyOf(Measure.WHOLE)).returns(2L, Latency::count);
  }

  @Test
  void anOpenLoopMeasuresFromTheMomentAMessageWasDue() throws Exception {
    ManualTime time = new ManualTime();
    Receiver slow = new SlowReceiver(receiver, time, Duration.ofSeconds(1));
    Amount amount = new Amount(OptionalLong.of(3), Optional.empty(), 10, 0, Duration.ZERO);

    LoadResult result = run(serve(slow, Security.NONE), 1, amount, time).run();

    // Due at 0, 0.1 and 0.2 s, answered at 1, 2 and 3.
    Latency whole = result.latencyOf(Measure.WHOLE);
    assertThat(whole.p50Ms()).isBetween(1_899.0, 1_902.0);
    assertThat(whole.maxMs()).isBetween(2_798.0, 2_802.0);
    Latency transaction = result.latencyOf(Measure.TRANSACTION);
    assertThat(transaction.maxMs()).isBetween(999.0, 1_001.0);
    assertThat(result.seconds()).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(
      value = Target.Encryption.class,
      names = {"STARTTLS", "IMPLICIT"})
  void messagesGoEncryptedAndBehindALogin(Target.Encryption how) throws Exception {
    encryption = how;
    credentials = Optional.of(TIM);

    LoadResult result = load(serve(receiver, security(how == Target.Encryption.IMPLICIT)), 2, 6);

    assertThat(result.troubles()).isEmpty();
    assertThat(result.messages()).isEqualTo(6);
    assertThat(result.latency().keySet())
        .containsExactly("connect", "greeting", "tls handshake", "login", "transaction", "whole");
    assertThat(receiver.messages()).allMatch(m -> m.client().tls().isPresent());
  }

  @Test
  void aWrongPasswordIsTold() throws Exception {
    encryption = Target.Encryption.STARTTLS;
    credentials = Optional.of(new ClientCredentials.Password("tim", "wrong"));

    LoadResult result = load(serve(receiver, security(false)), 1, 1);

    assertThat(result.failed()).isEqualTo(1);
    assertThat(result.replies())
        .singleElement()
        .satisfies(r -> assertThat(r.stage() + r.code()).isEqualTo("AUTH535"));
  }

  @Test
  void aServerThatIsNotThereIsGivenUp() throws Exception {
    InetSocketAddress address = serve(receiver, Security.NONE);
    stop();

    LoadResult result = load(address, 2, 1_000_000);

    assertThat(result.messages()).isZero();
    assertThat(result.failed()).isBetween(22L, 30L);
    assertThat(result.troubles())
        .containsExactly(
            new LoadResult.Trouble("cannot connect: connection refused", result.failed()));
  }

  @Test
  void aRunThatIsStoppedTellsWhatItHasMeasured() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    LoadRun[] run = new LoadRun[1];
    Receiver stopping =
        new SlowReceiver(receiver, new ManualTime(), Duration.ZERO) {
          @Override
          public Incoming begin(Client client, Envelope envelope) throws ReceiveException {
            if (begun.incrementAndGet() == 5) {
              run[0].stop();
            }
            return super.begin(client, envelope);
          }
        };
    run[0] = run(serve(stopping, Security.NONE), 1, closed(1_000_000), Ticker.system());

    LoadResult result = run[0].run();

    assertThat(result.messages()).isEqualTo(5);
    assertThat(result.failed()).isZero();
    assertThat(run[0].progress().inFlight()).isZero();
  }

  @Test
  void idleConnectionsAreHeldAndAskedAtTheEnd() throws Exception {
    InetSocketAddress address = serve(receiver, Security.NONE);

    IdleResult result =
        new IdleRun(target(address), 30, Duration.ZERO, Ticker.system(), new SecureRandom()).run();

    assertThat(result.opened()).isEqualTo(30);
    assertThat(result.stayed()).isEqualTo(30);
    assertThat(result.latency().keySet()).containsExactly("connect", "greeting");
  }

  /// Takes its time over every message.
  private static class SlowReceiver implements Receiver {

    private final Receiver other;
    private final ManualTime time;
    private final Duration pause;

    private SlowReceiver(Receiver other, ManualTime time, Duration pause) {
      this.other = other;
      this.time = time;
      this.pause = pause;
    }

    @Override
    public Verdict recipient(Client client, Envelope envelope, Recipient recipient) {
      return other.recipient(client, envelope, recipient);
    }

    @Override
    public Incoming begin(Client client, Envelope envelope) throws ReceiveException {
      time.advance(pause);
      return other.begin(client, envelope);
    }
  }
}
