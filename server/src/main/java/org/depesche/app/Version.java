package org.depesche.app;

import java.net.InetSocketAddress;

/// What this program calls itself.
public final class Version {

  private Version() {}

  /// The version of the build; `development` when it was not built as a jar.
  public static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /// An address as people write it.
  public static String address(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
