package org.depesche.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatedClientTest {

  @Test
  void readsEveryAttributeInAnyCase() {
    StatedClient stated =
        StatedClient.parse(
                " NAME=c.test addr=192.0.2.7 PORT=4711 PROTO=ESMTP HELO=a+2Bb.test"
                    + " LOGIN=k+C3+A4the@mx.test DESTADDR=IPV6:2001:db8::1 DESTPORT=25")
            .orElseThrow();
    assertThat(stated.address()).contains(InetAddress.ofLiteral("192.0.2.7"));
    assertThat(stated.port()).contains(4711);
    assertThat(stated.helo()).contains("a+b.test");
    assertThat(stated.login()).contains("käthe@mx.test");
    assertThat(stated.toAddress()).contains(InetAddress.ofLiteral("2001:db8::1"));
    assertThat(stated.toPort()).contains(25);
  }

  @Test
  void whatIsLeftOutStaysAsItWas() {
    StatedClient stated = StatedClient.parse("NAME=c.test").orElseThrow();
    assertThat(stated.address()).isEmpty();
    assertThat(stated.port()).isEmpty();
    assertThat(stated.helo()).isEmpty();
    assertThat(stated.login()).isEmpty();
  }

  @Test
  void whatIsNotKnownIsNobodys() {
    StatedClient stated =
        StatedClient.parse(
                "NAME=[TEMPUNAVAIL] ADDR=[UNAVAILABLE] PORT=[unavailable] LOGIN=[UNAVAILABLE]"
                    + " HELO=[UNAVAILABLE] PROTO=[UNAVAILABLE]")
            .orElseThrow();
    assertThat(stated.address()).contains(InetAddress.ofLiteral("0.0.0.0"));
    assertThat(stated.port()).contains(0);
    assertThat(stated.login()).contains("");
    assertThat(stated.helo()).contains("");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ADDR",
        "ADDR=",
        "=192.0.2.7",
        "ADDR=192.0.2",
        "ADDR=192.0.2.256",
        "ADDR=2001:db8::1",
        "ADDR=IPV6:192.0.2.7",
        "ADDR=IPV6:fe80::1%eth0",
        "ADDR=c.test",
        "ADDR=192.0.2.7 ADDR=192.0.2.8",
        "PORT=65536",
        "PORT=-1",
        "PORT=x",
        "PROTO=HTTP",
        "HELO=a+0D+0Ab",
        "HELO=a+20b",
        "HELO=a+b",
        "LOGIN=+FF",
        "COLOUR=red"
      })
  void refusesWhatMakesNoSense(String attributes) {
    assertThat(StatedClient.parse(attributes)).isEmpty();
  }
}
