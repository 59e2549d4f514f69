package org.depesche.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.depesche.mail.Mailbox;
import org.depesche.mail.NullPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceHeadersTest {

  private static final ZonedDateTime NOON =
      ZonedDateTime.of(2026, 3, 1, 12, 5, 9, 0, ZoneId.of("Europe/Berlin"));

  @Test
  void theTimeStampLineIsFolded() throws UnknownHostException {
    assertThat(
            TraceHeaders.received(
                hop("client.test", "192.0.2.1", Optional.of(new Mailbox("bob", "mx.test")))))
        .isEqualTo(
            lines(
                "Received: from client.test ([192.0.2.1]) by mx.test with ESMTP id 0abc",
                " for <bob@mx.test>; Sun, 1 Mar 2026 12:05:09 +0100"));
  }

  @Test
  void nobodyIsNamedWhenThereAreSeveral() throws UnknownHostException {
    assertThat(TraceHeaders.received(hop("client.test", "192.0.2.1", Optional.empty())))
        .isEqualTo(
            lines(
                "Received: from client.test ([192.0.2.1]) by mx.test with ESMTP id 0abc;",
                " Sun, 1 Mar 2026 12:05:09 +0100"));
  }

  @Test
  void addressesAreLiterals() throws UnknownHostException {
    assertThat(TraceHeaders.received(hop("[IPv6:2001:db8::1]", "2001:db8::1", Optional.empty())))
        .startsWith("Received: from [IPv6:2001:db8::1] ([IPv6:2001:db8:0:0:0:0:0:1])");
    assertThat(TraceHeaders.received(hop("x", "fe80::1%1", Optional.empty())))
        .startsWith("Received: from x ([IPv6:fe80:0:0:0:0:0:0:1])");
  }

  @Test
  void tlsIsTold() throws UnknownHostException {
    Hop hop = hop("x", "192.0.2.1", Optional.empty());
    Hop secured =
        new Hop(
            hop.helo(),
            Optional.empty(),
            hop.by(),
            "ESMTPSA",
            Optional.of("TLSv1.3 TLS_AES_128_GCM_SHA256"),
            hop.id(),
            hop.recipient(),
            hop.at());

    assertThat(TraceHeaders.received(secured).replace("\r\n", ""))
        .as("and where it came from is not, when that is nobody's business")
        .startsWith("Received: by mx.test with ESMTPSA (TLSv1.3 TLS_AES_128_GCM_SHA256) id 0abc;");
  }

  @Test
  void utcIsAnOffsetToo() throws UnknownHostException {
    Hop hop = hop("x", "192.0.2.1", Optional.empty());
    Hop utc =
        new Hop(
            hop.helo(),
            hop.peer(),
            hop.by(),
            hop.protocol(),
            hop.tls(),
            hop.id(),
            hop.recipient(),
            NOON.withZoneSameInstant(ZoneId.of("UTC")));

    assertThat(TraceHeaders.received(utc))
        .endsWith(" id 0abc;\r\n Sun, 1 Mar 2026 11:05:09 +0000\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\nBcc: evil",
        "x) (evil",
        "x\\",
        "x; y",
        "x y",
        "x\0",
        "ü",
        "<x>",
        "\"",
        "under_score"
      })
  void noClientNameBreaksTheHeader(String helo) throws UnknownHostException {
    String field = TraceHeaders.received(hop(helo, "192.0.2.1", Optional.empty()));

    assertThat(field).matches("Received: from [-a-zA-Z0-9._:?]+ \\(\\[192.0.2.1]\\) by (?s).*");
    assertThat(field.split("\r\n", -1)).hasSize(3);
  }

  @Test
  void linesAreShortWhereWordsAllow() throws UnknownHostException {
    String helo = "a".repeat(60) + ".test";
    String field =
        TraceHeaders.received(
            hop(helo, "2001:db8::1", Optional.of(new Mailbox("b".repeat(60), "mx.test"))));

    assertThat(field.lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(120));
    assertThat(field.lines().filter(line -> line.length() >= 78)).hasSize(1);
    assertThat(TraceHeaders.received(hop("a".repeat(9999), "192.0.2.1", Optional.empty())).lines())
        .allSatisfy(line -> assertThat(line.length()).isLessThan(998));
  }

  @Test
  void pathsOfFinalDelivery() {
    assertThat(TraceHeaders.returnPath(NullPath.INSTANCE)).isEqualTo("Return-Path: <>\r\n");
    assertThat(TraceHeaders.returnPath(new Mailbox("a b", "x.test")))
        .isEqualTo("Return-Path: <\"a b\"@x.test>\r\n");
    assertThat(TraceHeaders.deliveredTo(new Mailbox("bob", "mx.test")))
        .isEqualTo("Delivered-To: bob@mx.test\r\n");
  }

  private static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n";
  }

  private static Hop hop(String helo, String peer, Optional<Mailbox> recipient)
      throws UnknownHostException {
    return new Hop(
        helo,
        Optional.of(InetAddress.getByName(peer)),
        "mx.test",
        "ESMTP",
        Optional.empty(),
        "0abc",
        recipient,
        NOON);
  }
}
