package org.depesche.smtp;

/// Takes the content of a DATA command off the wire: removes dot-stuffing, finds the end, and finds
/// what does not belong into text (RFC 5321 §2.3.8, §4.1.1.4, §4.5.2).
///
/// The end of data is CRLF.CRLF and nothing else. A CR without LF, an LF without CR and a NUL are
/// never taken for line ends and never repaired: the content is spoilt, nothing more of it is
/// handed on, and reading goes on to the true end. A server that took `LF.LF` or `LF.CRLF` for the
/// end would let a sender smuggle a second message past whoever checked the first.
public final class DataReader {

  private enum State {
    /// Behind a CRLF, or at the beginning: RFC 5321 §4.1.1.4 counts the CRLF of the DATA command
    /// itself.
    LINE_START,
    /// In a line.
    TEXT,
    /// Behind a CR.
    CR,
    /// Behind a dot at the start of a line.
    DOT,
    /// Behind that dot and a CR.
    DOT_CR,
    /// Behind the end of data.
    END
  }

  private final ContentSink sink;
  private State state = State.LINE_START;
  private boolean spoilt;

  public DataReader(ContentSink sink) {
    this.sink = sink;
  }

  public boolean isComplete() {
    return state == State.END;
  }

  /// True when the content has a bare CR, a bare LF or a NUL.
  public boolean isSpoilt() {
    return spoilt;
  }

  /// Takes bytes up to the end of data.
  ///
  /// @return how many were taken; fewer than `length` only when the end was found
  public int read(byte[] in, int offset, int length) {
    int end = offset + length;
    int run = offset;
    int i = offset;
    while (i < end) {
      switch (state) {
        case TEXT -> {
          i = skipText(in, i, end);
          if (i < end) {
            if (in[i] == '\r') {
              state = State.CR;
            } else {
              spoilt = true;
            }
            i++;
          }
        }
        case CR -> {
          if (in[i] == '\n') {
            state = State.LINE_START;
            i++;
          } else {
            spoilt = true;
            state = State.TEXT;
          }
        }
        case LINE_START -> {
          if (in[i] == '.') {
            write(in, run, i);
            i++;
            run = i;
            state = State.DOT;
          } else {
            state = State.TEXT;
          }
        }
        case DOT -> {
          if (in[i] == '\r') {
            i++;
            run = i;
            state = State.DOT_CR;
          } else {
            // RFC 5321 §4.5.2: a leading dot is removed when more follows in the line.
            state = State.TEXT;
          }
        }
        case DOT_CR -> {
          if (in[i] == '\n') {
            state = State.END;
            return i + 1 - offset;
          }
          // The CR that was not handed on is no loss: spoilt content goes nowhere.
          spoilt = true;
          state = State.TEXT;
        }
        case END -> {
          return i - offset;
        }
      }
    }
    write(in, run, end);
    return length;
  }

  /// The next byte that is not plain text, from `i`.
  private static int skipText(byte[] in, int i, int end) {
    int at = i;
    while (at < end) {
      byte b = in[at];
      if (b <= '\r' && (b == '\r' || b == '\n' || b == 0)) {
        return at;
      }
      at++;
    }
    return end;
  }

  private void write(byte[] in, int from, int to) {
    if (to > from && !spoilt) {
      sink.write(in, from, to - from);
    }
  }
}
