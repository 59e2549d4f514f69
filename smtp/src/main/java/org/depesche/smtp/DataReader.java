package org.depesche.smtp;

import java.util.Optional;

/// Reads what follows DATA (RFC 5321 §4.5.2): takes away the dots that were added, finds the end,
/// and notices bytes that must not be there. Fed with pieces of any size; holds back nothing but
/// what fits its state, so a line may be as long as it likes.
///
/// The end is CRLF.CRLF and nothing else (RFC 5321 §4.1.1.4); the CRLF of the DATA command counts
/// as the first. After a violation nothing is passed on, but reading goes on to the true end: only
/// there do commands begin again, whatever the message tries to make of its bytes.
///
/// Bytes go to the sink in runs that are as long as possible, straight from the caller's array; a
/// run is cut only by an added dot and by the end of a piece.
public final class DataReader {

  private enum State {
    /// Behind a CRLF, or at the very beginning.
    LINE_START,
    /// Inside a line.
    TEXT,
    /// Behind a CR inside a line. It has been passed on.
    CR,
    /// Behind a dot that began a line. It has not been passed on.
    DOT,
    /// Behind a dot that began a line and a CR. Neither has been passed on.
    DOT_CR,
    /// Behind CRLF.CRLF.
    END
  }

  private State state = State.LINE_START;
  private Optional<Violation> violation = Optional.empty();

  /// Takes bytes up to the end of the data, and not one more.
  ///
  /// @return how many were taken; fewer than given only at the end of the data
  public int read(byte[] bytes, int offset, int length, ContentSink sink) {
    int to = offset + length;
    int run = offset; // where the bytes begin that were not passed on yet
    int i = offset;
    while (i < to && state != State.END) {
      switch (state) {
        case TEXT -> {
          i = ControlScan.next(bytes, i, to);
          if (i < to) {
            state = inText(bytes[i++]);
          }
        }
        case LINE_START -> {
          if (bytes[i] == '.') {
            pass(bytes, run, i, sink);
            run = ++i;
            state = State.DOT;
          } else {
            state = State.TEXT;
          }
        }
        case CR -> {
          if (bytes[i] == '\n') {
            i++;
            state = State.LINE_START;
          } else {
            violate(Violation.BARE_CR);
            state = State.TEXT;
          }
        }
        case DOT -> {
          if (bytes[i] == '\r') {
            run = ++i;
            state = State.DOT_CR;
          } else {
            state = State.TEXT;
          }
        }
        case DOT_CR -> {
          if (bytes[i] == '\n') {
            run = ++i;
            state = State.END;
          } else {
            // The dot and the CR are lost, and so is the message.
            violate(Violation.BARE_CR);
            state = State.TEXT;
          }
        }
        case END -> throw new IllegalStateException("the loop ends at the end");
      }
    }
    pass(bytes, run, i, sink);
    return i - offset;
  }

  private State inText(byte b) {
    return switch (b) {
      case '\r' -> State.CR;
      case '\n' -> {
        violate(Violation.BARE_LF);
        yield State.TEXT;
      }
      default -> {
        violate(Violation.NUL);
        yield State.TEXT;
      }
    };
  }

  /// True behind CRLF.CRLF.
  public boolean atEnd() {
    return state == State.END;
  }

  /// What was wrong first, if anything.
  public Optional<Violation> violation() {
    return violation;
  }

  private void violate(Violation what) {
    if (violation.isEmpty()) {
      violation = Optional.of(what);
    }
  }

  private void pass(byte[] bytes, int from, int to, ContentSink sink) {
    if (to > from && violation.isEmpty()) {
      sink.write(bytes, from, to - from);
    }
  }
}
