package org.depesche.dns;

import java.net.InetAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Made when somebody asks: the library and the cache behind it take a tenth of a second of a
/// start, and a server that only takes mail in may never need them.
public final class LateResolver implements Resolver {

  private final Supplier<Resolver> maker;
  private @Nullable Resolver made;

  public LateResolver(Supplier<Resolver> maker) {
    this.maker = maker;
  }

  private synchronized Resolver resolver() {
    Resolver resolver = made == null ? maker.get() : made;
    made = resolver;
    return resolver;
  }

  @Override
  public Answer<Mx> mx(String name) {
    return resolver().mx(name);
  }

  @Override
  public Answer<InetAddress> addresses(String name, Family family) {
    return resolver().addresses(name, family);
  }

  @Override
  public Answer<String> txt(String name) {
    return resolver().txt(name);
  }

  @Override
  public Answer<String> ptr(InetAddress address) {
    return resolver().ptr(address);
  }

  @Override
  public Answer<Tlsa> tlsa(String name) {
    return resolver().tlsa(name);
  }
}
