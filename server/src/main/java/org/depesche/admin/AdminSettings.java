package org.depesche.admin;

/// Where the API listens.
///
/// @param host address to bind; anything but loopback is the operator's explicit wish
/// @param port 0 for one the system chooses
/// @param name a name, besides addresses and `localhost`, under which it may be asked: the server's
public record AdminSettings(String host, int port, String name) {

  /// Loopback, a port the system chooses.
  public static AdminSettings local(String name) {
    return new AdminSettings("127.0.0.1", 0, name);
  }
}
