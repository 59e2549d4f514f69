package org.depesche.message;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.ReversePath;

/// Composes the header fields a server puts before a message (RFC 5321 §4.4). Each ends with CRLF;
/// none can be broken out of by what a client said.
public final class TraceHeaders {

  /// RFC 5322 §3.3.
  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT);

  private TraceHeaders() {}

  /// Where a message came from.
  ///
  /// @param helo what the client called itself
  /// @param client its address
  /// @param hostname our name
  /// @param protocol the `with` clause (RFC 3848, RFC 6531 §4.3)
  public record Hop(String helo, InetAddress client, String hostname, String protocol) {}

  /// The Received field (RFC 5321 §4.4). The `for` clause is there for a single recipient only: for
  /// several it would tell each of the others.
  public static String received(
      Hop hop, EnvelopeId id, Envelope envelope, Instant at, ZoneId zone) {
    StringBuilder field = new StringBuilder(200);
    field.append("Received: from ").append(name(hop.helo()));
    field.append(" (").append(literal(hop.client())).append(")\r\n");
    field.append("\tby ").append(hop.hostname()).append(" with ").append(hop.protocol());
    field.append(" id ").append(id);
    if (envelope.recipients().size() == 1) {
      field.append("\r\n\tfor <").append(envelope.recipients().getFirst().address().wire());
      field.append('>');
    }
    field.append(";\r\n\t").append(date(at, zone)).append("\r\n");
    return field.toString();
  }

  /// The Return-Path field, put on at final delivery only (RFC 5321 §4.4).
  public static String returnPath(ReversePath sender) {
    return "Return-Path: <" + sender.wire() + ">\r\n";
  }

  /// The Delivered-To field: in whose mailbox a copy was put, so that a loop is seen.
  public static String deliveredTo(Mailbox mailbox) {
    return "Delivered-To: " + mailbox.wire() + "\r\n";
  }

  /// A date-time as header fields have it (RFC 5322 §3.3).
  public static String date(Instant at, ZoneId zone) {
    return DATE_TIME.format(at.atZone(zone));
  }

  /// An address as an address literal (RFC 5321 §4.1.3).
  public static String literal(InetAddress address) {
    return address instanceof Inet6Address
        ? "[IPv6:" + address.getHostAddress().replaceFirst("%.*", "") + "]"
        : "[" + address.getHostAddress() + "]";
  }

  /// What a client calls itself may be anything; in the field it is a domain, an address literal,
  /// or what is left of it when everything else has become a hyphen.
  private static String name(String helo) {
    StringBuilder out = new StringBuilder(helo.length());
    for (int i = 0; i < helo.length(); i++) {
      char c = helo.charAt(i);
      boolean harmless = Character.isLetterOrDigit(c) || ".-_:[]".indexOf(c) >= 0;
      out.append(harmless || Character.isSurrogate(c) ? c : '-');
    }
    return out.isEmpty() ? "unknown" : out.toString();
  }
}
