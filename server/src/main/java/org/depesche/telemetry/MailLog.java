package org.depesche.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.depesche.time.Ticker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The mail log: one line an event, one write a batch. What cannot be written is counted, and the
/// log says so itself when it can be written again.
public final class MailLog implements EventConsumer {

  /// Text is written when it has grown to this, so that a large batch needs no more memory.
  private static final int MAX_CHUNK_CHARS = 256 * 1024;

  private final LogOutput output;
  private final StringBuilder text = new StringBuilder();
  private final MailLogLine line = new MailLogLine(text);
  private final LongAdder lost = new LongAdder();

  /// Lines lost since the log last said so.
  private long unsaid;

  private String trouble = "";

  MailLog(LogOutput output) {
    this.output = output;
  }

  /// A log in a file, which may be moved away at any time: a new one is begun within a second.
  public static MailLog toFile(Path file, Ticker ticker) {
    return new MailLog(new LogFile(file, ticker));
  }

  /// A log on a stream that is not closed: standard output.
  public static MailLog toStream(OutputStream stream) {
    return new MailLog(new LogOutput.ToStream(stream));
  }

  /// Lines that could not be written.
  public long lostLines() {
    return lost.sum();
  }

  @Override
  public void consume(List<MailEvent> batch) {
    if (unsaid > 0 && !sayLost(batch.getFirst().at())) {
      lose(batch.size());
      return;
    }
    for (MailEvent event : batch) {
      line.append(event);
      if (text.length() >= MAX_CHUNK_CHARS) {
        write();
      }
    }
    write();
  }

  @Override
  public void close() {
    try {
      output.close();
    } catch (IOException e) {
      log().warn("closing the mail log: {}", e.toString());
    }
  }

  /// Writes the line that admits the gap; a line break before it ends a line that was torn.
  private boolean sayLost(Instant at) {
    text.append('\n');
    String detail = unsaid + " lines could not be written: " + trouble;
    line.append(new MailEvent.Noted(at, "mail-log-lost", detail));
    try {
      output.write(takeText());
    } catch (IOException e) {
      trouble = e.toString();
      return false;
    }
    unsaid = 0;
    return true;
  }

  private void write() {
    ByteBuffer bytes = takeText();
    try {
      output.write(bytes);
    } catch (IOException e) {
      trouble = e.toString();
      if (unsaid == 0) {
        log().error("the mail log cannot be written: {}", trouble);
      }
      lose(lines(bytes));
    }
  }

  private ByteBuffer takeText() {
    byte[] bytes = text.toString().getBytes(UTF_8);
    text.setLength(0);
    return ByteBuffer.wrap(bytes);
  }

  private void lose(int lines) {
    unsaid += lines;
    lost.add(lines);
  }

  private static int lines(ByteBuffer bytes) {
    int lines = 0;
    while (bytes.hasRemaining()) {
      if (bytes.get() == '\n') {
        lines++;
      }
    }
    return lines;
  }

  /// Asked for when there is something to say: a start without trouble does without a logger.
  private static Logger log() {
    return LoggerFactory.getLogger(MailLog.class);
  }
}
