package org.depesche.message;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.depesche.mail.Mailbox;
import org.depesche.mail.ReversePath;

/// Composes the header fields that a message gets on its way (RFC 5321 §4.4), CRLF included. They
/// go before the message, which stays as it is.
public final class TraceHeaders {

  /// Lines are folded to stay below this many characters where their words allow (RFC 5322 §2.1.1).
  private static final int WIDTH = 78;

  /// Longest client name that is written.
  private static final int MAX_HELO = 255;

  // RFC 5322 §3.3 date-time, without the obsolete forms
  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH);

  private TraceHeaders() {}

  /// The time stamp line.
  public static String received(Hop hop) {
    Folding line = new Folding("Received:");
    hop.peer()
        .ifPresent(
            peer -> line.word("from " + printable(hop.helo()) + " (" + addressLiteral(peer) + ")"));
    line.word("by " + hop.by());
    line.word("with " + hop.protocol());
    hop.tls().ifPresent(tls -> line.word("(" + tls + ")"));
    line.word("id " + hop.id());
    // RFC 6531 §3.7.3 allows more than ASCII here; without it the field can go to every server.
    hop.recipient()
        .filter(Mailbox::isAscii)
        .ifPresent(recipient -> line.word("for <" + recipient.wire() + ">"));
    line.attach(";");
    line.word(DATE_TIME.format(hop.at()));
    return line.end();
  }

  /// The return path line, for final delivery.
  public static String returnPath(ReversePath sender) {
    return "Return-Path: <" + sender.wire() + ">\r\n";
  }

  /// Whose mailbox it was delivered to; what a forwarding loop is known by.
  public static String deliveredTo(Mailbox mailbox) {
    return "Delivered-To: " + mailbox.wire() + "\r\n";
  }

  /// A client may call itself anything. What is no part of a domain or an address literal becomes a
  /// question mark, so that no name can end a comment, a field or a header.
  private static String printable(String helo) {
    if (helo.isEmpty()) {
      return "unknown";
    }
    StringBuilder out = new StringBuilder(helo.length());
    for (int i = 0; i < Math.min(helo.length(), MAX_HELO); i++) {
      char c = helo.charAt(i);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || "-._:[]".indexOf(c) >= 0;
      out.append(plain ? c : '?');
    }
    return out.toString();
  }

  /// RFC 5321 §4.1.3; without the zone of a link-local address, which means nothing elsewhere.
  private static String addressLiteral(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    String plain = zone < 0 ? text : text.substring(0, zone);
    return address instanceof Inet6Address ? "[IPv6:" + plain + "]" : "[" + plain + "]";
  }

  /// A header field while it is written, folded between words.
  private static final class Folding {

    private final StringBuilder out = new StringBuilder(256);
    private int lineStart;

    private Folding(String name) {
      out.append(name);
    }

    void word(String word) {
      // a space before it, a mark behind it
      if (out.length() - lineStart + 1 + word.length() + 1 >= WIDTH) {
        out.append("\r\n");
        lineStart = out.length();
      }
      out.append(' ').append(word);
    }

    void attach(String mark) {
      out.append(mark);
    }

    String end() {
      return out.append("\r\n").toString();
    }
  }
}
