package org.depesche.directory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.depesche.mail.Mailbox;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;

/// A source with a memory. What was found is not asked for again for a while; while the source is
/// away, what was known not long before still holds. That nobody was found is forgotten soon, and
/// is not held against anybody while the source [is away][#isAway()].
public final class CachedSource implements Source {

  /// Somebody who was not there may have been added since.
  private static final long NOTHING_NANOS = Duration.ofSeconds(10).toNanos();

  /// While a source is away it is asked every now and then only: others would all wait for it.
  private static final long PAUSE_NANOS = Duration.ofSeconds(2).toNanos();

  private final Source behind;
  private final long fresh;
  private final long kept;
  private final Ticker ticker;
  private final Consumer<String> trouble;
  private final Cache<Question, Answer> answers;
  private final AtomicReference<Failure> failure;

  private enum Kind {
    DOMAIN,
    ACCOUNT,
    ALIAS
  }

  private record Question(Kind kind, String name) {}

  private record Answer(Object value, boolean found, long at) {}

  /// The last failure; an empty reason for none.
  private record Failure(String reason, long at) {}

  private interface LookUp<T> {
    T ask() throws UnavailableException;
  }

  /// @param fresh how long what was found is not asked for again
  /// @param kept how long it holds while the source is away
  /// @param entries remembered
  /// @param trouble hears when the source has gone, and when it is back
  public CachedSource(
      Source behind,
      Duration fresh,
      Duration kept,
      int entries,
      Ticker ticker,
      Consumer<String> trouble) {
    this.behind = behind;
    this.fresh = fresh.toNanos();
    this.kept = kept.toNanos();
    this.ticker = ticker;
    this.trouble = trouble;
    this.answers = Caffeine.newBuilder().maximumSize(entries).build();
    this.failure = new AtomicReference<>(new Failure("", 0));
  }

  @Override
  public Optional<LocalDomain> domain(String name) throws UnavailableException {
    return answer(new Question(Kind.DOMAIN, name), () -> behind.domain(name), Optional::isPresent);
  }

  @Override
  public Optional<Account> account(String address) throws UnavailableException {
    return answer(
        new Question(Kind.ACCOUNT, address), () -> behind.account(address), Optional::isPresent);
  }

  @Override
  public Optional<Account> login(String address) throws UnavailableException {
    Question question = new Question(Kind.ACCOUNT, address);
    Answer known = answers.getIfPresent(question);
    return asked(
        question,
        known != null && known.found() ? known : null,
        () -> behind.login(address),
        Optional::isPresent);
  }

  @Override
  public boolean isAway() {
    return !failure.get().reason().isEmpty();
  }

  @Override
  public List<Mailbox> alias(String address) throws UnavailableException {
    return answer(
        new Question(Kind.ALIAS, address), () -> behind.alias(address), list -> !list.isEmpty());
  }

  @Override
  public Optional<Boolean> matches(Account account, byte[] password) throws UnavailableException {
    return asked(() -> behind.matches(account, password));
  }

  @SuppressWarnings("unchecked") // a kind of question has one kind of answer
  private <T> T answer(Question question, LookUp<T> lookUp, Predicate<T> isFound)
      throws UnavailableException {
    Answer known = answers.getIfPresent(question);
    long now = ticker.nanos();
    if (known != null
        && now - known.at() < (known.found() ? fresh : Math.min(fresh, NOTHING_NANOS))) {
      return (T) known.value();
    }
    return asked(question, known, lookUp, isFound);
  }

  @SuppressWarnings("unchecked") // a kind of question has one kind of answer
  private <T> T asked(
      Question question, @Nullable Answer known, LookUp<T> lookUp, Predicate<T> isFound)
      throws UnavailableException {
    long now = ticker.nanos();
    try {
      T value = asked(lookUp);
      answers.put(question, new Answer(value, isFound.test(value), now));
      return value;
    } catch (UnavailableException e) {
      if (known != null && now - known.at() < kept) {
        return (T) known.value();
      }
      throw e;
    }
  }

  private <T> T asked(LookUp<T> lookUp) throws UnavailableException {
    Failure last = failure.get();
    if (!last.reason().isEmpty() && ticker.nanos() - last.at() < PAUSE_NANOS) {
      throw new UnavailableException(last.reason());
    }
    try {
      T value = lookUp.ask();
      if (!last.reason().isEmpty() && failure.compareAndSet(last, new Failure("", 0))) {
        trouble.accept("the directory answers again, which had not: " + last.reason());
      }
      return value;
    } catch (UnavailableException e) {
      if (e.isOfEntry()) {
        throw e;
      }
      String reason = String.valueOf(e.getMessage());
      Failure next = new Failure(reason, ticker.nanos());
      if (failure.getAndSet(next).reason().isEmpty()) {
        trouble.accept("the directory does not answer: " + reason);
      }
      throw e;
    }
  }
}
