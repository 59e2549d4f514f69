package org.depesche.load;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.depesche.smtp.client.Answer;
import org.depesche.smtp.client.Capabilities;
import org.depesche.smtp.client.Capability;
import org.depesche.smtp.client.SendResult;
import org.depesche.smtp.client.SmtpClient;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;

/// One of the sessions of a run: takes the next message when it is free, waits until that is due,
/// connects if it has to, sends. Nothing is tried twice.
final class LoadSession implements Runnable {

  /// The rest after a connection that could not be made; twice as long each time in a row.
  private static final long REST_NANOS = 20_000_000;

  private static final int MAX_DOUBLINGS = 6;

  /// What the sessions of a run have in common.
  ///
  /// @param perConnection most messages over one connection
  /// @param vain connections that could not be made, in a row, over all sessions
  /// @param mostVain how many of these end the run
  record Shared(
      Schedule schedule,
      Door door,
      Post post,
      LoadTally tally,
      Ticker ticker,
      long perConnection,
      boolean chunked,
      AtomicInteger vain,
      int mostVain) {}

  private final Shared shared;
  private @Nullable SmtpClient client; // null without a connection
  private long left; // messages the connection may still carry
  private int vain;

  LoadSession(Shared shared) {
    this.shared = shared;
  }

  @Override
  public void run() {
    try {
      Optional<Schedule.Turn> turn = shared.schedule().next();
      while (turn.isPresent() && shared.schedule().await(turn.get())) {
        shared.tally().begun();
        boolean connected;
        try {
          connected = take(turn.get());
        } finally {
          shared.tally().ended();
        }
        if (!connected) {
          boolean _ = shared.schedule().rest(REST_NANOS << Math.min(vain++, MAX_DOUBLINGS));
        }
        turn = shared.schedule().next();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      hangUp();
    }
  }

  /// Sends a message; false when there was no connection to be had.
  private boolean take(Schedule.Turn turn) {
    SmtpClient open = client;
    if (open == null) {
      open = connect(turn);
    }
    if (open == null) {
      shared.tally().failed();
      return false;
    }
    send(open, turn);
    left--;
    if (left <= 0 || !open.isOpen()) {
      hangUp();
    }
    return true;
  }

  private @Nullable SmtpClient connect(Schedule.Turn turn) {
    return switch (shared.door().open()) {
      case Door.Entry.Open(var opened, var took) -> {
        vain = 0;
        shared.vain().set(0);
        if (shared.chunked() && !takesChunks(opened.capabilities())) {
          opened.quit();
          yield lost("the server does not offer CHUNKING and BINARYMIME");
        }
        shared.tally().connected();
        if (turn.counted()) {
          took.forEach(shared.tally()::measured);
        }
        left =
            Math.min(
                shared.perConnection(),
                opened.capabilities().maxMessages().orElse(Integer.MAX_VALUE));
        client = opened;
        yield opened;
      }
      case Door.Entry.Refused(var stage, var reply) -> {
        shared.tally().refused(stage, reply);
        yield inVain();
      }
      case Door.Entry.Lost(var cause) -> lost(cause);
    };
  }

  /// RFC 3030 §3: what is declared binary needs both.
  private static boolean takesChunks(Capabilities server) {
    return server.offers(Capability.CHUNKING) && server.offers(Capability.BINARY_MIME);
  }

  private @Nullable SmtpClient lost(String cause) {
    shared.tally().trouble(cause);
    return inVain();
  }

  private @Nullable SmtpClient inVain() {
    if (shared.vain().incrementAndGet() >= shared.mostVain()) {
      shared.schedule().stop();
    }
    return null;
  }

  private void send(SmtpClient open, Schedule.Turn turn) {
    Post.Letter letter = shared.post().letter(turn.number());
    long from = shared.ticker().nanos();
    SendResult result = open.send(letter.envelope(), letter.header(), letter.body());
    long now = shared.ticker().nanos();
    int accepted =
        switch (result) {
          case SendResult.Answered(var answers, _) -> accepted(answers);
          case SendResult.Unsendable(var status, var reason) -> {
            shared.tally().trouble("not sent: " + status + " " + reason);
            yield 0;
          }
          case SendResult.Broken(var stage, var reason, var answers, _) -> {
            shared.tally().trouble(stage + ": " + reason);
            yield accepted(answers);
          }
        };
    if (accepted > 0) {
      shared.tally().accepted(turn, accepted, letter.size(), now - from, now);
    }
    if (accepted < letter.envelope().recipients().size()) {
      shared.tally().failed();
    }
  }

  private int accepted(List<Answer> answers) {
    int accepted = 0;
    for (Answer answer : answers) {
      if (answer.accepted()) {
        accepted++;
      } else {
        shared.tally().refused(answer.stage().name(), answer.reply());
      }
    }
    return accepted;
  }

  private void hangUp() {
    SmtpClient open = client;
    client = null;
    if (open != null) {
      open.quit();
    }
  }
}
