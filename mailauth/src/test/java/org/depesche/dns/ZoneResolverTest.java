package org.depesche.dns;

import static org.assertj.core.api.Assertions.assertThat;

import org.depesche.testing.ZoneResolver;
import org.junit.jupiter.api.Test;

class ZoneResolverTest implements ResolverContract {

  @Override
  public Resolver resolver(String zone) {
    return new ZoneResolver(zone);
  }

  @Test
  void itRemembersWhatItWasAsked() {
    ZoneResolver resolver = new ZoneResolver("example.org. MX 10 mx.example.org.");

    resolver.mx("Example.org.");
    resolver.addresses("mx.example.org", Resolver.Family.IPV6);

    assertThat(resolver.asked()).containsExactly("MX example.org", "AAAA mx.example.org");
  }
}
