package org.depesche.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Reads along while a message streams by, up to the end of its header (RFC 5322 §2.1), and keeps
/// what a loop can be seen from: the number of Received fields and the values of Delivered-To.
/// Holds a bounded piece of one field at a time, and costs nothing behind the header.
public final class HeaderScanner {

  /// Longest beginning of a field that is kept; longer than any address with its field name.
  private static final int MAX_KEPT = 640;

  /// More Delivered-To fields than this are not kept; as many hops are a loop by count of Received
  /// long before.
  private static final int MAX_DELIVERED_TO = 200;

  private static final String DELIVERED_TO = "delivered-to:";
  private static final String RECEIVED = "received:";

  private final byte[] line = new byte[MAX_KEPT];
  private int lineLength;
  private boolean lineStart = true;
  private boolean afterCr;
  private boolean done;
  private int received;
  private final List<String> deliveredTo = new ArrayList<>();

  /// Takes the next bytes of the message, split anywhere.
  public void scan(byte[] bytes, int offset, int length) {
    for (int i = offset; !done && i < offset + length; i++) {
      byte b = bytes[i];
      if (b == '\n' && afterCr) {
        if (lineStart) {
          done = true;
        }
        lineStart = true;
      } else if (b != '\r') {
        if (lineStart) {
          beginLine(b);
        }
        if (lineLength < MAX_KEPT) {
          line[lineLength++] = b;
        }
      }
      afterCr = b == '\r';
    }
  }

  /// A line that begins with white space goes on with the field before it (RFC 5322 §2.2.3); any
  /// other ends it.
  private void beginLine(byte first) {
    lineStart = false;
    if (first != ' ' && first != '\t') {
      endField();
    }
  }

  private void endField() {
    if (lineLength > 0) {
      if (startsWith(RECEIVED)) {
        received++;
      } else if (startsWith(DELIVERED_TO) && deliveredTo.size() < MAX_DELIVERED_TO) {
        int from = DELIVERED_TO.length();
        deliveredTo.add(new String(line, from, lineLength - from, UTF_8).strip());
      }
    }
    lineLength = 0;
  }

  private boolean startsWith(String name) {
    return lineLength >= name.length()
        && new String(line, 0, name.length(), UTF_8).toLowerCase(Locale.ROOT).equals(name);
  }

  /// Ends the reading: the message is complete.
  public void finish() {
    endField();
    done = true;
  }

  /// How many Received fields there are.
  public int receivedCount() {
    return received;
  }

  /// The values of the Delivered-To fields.
  public List<String> deliveredTo() {
    return List.copyOf(deliveredTo);
  }
}
