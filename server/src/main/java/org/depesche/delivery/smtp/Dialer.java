package org.depesche.delivery.smtp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.depesche.net.Connection;

/// Connects to the first address of a host that answers. The next address is begun when one has
/// kept silent for a quarter of a second or has failed, so that a family that leads nowhere costs
/// no more than that (RFC 8305 §5).
final class Dialer {

  /// RFC 8305 §5: the recommended delay between two attempts.
  private static final Duration STAGGER = Duration.ofMillis(250);

  private final Door door;
  private final Executor executor;

  /// @param executor runs an attempt to connect each
  Dialer(Door door, Executor executor) {
    this.door = door;
    this.executor = executor;
  }

  /// @throws IOException when none answers; the message names each address and its trouble
  Connection connect(List<InetSocketAddress> addresses, Duration within) throws IOException {
    if (addresses.size() == 1) {
      return door.connect(addresses.getFirst(), within);
    }
    CompletableFuture<Connection> winner = new CompletableFuture<>();
    List<CompletableFuture<Connection>> begun = new ArrayList<>();
    for (InetSocketAddress address : addresses) {
      begun.add(begin(address, within, winner));
      if (await(begun.getLast(), winner)) {
        break;
      }
    }
    var _ =
        CompletableFuture.allOf(begun.toArray(CompletableFuture[]::new))
            .whenComplete((_, _) -> winner.completeExceptionally(new IOException("none answers")));
    try {
      return winner.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      winner.completeExceptionally(e);
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException(troubles(addresses, begun), e);
    }
  }

  private CompletableFuture<Connection> begin(
      InetSocketAddress address, Duration within, CompletableFuture<Connection> winner) {
    CompletableFuture<Connection> attempt = new CompletableFuture<>();
    executor.execute(
        () -> {
          try {
            Connection connection = door.connect(address, within);
            if (!winner.complete(connection)) {
              connection.close();
            }
            attempt.complete(connection);
          } catch (IOException | RuntimeException e) {
            attempt.completeExceptionally(e);
          }
        });
    return attempt;
  }

  /// Waits until an attempt has ended or had its time; true when somebody has won.
  private static boolean await(
      CompletableFuture<Connection> attempt, CompletableFuture<Connection> winner) {
    try {
      attempt.get(STAGGER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } catch (ExecutionException | TimeoutException _) {
      return winner.isDone();
    }
    return true;
  }

  private static String troubles(
      List<InetSocketAddress> addresses, List<CompletableFuture<Connection>> begun) {
    List<String> troubles = new ArrayList<>();
    for (int i = 0; i < begun.size(); i++) {
      Throwable trouble =
          begun.get(i).isCompletedExceptionally() ? begun.get(i).exceptionNow() : null;
      if (trouble != null) {
        troubles.add(addresses.get(i).getAddress().getHostAddress() + ": " + trouble.getMessage());
      }
    }
    return String.join("; ", troubles);
  }
}
