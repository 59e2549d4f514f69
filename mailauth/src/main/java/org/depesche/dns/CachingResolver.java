package org.depesche.dns;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.depesche.time.Ticker;

/// Remembers answers as long as they hold, within bounds, and lets many who ask the same at the
/// same time ask once.
public final class CachingResolver implements Resolver {

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(1);

  /// RFC 2308 §5 has hours in mind; who sets up a domain should not wait so long.
  private static final Duration LONGEST_NEGATIVE = Duration.ofMinutes(15);

  private final Memory<Mx> mx;
  private final Memory<InetAddress> ipv4;
  private final Memory<InetAddress> ipv6;

  /// @param most answers remembered of each kind
  public CachingResolver(Resolver resolver, int most, Ticker ticker) {
    this.mx = new Memory<>(resolver::mx, most, ticker);
    this.ipv4 = new Memory<>(name -> resolver.addresses(name, Family.IPV4), most, ticker);
    this.ipv6 = new Memory<>(name -> resolver.addresses(name, Family.IPV6), most, ticker);
  }

  @Override
  public Answer<Mx> mx(String name) {
    return mx.ask(name);
  }

  @Override
  public Answer<InetAddress> addresses(String name, Family family) {
    return (family == Family.IPV4 ? ipv4 : ipv6).ask(name);
  }

  /// The answers to one kind of question.
  private static final class Memory<T> {

    private final Function<String, Answer<T>> ask;
    private final AsyncCache<String, Answer<T>> answers;

    Memory(Function<String, Answer<T>> ask, int most, Ticker ticker) {
      this.ask = ask;
      this.answers =
          Caffeine.newBuilder()
              .maximumSize(most)
              .ticker(ticker::nanos)
              .executor(Runnable::run)
              .expireAfter(Expiry.<String, Answer<T>>creating((_, a) -> remembered(a)))
              .buildAsync();
    }

    Answer<T> ask(String name) {
      String key = name.toLowerCase(Locale.ROOT);
      CompletableFuture<Answer<T>> mine = new CompletableFuture<>();
      CompletableFuture<Answer<T>> earlier = answers.asMap().putIfAbsent(key, mine);
      if (earlier != null) {
        return join(earlier);
      }
      try {
        mine.complete(ask.apply(key));
      } catch (RuntimeException e) {
        // Also what nobody thought of must not leave others waiting.
        mine.completeExceptionally(e);
      }
      return join(mine);
    }

    private Answer<T> join(CompletableFuture<Answer<T>> answer) {
      try {
        return answer.join();
      } catch (CompletionException e) {
        return new Answer.Failed<>(Answer.Trouble.MALFORMED, "the look-up broke: " + e.getCause());
      }
    }

    private static Duration remembered(Answer<?> answer) {
      Duration longest =
          switch (answer) {
            case Answer.Found<?> _ -> LONGEST;
            case Answer.NoData<?> _, Answer.NoSuchName<?> _ -> LONGEST_NEGATIVE;
            case Answer.Failed<?> failed -> failed.ttl();
          };
      Duration asked = answer.ttl().compareTo(SHORTEST) < 0 ? SHORTEST : answer.ttl();
      return asked.compareTo(longest) > 0 ? longest : asked;
    }
  }
}
