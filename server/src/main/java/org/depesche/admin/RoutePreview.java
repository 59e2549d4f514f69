package org.depesche.admin;

import java.util.List;

/// What would become of a message, by the real code, without sending anything.
///
/// @param accepted whether the recipient would be taken
/// @param reply what the client would be told
/// @param reason why, for the operator
/// @param ways where it would go; empty when it would not be taken
public record RoutePreview(
    String from,
    String to,
    String client,
    boolean accepted,
    String reply,
    String reason,
    List<Way> ways) {

  public RoutePreview {
    ways = List.copyOf(ways);
  }

  /// One way of a message.
  ///
  /// @param address to whom it is handed
  /// @param hosts the hosts in the order they would be tried, with addresses; empty for a mailbox
  /// @param note what there is to say beside; empty for nothing
  public record Way(String address, String route, List<String> hosts, String note) {
    public Way {
      hosts = List.copyOf(hosts);
    }
  }
}
