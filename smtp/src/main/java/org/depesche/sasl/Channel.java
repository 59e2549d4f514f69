package org.depesche.sasl;

import java.util.List;
import java.util.Optional;

/// What the layer below gives to an exchange.
///
/// @param secure nobody else reads it: TLS, or the operator's word that the network is private
/// @param bindings what both ends can compute of this connection, the preferred one first
/// @param identity who the client is by its certificate
public record Channel(boolean secure, List<ChannelBinding> bindings, Optional<String> identity) {

  /// A channel that everybody reads.
  public static final Channel OPEN = new Channel(false, List.of(), Optional.empty());

  /// TLS without more.
  public static final Channel SECURE = new Channel(true, List.of(), Optional.empty());

  public Channel {
    bindings = List.copyOf(bindings);
  }

  Optional<ChannelBinding> binding(String type) {
    return bindings.stream().filter(b -> b.type().equals(type)).findFirst();
  }
}
