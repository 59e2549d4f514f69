package org.depesche.smtp.client;

import java.io.IOException;
import java.util.OptionalLong;
import org.depesche.mail.BodyType;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Envelope;
import org.depesche.mail.NullPath;
import org.depesche.mail.TlsWish;
import org.depesche.message.Content;
import org.depesche.message.RecodedContent;
import org.depesche.message.TransferNeeds;

/// Brings a message into a form that a server takes, where a standard allows it.
final class Fitting {

  /// How it came out.
  sealed interface Fit {}

  /// It can be sent.
  ///
  /// @param chunked by BDAT and not by DATA
  /// @param change what was changed about the content, in words; empty for nothing
  record Fits(Envelope envelope, Content content, boolean chunked, String change) implements Fit {}

  /// This server cannot take it.
  record FitsNot(EnhancedStatus status, String reason) implements Fit {}

  private final Capabilities capabilities;

  Fitting(Capabilities capabilities) {
    this.capabilities = capabilities;
  }

  /// @param headOctets what goes before the content
  Fit fit(Envelope envelope, long headOctets, Content content) {
    Fit fit;
    try {
      fit = recoded(envelope, content);
    } catch (IOException e) {
      // Ours to mend, so it may be tried again (RFC 3463 §3.4: X.3.0).
      return not("4.3.0", "the message cannot be read: " + e.getMessage());
    }
    OptionalLong most = capabilities.maxSize();
    // RFC 1870 §6.1
    if (fit instanceof Fits(_, var sent, _, _)
        && most.isPresent()
        && headOctets + sent.size() > most.getAsLong()) {
      return not(
          "5.3.4",
          "the message has "
              + (headOctets + sent.size())
              + " octets, the server takes "
              + most.getAsLong());
    }
    return fit;
  }

  private Fit recoded(Envelope envelope, Content content) throws IOException {
    boolean lacksUtf8 =
        MailCommands.needsUtf8(envelope) && !capabilities.offers(Capability.SMTPUTF8);
    // RFC 6152 §3: under no circumstances, whatever was declared. Such a server is rare, so the
    // message is read through for it.
    boolean lacksEightBit = !capabilities.offers(Capability.EIGHT_BIT_MIME);
    boolean binary = envelope.body() == BodyType.BINARY_MIME;
    boolean chunked =
        binary
            && capabilities.offers(Capability.CHUNKING)
            && capabilities.offers(Capability.BINARY_MIME);
    // RFC 8689 §4.2.1, §5: notifications go on all the same.
    if (envelope.tls() == TlsWish.REQUIRED
        && !(envelope.sender() instanceof NullPath)
        && !capabilities.offers(Capability.REQUIRETLS)) {
      return not(
          "5.7.30", "the message requires TLS on all its way, which the server does not offer");
    }
    // RFC 6531 §3.2
    if (lacksUtf8 && !MailCommands.hasAsciiAddresses(envelope)) {
      return not("5.6.7", "an address needs SMTPUTF8, which the server does not offer");
    }
    if (!lacksUtf8 && !lacksEightBit && (!binary || chunked)) {
      return new Fits(envelope, content, chunked, "");
    }
    TransferNeeds needs = TransferNeeds.of(content);
    if (lacksUtf8 && needs.eightBitHeader()) {
      return not("5.6.9", "its header needs SMTPUTF8, which the server does not offer");
    }
    Envelope plainer = lacksUtf8 ? envelope.withoutUtf8() : envelope;
    return chunked
        ? new Fits(plainer, content, true, "")
        : plainer(plainer, content, needs, lacksEightBit);
  }

  /// RFC 6152 §3, RFC 3030 §3: what a server does not take is encoded, or refused for good.
  private Fit plainer(
      Envelope envelope, Content content, TransferNeeds needs, boolean lacksEightBit)
      throws IOException {
    boolean tooMuch =
        envelope.body() == BodyType.BINARY_MIME && needs.binary()
            || lacksEightBit && (needs.eightBit() || needs.eightBitHeader());
    if (!tooMuch) {
      return new Fits(envelope.withBody(body(needs, lacksEightBit)), content, false, "");
    }
    String what = lacksEightBit ? "8BITMIME" : "BINARYMIME";
    String obstacle = needs.obstacle(lacksEightBit, envelope.body() == BodyType.BINARY_MIME);
    if (!obstacle.isEmpty()) {
      return not(
          "5.6.3", "the server does not offer " + what + " and it cannot be recoded: " + obstacle);
    }
    String change =
        "recoded, because the server does not offer "
            + what
            + (needs.signed() ? ", which breaks its signature" : "");
    return new Fits(
        envelope.withBody(body(needs, lacksEightBit)),
        new RecodedContent(content, needs, lacksEightBit),
        false,
        change);
  }

  private static BodyType body(TransferNeeds needs, boolean lacksEightBit) {
    return !lacksEightBit && (needs.eightBit() || needs.eightBitHeader())
        ? BodyType.EIGHT_BIT_MIME
        : BodyType.SEVEN_BIT;
  }

  private static Fit not(String status, String reason) {
    return new FitsNot(EnhancedStatus.parse(status), reason);
  }
}
