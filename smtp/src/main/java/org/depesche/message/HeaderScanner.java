package org.depesche.message;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Watches the content of a message go by and keeps of its header what loops are known by: how many
/// Received fields there are (RFC 5321 §6.3), and the values of Delivered-To; and whether TLS is
/// not required (RFC 8689). Memory is bounded whatever the header looks like; behind the header it
/// does nothing.
///
/// The header ends at an empty line, or at a line that is no field and continues none.
public final class HeaderScanner {

  /// How many Delivered-To values are kept; a message with more is counted as full.
  public static final int MAX_DELIVERED_TO = 100;

  /// Longest value that is kept; a longer one is cut.
  static final int MAX_VALUE_OCTETS = 1000;

  /// As long as the longest name looked for, and one more to tell a longer name from it.
  private static final int MAX_NAME_OCTETS = 16;

  private enum State {
    LINE_START,
    LINE_START_CR,
    NAME,
    NAME_SPACE,
    VALUE,
    BODY
  }

  private State state = State.LINE_START;
  private final byte[] name = new byte[MAX_NAME_OCTETS];
  private int nameLength;
  private final ByteArrayOutputStream value = new ByteArrayOutputStream(64);
  private boolean keepsValue;
  private boolean tlsField;
  private boolean tlsNotRequired;
  private boolean inField;
  private final List<String> deliveredTo = new ArrayList<>();
  private int received;
  private long octets; // taken so far
  private long fieldsEnd; // octets up to the end of the last line that belongs to a field

  /// Takes the next bytes of the content.
  public void write(byte[] bytes, int offset, int length) {
    int to = offset + length;
    int i = offset;
    while (i < to && state != State.BODY) {
      if (state == State.VALUE && !keepsValue) {
        int from = i;
        while (i < to && bytes[i] != '\n') {
          i++;
        }
        octets += i - from;
      }
      if (i < to) {
        step(bytes[i++]);
      }
    }
  }

  /// The content is complete. A header may end with it, even in the middle of a line.
  public void end() {
    if (state == State.VALUE) {
      fieldsEnd = octets;
    }
    endField();
    state = State.BODY;
  }

  /// True behind the header.
  public boolean headerComplete() {
    return state == State.BODY;
  }

  /// Received fields so far.
  public int received() {
    return received;
  }

  /// Values of Delivered-To so far, unfolded and trimmed, at most MAX_DELIVERED_TO.
  public List<String> deliveredTo() {
    return List.copyOf(deliveredTo);
  }

  /// Whether a field said `TLS-Required: No` so far (RFC 8689 §3).
  public boolean tlsNotRequired() {
    return tlsNotRequired;
  }

  /// Size of the header so far in octets, without the empty line that ends it. While the header is
  /// not complete, the line that has begun counts too, so that a limit holds for endless lines.
  public long headerOctets() {
    return state == State.BODY ? fieldsEnd : octets;
  }

  private void step(byte b) {
    octets++;
    switch (state) {
      case LINE_START -> {
        if (b == '\r') {
          state = State.LINE_START_CR;
        } else if (b == '\n') {
          end();
        } else if ((b == ' ' || b == '\t') && inField) {
          state = State.VALUE;
          keep(b);
        } else {
          endField();
          nameLength = 0;
          state = State.NAME;
          inName(b);
        }
      }
      case LINE_START_CR -> end();
      case NAME -> inName(b);
      case NAME_SPACE -> {
        if (b == ':') {
          beginField();
        } else if (b != ' ' && b != '\t') {
          end();
        }
      }
      case VALUE -> {
        if (b == '\n') {
          state = State.LINE_START;
          fieldsEnd = octets;
        } else {
          keep(b);
        }
      }
      case BODY -> throw new IllegalStateException("the header has ended");
    }
  }

  // field-name = 1*ftext ; ftext = %d33-57 / %d59-126; the obsolete form has spaces behind it
  private void inName(byte b) {
    if (b == ':') {
      beginField();
    } else if (b == ' ' || b == '\t') {
      state = State.NAME_SPACE;
    } else if (b > ' ' && b < 0x7f) {
      if (nameLength < MAX_NAME_OCTETS) {
        name[nameLength++] = b;
      }
    } else {
      end();
    }
  }

  private void beginField() {
    if (nameLength == 0) {
      end();
      return;
    }
    String field = new String(name, 0, nameLength, StandardCharsets.US_ASCII);
    if (field.equalsIgnoreCase("Received")) {
      received++;
    }
    tlsField = field.equalsIgnoreCase("TLS-Required");
    keepsValue =
        tlsField || field.equalsIgnoreCase("Delivered-To") && deliveredTo.size() < MAX_DELIVERED_TO;
    inField = true;
    state = State.VALUE;
  }

  private void keep(byte b) {
    if (keepsValue && b != '\r' && value.size() < MAX_VALUE_OCTETS) {
      value.write(b);
    }
  }

  private void endField() {
    if (keepsValue) {
      String text = value.toString(StandardCharsets.UTF_8).strip();
      if (tlsField) {
        // RFC 8689 §3: "No" is all it can say.
        tlsNotRequired |= text.equalsIgnoreCase("No");
      } else {
        deliveredTo.add(text);
      }
      value.reset();
      keepsValue = false;
    }
    inField = false;
  }
}
