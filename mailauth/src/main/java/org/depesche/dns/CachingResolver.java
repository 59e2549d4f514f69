package org.depesche.dns;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.depesche.time.Ticker;

/// Remembers answers as long as they hold, within bounds, and lets many who ask the same at the
/// same time ask once.
public final class CachingResolver implements Resolver {

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(1);

  /// RFC 2308 §5 has hours in mind; who sets up a domain should not wait so long.
  private static final Duration LONGEST_NEGATIVE = Duration.ofMinutes(15);

  /// Octets of records that count as one answer.
  private static final int UNIT = 512;

  /// What a record takes beside its text.
  private static final int RECORD = 48;

  private final Resolver resolver;
  private final AsyncCache<Question, Answer<?>> answers;

  private enum Kind {
    MX,
    A,
    AAAA,
    TXT,
    PTR,
    TLSA
  }

  private record Question(Kind kind, String name) {}

  /// @param most answers remembered; one with many records counts as several
  public CachingResolver(Resolver resolver, int most, Ticker ticker) {
    this.resolver = resolver;
    this.answers =
        Caffeine.newBuilder()
            .maximumWeight(most)
            .<Question, Answer<?>>weigher((_, answer) -> weight(answer))
            .ticker(ticker::nanos)
            .executor(Runnable::run)
            .expireAfter(Expiry.<Question, Answer<?>>creating((_, answer) -> remembered(answer)))
            .buildAsync();
  }

  @Override
  public Answer<Mx> mx(String name) {
    return ask(Kind.MX, name, () -> resolver.mx(name));
  }

  @Override
  public Answer<InetAddress> addresses(String name, Family family) {
    Kind kind = family == Family.IPV4 ? Kind.A : Kind.AAAA;
    return ask(kind, name, () -> resolver.addresses(name, family));
  }

  @Override
  public Answer<String> txt(String name) {
    return ask(Kind.TXT, name, () -> resolver.txt(name));
  }

  @Override
  public Answer<String> ptr(InetAddress address) {
    return ask(Kind.PTR, address.getHostAddress(), () -> resolver.ptr(address));
  }

  @Override
  public Answer<Tlsa> tlsa(String name) {
    return ask(Kind.TLSA, name, () -> resolver.tlsa(name));
  }

  private <T> Answer<T> ask(Kind kind, String name, Supplier<Answer<T>> ask) {
    String folded = name.toLowerCase(Locale.ROOT);
    Question question =
        new Question(
            kind, folded.endsWith(".") ? folded.substring(0, folded.length() - 1) : folded);
    CompletableFuture<Answer<?>> mine = new CompletableFuture<>();
    CompletableFuture<Answer<?>> earlier = answers.asMap().putIfAbsent(question, mine);
    if (earlier != null) {
      return joined(earlier);
    }
    try {
      mine.complete(ask.get());
    } catch (RuntimeException e) {
      // Also what nobody thought of must not leave others waiting.
      mine.completeExceptionally(e);
    }
    return joined(mine);
  }

  /// The kind of a question fixes the type of its answer.
  @SuppressWarnings("unchecked")
  private static <T> Answer<T> joined(CompletableFuture<Answer<?>> answer) {
    try {
      return (Answer<T>) answer.join();
    } catch (CompletionException e) {
      return new Answer.Failed<>(Answer.Trouble.MALFORMED, "the look-up broke: " + e.getCause());
    }
  }

  private static int weight(Answer<?> answer) {
    if (!(answer instanceof Answer.Found<?> found)) {
      return 1;
    }
    int octets = 0;
    for (Object record : found.records()) {
      octets +=
          switch (record) {
            case String text -> RECORD + text.length();
            case Mx mx -> RECORD + mx.exchange().length();
            case Tlsa tlsa -> RECORD + tlsa.association().length();
            default -> RECORD;
          };
    }
    return 1 + octets / UNIT;
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
