package org.depesche.dsn;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.depesche.mail.Ascii;
import org.depesche.message.Content;
import org.depesche.message.TransferNeeds;

/// The three parts of a notification and what holds them together (RFC 6522 §3).
record Parts(String human, String status, ReturnedPart returned) {

  boolean isEightBit() {
    return returned.isEightBit() || !Ascii.isAll(human) || !Ascii.isAll(status);
  }

  /// True when it can be sent to a server that takes nothing but ASCII: as it is, or recoded on its
  /// way (RFC 6152 §3).
  boolean goEverywhere() throws IOException {
    return !isEightBit()
        || TransferNeeds.of(Content.of(message("", ""))).obstacle(true, true).isEmpty();
  }

  /// Header and body.
  ///
  /// @param fields what the header has beside the fields of MIME
  /// @param name distinguishes the notification from all others
  byte[] message(String fields, String name) {
    String boundary = boundary(name);
    String delimiter = "--" + boundary;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(out, fields + "MIME-Version: 1.0\r\n");
    write(out, "Content-Type: multipart/report; report-type=delivery-status;\r\n");
    write(out, " boundary=\"" + boundary + "\"\r\n");
    encoding(out, isEightBit() ? "8bit" : "7bit");
    write(out, "\r\n" + delimiter + "\r\nContent-Type: text/plain; charset=utf-8\r\n");
    encoding(out, Ascii.isAll(human) ? "7bit" : "8bit");
    write(out, "\r\n" + human + delimiter + "\r\n");
    // RFC 6533 §4.1: with UTF-8 it has its own type, because message/delivery-status is ASCII.
    String global = Ascii.isAll(status) ? "" : "global-";
    write(out, "Content-Type: message/" + global + "delivery-status\r\n");
    encoding(out, Ascii.isAll(status) ? "7bit" : "8bit");
    write(out, "\r\n" + status + "\r\n" + delimiter + "\r\n");
    write(out, "Content-Type: " + returned.type() + "\r\n");
    encoding(out, returned.encoding());
    write(out, "\r\n");
    out.writeBytes(returned.encoded());
    write(out, "\r\n" + delimiter + "--\r\n");
    return out.toByteArray();
  }

  /// RFC 2046 §5.1.1: a boundary occurs in none of the parts.
  private String boundary(String name) {
    String all = human + status + new String(returned.bytes(), ISO_8859_1);
    String boundary = "=_" + name;
    for (int i = 0; all.contains("--" + boundary); i++) {
      boundary = "=_" + name + "." + i;
    }
    return boundary;
  }

  /// RFC 2045 §6.1: seven bits go without saying.
  private static void encoding(ByteArrayOutputStream out, String encoding) {
    if (!encoding.equals("7bit")) {
      write(out, "Content-Transfer-Encoding: " + encoding + "\r\n");
    }
  }

  private static void write(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(UTF_8));
  }
}
