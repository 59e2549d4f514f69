package org.depesche.bench;

import java.nio.charset.StandardCharsets;

/// Messages as they come in.
final class Samples {

  private static final String HEADER =
      """
      Return-Path: <bounces@news.example.org>\r
      Received: from relay.example.org (relay.example.org [192.0.2.1])\r
       by mx.example.net with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)\r
       id 4f2a1; Sun, 1 Mar 2026 12:00:00 +0000\r
      Received: from client.example.org (client.example.org [192.0.2.7])\r
       by relay.example.org with ESMTPSA id 99; Sun, 1 Mar 2026 11:59:59 +0000\r
      DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1;\r
       h=from:to:subject:date:message-id; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r
       b=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR\r
      Date: Sun, 1 Mar 2026 12:00:00 +0000\r
      From: Somebody <somebody@example.org>\r
      To: Somebody Else <else@example.net>\r
      Subject: What a message usually looks like\r
      Message-ID: <1@example.org>\r
      MIME-Version: 1.0\r
      Content-Type: text/plain; charset=utf-8\r
      \r
      """;

  private static final String LINE =
      "Five wizards quickly jump over the box, and each of them says something.\r\n";

  private static final int DOTS_EVERY = 50;

  private Samples() {}

  /// A message of about a size, as it is stored.
  static byte[] message(int bytes) {
    return (HEADER + LINE.repeat(lines(bytes))).getBytes(StandardCharsets.US_ASCII);
  }

  /// A message of about a size as DATA brings it, with dots added and its end.
  static byte[] data(int bytes) {
    StringBuilder out = new StringBuilder(HEADER);
    for (int i = 1; i <= lines(bytes); i++) {
      out.append(i % DOTS_EVERY == 0 ? ".." : "").append(LINE);
    }
    return out.append(".\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static int lines(int bytes) {
    return Math.max(0, bytes - HEADER.length()) / LINE.length();
  }
}
