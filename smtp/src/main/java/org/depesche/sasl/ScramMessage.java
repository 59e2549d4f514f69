package org.depesche.sasl;

import java.util.List;
import java.util.Optional;

/// The four messages of SCRAM (RFC 5802 §7): attributes in a fixed order, then extensions, which
/// are ignored.
///
/// @param fields what stands between the commas
record ScramMessage(List<String> fields) {

  /// Nonces of others; ours have 24 characters.
  static final int MAX_NONCE = 512;

  private static ScramMessage of(String text) {
    return new ScramMessage(List.of(text.split(",", -1)));
  }

  /// The value of the field at a place, when it is this attribute.
  private Optional<String> at(int place, char attribute) {
    return Optional.of(place)
        .filter(p -> p < fields.size())
        .map(fields::get)
        .filter(field -> field.length() > 1 && field.charAt(0) == attribute)
        .filter(field -> field.charAt(1) == '=')
        .map(field -> field.substring(2));
  }

  private Optional<String> nonceAt(int place) {
    return at(place, 'r')
        .filter(n -> !n.isEmpty() && n.length() <= MAX_NONCE)
        .filter(n -> n.chars().allMatch(c -> c > ' ' && c <= '~'));
  }

  /// RFC 5802 §5.1: unknown extensions are ignored, mandatory ones (`m=`) fail the exchange.
  private boolean areExtensions(int from, int to) {
    return fields.subList(from, to).stream()
        .allMatch(
            field ->
                field.length() > 2
                    && Character.isLetter(field.charAt(0))
                    && field.charAt(0) < 128
                    && field.charAt(0) != 'm'
                    && field.charAt(1) == '=');
  }

  private static Optional<Integer> iterations(String digits) {
    boolean positive =
        !digits.isEmpty()
            && digits.length() <= 9
            && digits.charAt(0) != '0'
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return positive ? Optional.of(Integer.valueOf(digits)) : Optional.empty();
  }

  /// @param bare the message without its header
  record ClientFirst(Gs2Header header, String name, String nonce, String bare) {

    static Optional<ClientFirst> parse(byte[] octets) {
      String text = SaslText.decode(octets).orElse("");
      Optional<Gs2Header> header = Gs2Header.parse(text);
      if (header.isEmpty()) {
        return Optional.empty();
      }
      String bare = text.substring(header.get().wire().length());
      ScramMessage message = of(bare);
      Optional<String> name =
          message.at(0, 'n').flatMap(Gs2Header::unescaped).flatMap(SaslText::name);
      Optional<String> nonce = message.nonceAt(1);
      return name.isPresent()
              && nonce.isPresent()
              && message.areExtensions(2, message.fields().size())
          ? Optional.of(new ClientFirst(header.get(), name.get(), nonce.get(), bare))
          : Optional.empty();
    }
  }

  record ServerFirst(String nonce, byte[] salt, int iterations, String wire) {

    static Optional<ServerFirst> parse(byte[] octets) {
      String text = SaslText.decode(octets).orElse("");
      ScramMessage message = of(text);
      Optional<String> nonce = message.nonceAt(0);
      Optional<byte[]> salt =
          message
              .at(1, 's')
              .flatMap(SaslText::base64)
              .filter(s -> s.length > 0 && s.length <= ScramVerifier.MAX_SALT);
      Optional<Integer> iterations = message.at(2, 'i').flatMap(ScramMessage::iterations);
      return nonce.isPresent()
              && salt.isPresent()
              && iterations.isPresent()
              && message.areExtensions(3, message.fields().size())
          ? Optional.of(new ServerFirst(nonce.get(), salt.get(), iterations.get(), text))
          : Optional.empty();
    }
  }

  /// @param binding the value of `c=`, base64
  /// @param withoutProof the message up to its proof
  record ClientFinal(String binding, String nonce, String withoutProof, byte[] proof) {

    static Optional<ClientFinal> parse(byte[] octets) {
      String text = SaslText.decode(octets).orElse("");
      ScramMessage message = of(text);
      int last = message.fields().size() - 1;
      Optional<String> binding = message.at(0, 'c');
      Optional<String> nonce = message.nonceAt(1);
      Optional<byte[]> proof = message.at(last, 'p').flatMap(SaslText::base64);
      return binding.isPresent()
              && nonce.isPresent()
              && proof.isPresent()
              && message.areExtensions(2, last)
          ? Optional.of(
              new ClientFinal(
                  binding.get(),
                  nonce.get(),
                  text.substring(0, text.lastIndexOf(',')),
                  proof.get()))
          : Optional.empty();
    }
  }

  /// Either a signature or an error.
  record ServerFinal(byte[] signature, Optional<String> error) {

    static Optional<ServerFinal> parse(byte[] octets) {
      ScramMessage message = of(SaslText.decode(octets).orElse(""));
      if (!message.areExtensions(1, message.fields().size())) {
        return Optional.empty();
      }
      Optional<String> error = message.at(0, 'e').filter(e -> !e.isEmpty());
      return error.isPresent()
          ? Optional.of(new ServerFinal(new byte[0], error))
          : message
              .at(0, 'v')
              .flatMap(SaslText::base64)
              .map(signature -> new ServerFinal(signature, Optional.empty()));
    }
  }
}
