package org.depesche.srs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.depesche.mail.Domain;
import org.depesche.mail.Host;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// Rewrites senders of forwarded mail and finds the way back. `bob@there.test` becomes
/// `SRS0=hash=day=there.test=bob@here.test`: a host that looks at SPF sees a domain of ours, and a
/// notification comes back here and goes on to Bob. The hash keeps strangers from having mail sent
/// on by us, and after some weeks an address leads nowhere any more.
///
/// Of a sender that was rewritten by another host already, only that host is kept besides it
/// (`SRS1`): addresses do not grow with each step. All of it is compared without case, since some
/// hosts on the way change that.
public final class SenderRewriting {

  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int HASH_LENGTH = 8;
  private static final long MILLIS_PER_DAY = Duration.ofDays(1).toMillis();
  private static final int DAYS = 1024;

  /// Longer than any server tries to deliver, a notification of a notification included.
  private static final int VALID_DAYS = 21;

  private final byte[] secret;
  private final InstantSource clock;

  /// @param secret what only this server knows, or the servers that receive mail for its domains
  public SenderRewriting(byte[] secret, InstantSource clock) {
    this.secret = secret.clone();
    this.clock = clock;
  }

  /// The sender that mail from this one has when it is forwarded; the same for one that has no
  /// domain.
  ///
  /// @param through a domain of ours
  public Mailbox forward(Mailbox sender, Domain through) {
    if (!(sender.host() instanceof Domain from)) {
      return sender;
    }
    String local = sender.localPart();
    Optional<String> rewritten =
        startsWith(local, "SRS0")
            ? Optional.of(again(from.name(), local.substring(4)))
            : startsWith(local, "SRS1") ? onceMore(local) : Optional.empty();
    return new Mailbox(rewritten.orElseGet(() -> first(local, from.name())), through);
  }

  private String first(String local, String from) {
    String rest = today() + "=" + from + "=" + local;
    return "SRS0=" + hash(rest) + "=" + rest;
  }

  /// @param opaque what stands behind the other host's SRS0, its separator included
  private String again(String from, String opaque) {
    String rest = from + "=" + opaque;
    return "SRS1=" + hash(rest) + "=" + rest;
  }

  /// Another host's SRS1: what it has kept is kept, and hashed by us.
  private Optional<String> onceMore(String local) {
    int hash = local.indexOf('=', 5);
    int host = hash < 0 ? -1 : local.indexOf('=', hash + 1);
    return host < 0
        ? Optional.empty()
        : Optional.of(again(local.substring(hash + 1, host), local.substring(host + 1)));
  }

  /// Whether a local part may be one that was made here.
  public static boolean isRewritten(String localPart) {
    return startsWith(localPart, "SRS0=") || startsWith(localPart, "SRS1=");
  }

  /// Whom mail to a rewritten sender is for; empty when it was not made here, or too long ago.
  public Optional<Mailbox> back(String localPart) {
    if (!isRewritten(localPart)) {
      return Optional.empty();
    }
    int end = localPart.indexOf('=', 5);
    if (end < 0 || !isHash(localPart.substring(5, end), localPart.substring(end + 1))) {
      return Optional.empty();
    }
    String rest = localPart.substring(end + 1);
    return startsWith(localPart, "SRS0=") ? original(rest) : previous(rest);
  }

  private Optional<Mailbox> original(String rest) {
    String[] parts = rest.split("=", 3);
    return parts.length == 3 && isFresh(parts[0]) ? address(parts[2], parts[1]) : Optional.empty();
  }

  private static Optional<Mailbox> previous(String rest) {
    int host = rest.indexOf('=');
    return host < 0
        ? Optional.empty()
        : address("SRS0" + rest.substring(host + 1), rest.substring(0, host));
  }

  private static Optional<Mailbox> address(String local, String domain) {
    Optional<Domain> host = AddressParser.parseDomain(domain, true);
    return local.isEmpty()
        ? Optional.empty()
        : host.map(Host.class::cast).map(h -> new Mailbox(local, h));
  }

  private String today() {
    int day = day();
    return "" + ALPHABET.charAt(day / 32) + ALPHABET.charAt(day % 32);
  }

  private int day() {
    return (int) (clock.millis() / MILLIS_PER_DAY % DAYS);
  }

  private boolean isFresh(String day) {
    String lower = day.toLowerCase(Locale.ROOT);
    if (lower.length() != 2
        || ALPHABET.indexOf(lower.charAt(0)) < 0
        || ALPHABET.indexOf(lower.charAt(1)) < 0) {
      return false;
    }
    int made = ALPHABET.indexOf(lower.charAt(0)) * 32 + ALPHABET.indexOf(lower.charAt(1));
    return Math.floorMod(day() - made, DAYS) <= VALID_DAYS;
  }

  private boolean isHash(String given, String of) {
    return MessageDigest.isEqual(
        given.toLowerCase(Locale.ROOT).getBytes(UTF_8), hash(of).getBytes(UTF_8));
  }

  private String hash(String of) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      byte[] octets = mac.doFinal(of.toLowerCase(Locale.ROOT).getBytes(UTF_8));
      StringBuilder text = new StringBuilder(HASH_LENGTH);
      for (int i = 0; i < HASH_LENGTH; i++) {
        text.append(ALPHABET.charAt(octets[i] & 31));
      }
      return text.toString();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean startsWith(String text, String prefix) {
    return text.regionMatches(true, 0, prefix, 0, prefix.length())
        && (prefix.endsWith("=") || text.length() > prefix.length() && isSeparator(text));
  }

  /// Other hosts may separate what they have written by one of these.
  private static boolean isSeparator(String text) {
    return "=-+".indexOf(text.charAt(4)) >= 0;
  }
}
