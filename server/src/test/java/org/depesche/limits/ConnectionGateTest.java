package org.depesche.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.depesche.limits.ConnectionGate.Admission;
import org.depesche.limits.ConnectionGate.Limits;
import org.junit.jupiter.api.Test;

class ConnectionGateTest {

  private static InetAddress ip(String literal) throws UnknownHostException {
    return InetAddress.getByName(literal);
  }

  @Test
  void admitsUpToTheLimitOfAllSessions() throws Exception {
    ConnectionGate gate = new ConnectionGate(new Limits(2, 0));

    assertThat(gate.enter(ip("192.0.2.1"))).isEqualTo(Admission.ADMITTED);
    assertThat(gate.enter(ip("192.0.2.2"))).isEqualTo(Admission.ADMITTED);
    assertThat(gate.enter(ip("192.0.2.3"))).isEqualTo(Admission.TOO_MANY);

    gate.leave(ip("192.0.2.1"));
    assertThat(gate.enter(ip("192.0.2.3"))).isEqualTo(Admission.ADMITTED);
  }

  @Test
  void admitsUpToTheLimitOfAClientAndOthersBesideIt() throws Exception {
    ConnectionGate gate = new ConnectionGate(new Limits(100, 1));

    assertThat(gate.enter(ip("192.0.2.1"))).isEqualTo(Admission.ADMITTED);
    assertThat(gate.enter(ip("192.0.2.1"))).isEqualTo(Admission.TOO_MANY_OF_CLIENT);
    assertThat(gate.enter(ip("192.0.2.2"))).isEqualTo(Admission.ADMITTED);
    assertThat(gate.sessions()).isEqualTo(2);
  }

  @Test
  void takesAnIpv6NetworkForOneClient() throws Exception {
    ConnectionGate gate = new ConnectionGate(new Limits(100, 1));

    assertThat(gate.enter(ip("2001:db8:1:2::1"))).isEqualTo(Admission.ADMITTED);
    assertThat(gate.enter(ip("2001:db8:1:2:ffff::9"))).isEqualTo(Admission.TOO_MANY_OF_CLIENT);
    assertThat(gate.enter(ip("2001:db8:1:3::1"))).isEqualTo(Admission.ADMITTED);
  }

  @Test
  void keepsSessionsThatAreThereWhenLimitsShrink() throws Exception {
    ConnectionGate gate = new ConnectionGate(new Limits(10, 0));
    gate.enter(ip("192.0.2.1"));
    gate.enter(ip("192.0.2.1"));

    gate.limits(new Limits(1, 0));

    assertThat(gate.sessions()).isEqualTo(2);
    assertThat(gate.enter(ip("192.0.2.1"))).isEqualTo(Admission.TOO_MANY);
  }
}
