package org.depesche.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.mail.ReversePath;
import org.depesche.message.Content;

/// Makes the messages of a run: text in lines, each message with an identifier of its own. Used by
/// many threads.
public final class Post {

  /// What the messages are.
  ///
  /// @param recipients of a message
  /// @param chunked whether they are declared binary, so that they go by BDAT (RFC 3030)
  public record Style(
      ReversePath from, RecipientPool to, int recipients, SizeMix sizes, boolean chunked) {

    public Style {
      if (recipients < 1 || recipients > to.size()) {
        throw new IllegalArgumentException(
            "a message to " + recipients + " needs as many addresses; there are " + to.size());
      }
    }
  }

  /// A message.
  ///
  /// @param header fields, CRLF at the end of each
  /// @param body what follows, the empty line included
  /// @param size of both, in octets
  record Letter(Envelope envelope, String header, Content body, long size) {}

  // RFC 5322 §3.3
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM uuuu HH:mm:ss Z", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  /// RFC 5322 §2.1.1: the length lines should have at most, and their end.
  private static final int LINE = 78 + 2;

  private static final int LINES = 800;
  private static final String WORDS = "Five wizards quickly jump over the box. ";

  private static final byte[] EMPTY_LINE = {'\r', '\n'};
  private static final byte[] LINES_OF_ALL = lines();

  private final Style style;
  private final String run;
  private final InstantSource clock;
  private final RandomGenerator random;

  /// @param run tells the messages of this run from those of any other
  /// @param random for the sizes
  public Post(Style style, String run, InstantSource clock, RandomGenerator random) {
    this.style = style;
    this.run = run;
    this.clock = clock;
    this.random = random;
  }

  private static byte[] lines() {
    String line = WORDS.repeat(2).substring(0, LINE - 2) + "\r\n";
    return line.repeat(LINES).getBytes(StandardCharsets.US_ASCII);
  }

  /// The message of that number.
  Letter letter(long number) {
    long size = size();
    List<Recipient> to = style.to().of(number, style.recipients());
    Envelope envelope =
        new Envelope(
            style.from(),
            to,
            style.chunked() ? BodyType.BINARY_MIME : BodyType.SEVEN_BIT,
            false,
            Return.UNSET,
            Optional.empty());
    String header = header(number, to);
    long octets = header.getBytes(StandardCharsets.UTF_8).length;
    // A message is never smaller than its header and the empty line.
    Text body = new Text(Math.max(2, size - octets));
    return new Letter(envelope, header, body, octets + body.size());
  }

  private synchronized long size() {
    return style.sizes().next(random);
  }

  private String header(long number, List<Recipient> to) {
    String from = style.from().wire();
    return "Date: "
        + DATE.format(clock.instant())
        + "\r\nFrom: <"
        + (from.isEmpty() ? "postmaster@localhost" : from)
        + ">\r\nTo: "
        + (to.size() == 1 ? "<" + to.getFirst().address().wire() + ">" : "undisclosed-recipients:;")
        + "\r\nSubject: Message "
        + number
        + " of "
        + run
        + "\r\nMessage-ID: <"
        + run
        + "."
        + number
        + "@bench.invalid>\r\n";
  }

  /// An empty line, then text up to a size: lines that all messages share, again and again, and a
  /// last one that is as long as is missing.
  private static final class Text implements Content {

    private static final int BEFORE = 2;

    private final long shared;
    private final String last;

    Text(long size) {
      long rest = size - BEFORE;
      // A line of a single octet is none; the one before takes it.
      long whole = rest % LINE == 1 ? Math.max(0, rest / LINE - 1) : rest / LINE;
      this.shared = whole * LINE;
      int left = (int) (rest - shared);
      this.last = left == 0 ? "" : "x".repeat(Math.max(0, left - 2)) + "\r\n";
    }

    @Override
    public long size() {
      return BEFORE + shared + last.length();
    }

    @Override
    public int read(long position, ByteBuffer into) {
      if (position >= size()) {
        return -1;
      }
      int before = into.position();
      for (long at = position; at < size() && into.hasRemaining(); ) {
        byte[] part = part(at);
        int from = offset(at);
        // All of the text there is, or what is left of its lines.
        long most =
            at < BEFORE || at >= BEFORE + shared ? part.length : BEFORE + shared - at + from;
        int count = (int) Math.min(Math.min(part.length, most) - from, into.remaining());
        into.put(part, from, count);
        at += count;
      }
      return into.position() - before;
    }

    private byte[] part(long at) {
      if (at < BEFORE) {
        return EMPTY_LINE;
      }
      return at < BEFORE + shared ? LINES_OF_ALL : last.getBytes(StandardCharsets.US_ASCII);
    }

    private int offset(long at) {
      if (at < BEFORE) {
        return (int) at;
      }
      return (int)
          (at < BEFORE + shared ? (at - BEFORE) % LINES_OF_ALL.length : at - BEFORE - shared);
    }

    @Override
    public void close() {}
  }
}
