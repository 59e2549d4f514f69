package org.depesche.directory.password;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SplittableRandom;
import org.depesche.directory.password.PasswordHash.Parsed;
import org.depesche.sasl.ScramHash;
import org.depesche.sasl.ScramVerifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordHashTest {

  private static Optional<PasswordHash> read(String text) {
    return PasswordHash.parse(text) instanceof Parsed.Known(PasswordHash hash)
        ? Optional.of(hash)
        : Optional.empty();
  }

  private static boolean matches(String text, String password) {
    return read(text).orElseThrow().matches(password.getBytes(UTF_8));
  }

  private static void isThePasswordOf(String text, String password) {
    assertThat(matches(text, password)).isTrue();
    assertThat(matches(text, password + "x")).isFalse();
  }

  /// From the test program of Argon2's reference implementation, whose authors wrote RFC 9106.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"
      })
  void argon2id(String text) {
    isThePasswordOf(text, "password");
  }

  /// From Ulrich Drepper's specification; rounds that are too few count as 1000.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1|Hello"
            + " world!",
        "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.|Hello"
            + " world!",
        "$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0|This"
            + " is just a test",
        "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1|a"
            + " very much longer text to encrypt.  This one even stretches over morethan one line.",
        "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0|we"
            + " have a short salt string but not a short password",
        "$6$rounds=123456$asaltof16chars..$BtCwjqMJGx5hrJhZywWvt0RLE8uZ4oPwcelCjmw2kSYu.Ec6ycULevoBK25fs2xXgMNrCzIMVcgEJAstJeonj1|a"
            + " short string",
        "$6$rounds=10$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.|the"
            + " minimum number is still observed",
        "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5|Hello world!",
        "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA|Hello world!",
        "$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5|This is just a"
            + " test",
        "$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1|a very much"
            + " longer text to encrypt.  This one even stretches over morethan one line.",
        "$5$rounds=77777$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/|we have a short salt"
            + " string but not a short password",
        "$5$rounds=123456$asaltof16chars..$gP3VQ/6X7UUEW3HkBn2w1/Ptq2jxPyzV/cZKmF/wJvD|a short"
            + " string"
      })
  void shaCrypt(String text, String password) {
    isThePasswordOf(text, password);
  }

  /// Made by libxcrypt and by OpenSSL: lengths around the size of a digest, and UTF-8.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$6$NaCl$AS/r0pZCLNsCd1A2Lx.DkGC3zRiccMSZRLJx9OFUgDLgA1pCpyk/xQNzu5k7Dtx4yn1YM85klglg/DEqK81bB/|0|a",
        "$5$NaCl$0oi73Fud0qi.XWp/BDsLMrEQXlmBeoIobg46VnbSx4B|0|a",
        "$6$NaCl$VD.sA6Ad1w9DaTIyWQ91aE0zkjq4WdDMaI5JDp8SH2U4Xx6bjfwK3irnrd/NGf9pr2zJR2XvEfVoDxdMhCE7K.|63|a",
        "$5$NaCl$sNWNVxX4H4XMxseLSrL7xescNvvgejiUvGpxraEkup.|63|a",
        "$6$NaCl$P8LP9.ovlj3ZcwzTQhV8oSnfqouDT63iOzH3AuCJ06I/R.SmKDMyRLfq1xKBDuaqeEwnBwObuoQXjEHPPG3iL0|64|b",
        "$5$NaCl$P5KE7vai5PzH46j4tTZFDSeE3a268OlMBR7JjXpAeh.|64|b",
        "$6$NaCl$zlGoEyP278uiZrfUFjdhE0ytCR5FEMtC9G6ZpiQ9nTLR4iT17tjPcnrWzHchwd1tP.uxFvoymeiFU/QttdyV5.|129|x",
        "$5$NaCl$1H2S3wmZlxtq3CDgLP.gPUhVBk5XvOBBDWr00bvS6/3|129|x",
        "$6$NaCl$q2RWHScrG/dQAWK.Fmyaz49IVPztILZDbIW2qqzyHpT558YsE7rV.yYmctDg3BRFSx0lQd89doTzVj.69uHQF0|1|gr\u00fc\u00dfe",
        "$5$fromopenssl$mVTheoDEhe/l0h.fnpOPNbdggmZ5awcpf.D3kKPxZa0|1|Hello world!",
        "$6$fromopenssl$.xWfQXthmermVxUyucaXKl6OOuFnrUUeNx.Rt03Lq4dmTxqQRy9jHYgKSne/WglfwCUj8tfvl.dYBvosyOVkZ1|1|Hello"
            + " world!"
      })
  void shaCryptOfOthers(String text, int times, String letters) {
    isThePasswordOf(text, letters.repeat(times));
  }

  /// From jBCrypt's tests and from libxcrypt.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.|''",
        "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i|abc",
        "$2a$08$Eq2r4G/76Wv39MzSX262huzPz612MZiYHVUJe/OcOql2jo4.9UxTW|~!@#$%^&*()     "
            + " ~!@#$%^&*()PNBFRD",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW|U*U",
        "$2b$04$abcdefghijklmnopqrstuuukcFUuF1uD2.SsVXl2Kxf7oTFxL3IEq|gr\u00fc\u00dfe",
        "$2b$04$abcdefghijklmnopqrstuumX2vzuY/gGcSsWPLjvXUhV5q5F2SAoa|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void bcrypt(String text, String password) {
    isThePasswordOf(text, password);
  }

  @Test
  void bcryptLooksAt72Octets() {
    String text = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";

    assertThat(matches(text, "x".repeat(129))).isTrue();
    assertThat(matches(text, "x".repeat(72))).isTrue();
    assertThat(matches(text, "x".repeat(71))).isFalse();
  }

  /// Made by Python's hashlib.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$pbkdf2-sha256$29000$c2FsdHNhbHQ.Pj8/c2FsdA$UFn5dXIrC8LLs3eAMmAsIueZFGkrnNZAQCMryh3ybcA|p\u00e4ssword",
        "$pbkdf2-sha512$25000$c2FsdHNhbHQ.Pj8/c2FsdA$8dWfKn7upgJi..k7QKpEODBLVNzh2cxI1i/8n5k5L3KmBAUimGWhFc.dNxPKW2tiatcu3oKLHng/fEhRFWVHdQ|p\u00e4ssword",
        "$pbkdf2$1000$c2FsdA$boi.i61.rp2eEKoGEiQDT.1I0D8|password"
      })
  void pbkdf2(String text, String password) {
    isThePasswordOf(text, password);
  }

  /// Made by `doveadm pw`.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$TF4qnCpb8JaReoNSDDFvhQ$BxO4uIfbDE2zvCzzqavpXoULKTtfy0qQaLO3uAW9F8s",
        "{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$eSQ1pQc0Xrk+QycY7TOqFg$dJIJxHJp6QWT5WFOenn5MBcoBo1AHpfc95O12gYWr2c",
        "{BLF-CRYPT}$2y$05$tYNrJw141metVqlmx.Cne.Yi0k.o/3LGuLIMybryq.Vf3Sbfc1tPa",
        "{blf-crypt}$2y$05$tYNrJw141metVqlmx.Cne.Yi0k.o/3LGuLIMybryq.Vf3Sbfc1tPa",
        "{CRYPT}$2y$05$Ixj0ybKscvOVRctLXFX9I.pGqqkzY8TQxp0B653410JsTbDcQGV2m",
        "{SHA512-CRYPT}$6$oZmJsYovyrMQuhnz$G6ItrBb.e.USPIASkIKA6AirdE0PSPzH/yniBihuLYNkcJGtubHtY7x9qzLl3cgZTmb9vNSl9lR1wokVgHenK/",
        "{SHA256-CRYPT}$5$yR3r8cMS2qbbxT.9$brg6f9YCzQe1a1NTjs1rjta1iiT6l.BsLdN6.eMOoZ1",
        "{PBKDF2}$1$j8q4oyNNYIDwoym.$5000$9ebd6862f2bfc22810ef55ae268dd0c5aec988cd",
        "{SCRAM-SHA-256}4096,iuYKQq+//i2WH2CxRrIXmQ==,519z7tZIsrOtxTJHesxqd5PPGbpLgsqhv4UX7eTnGog=,4o58k+nQhao2d+B3aPpXVzlrhmNzj6vGy5qjXvFrM2g=",
        "{SCRAM-SHA-1}4096,YEElxatb1S7uo+gS9/vt7Q==,XTo1klXnI5gGr21yZ6Xe5x4dkhw=,yjtoG1DKDoaENq6NHb/hoI1w+hM=",
        "{PLAIN}Kennwort \u00e41",
        "{cleartext}Kennwort \u00e41"
      })
  void dovecot(String text) {
    isThePasswordOf(text, "Kennwort \u00e41");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "secret",
        "$",
        "$$",
        "{PLAIN}",
        "{ROT13}frperg",
        "{ARGON2ID}$2y$05$tYNrJw141metVqlmx.Cne.Yi0k.o/3LGuLIMybryq.Vf3Sbfc1tPa",
        "{BLF-CRYPT}secret",
        "{CRYPT}{PLAIN}secret",
        "$1$salt$5000$828f048bb7cf976105906cefffb209a1868967f2",
        "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4$",
        "$2x$05$tYNrJw141metVqlmx.Cne.Yi0k.o/3LGuLIMybryq.Vf3Sbfc1tPa",
        "$2y$05$tYNrJw141metVqlmx.Cnf.Yi0k.o/3LGuLIMybryq.Vf3Sbfc1tP",
        "$6$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8",
        "$pbkdf2-sha256$29000$c2FsdHNhbHQ.Pj8/c2FsdA$boi.i61.rp2eEKoGEiQDT.1I0D8",
        "$pbkdf2-sha256$0$c2FsdHNhbHQ.Pj8/c2FsdA$UFn5dXIrC8LLs3eAMmAsIueZFGkrnNZAQCMryh3ybcA",
        "{SCRAM-SHA-256}4096,YEElxatb1S7uo+gS9/vt7Q==,XTo1klXnI5gGr21yZ6Xe5x4dkhw=,yjtoG1DKDoaENq6NHb/hoI1w+hM="
      })
  void whatIsNoHashIsNobodysPassword(String text) {
    assertThat(PasswordHash.parse(text)).isInstanceOf(Parsed.Unreadable.class);
  }

  /// A hash that would take gigabytes or minutes is an error where it is read.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=262144,t=5,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=999999,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=17$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$2y$16$tYNrJw141metVqlmx.Cne.Yi0k.o/3LGuLIMybryq.Vf3Sbfc1tPa",
        "$2y$03$tYNrJw141metVqlmx.Cne.Yi0k.o/3LGuLIMybryq.Vf3Sbfc1tPa",
        "$2y$31$tYNrJw141metVqlmx.Cne.Yi0k.o/3LGuLIMybryq.Vf3Sbfc1tPa",
        "$5$rounds=9999999$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/",
        "$5$rounds=999999999$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/",
        "$pbkdf2-sha256$9999999$c2FsdHNhbHQ$UFn5dXIrC8LLs3eAMmAsIueZFGkrnNZAQCMryh3ybcA",
        "{PBKDF2}$1$j8q4oyNNYIDwoym.$9999999$9ebd6862f2bfc22810ef55ae268dd0c5aec988cd",
        "{SCRAM-SHA-1}9999999,YEElxatb1S7uo+gS9/vt7Q==,XTo1klXnI5gGr21yZ6Xe5x4dkhw=,yjtoG1DKDoaENq6NHb/hoI1w+hM="
      })
  void aHashMayNotAskForTooMuch(String text) {
    assertThat(PasswordHash.parse(text)).isInstanceOf(Parsed.Unreadable.class);
  }

  @Test
  void newOnesAreArgon2idWithASaltOfTheirOwn() {
    SplittableRandom random = new SplittableRandom(1);
    String first = NewPassword.argon2id("correct horse", random);
    String second = NewPassword.argon2id("correct horse", random);

    assertThat(first)
        .matches("\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}")
        .isNotEqualTo(second);
    isThePasswordOf(first, "correct horse");
    assertThat(read(first).orElseThrow()).hasToString(first);
  }

  @Test
  void aScramVerifierIsKeptBesideIt() {
    ScramVerifier made =
        NewPassword.scram(ScramHash.SHA_256, "correct horse", new SplittableRandom(1))
            .orElseThrow();

    assertThat(made.toString()).matches("SCRAM-SHA-256\\$100000:[A-Za-z0-9+/]{22}==\\$.{44}:.{44}");
    isThePasswordOf(made.toString(), "correct horse");
  }

  // RFC 8265 §4.2.2
  @Test
  void whatKeyboardsSpellDifferentlyIsOnePassword() {
    assertThat(Preparation.prepared("gru\u0308\u00a0ße")).isEqualTo("gr\u00fc ße");
    String hash = NewPassword.argon2id("gru\u0308\u00a0ße", new SplittableRandom(1));

    assertThat(matches(hash, "gr\u00fc ße")).isTrue();
  }

  @FuzzTest(maxDuration = "1m")
  void anyTextIsReadOrRefused(byte[] octets) {
    String text = new String(octets, StandardCharsets.ISO_8859_1);
    Parsed parsed = PasswordHash.parse(text);

    if (parsed instanceof Parsed.Known(PasswordHash hash) && hash instanceof Argon2Hash argon2) {
      assertThat(argon2.memory()).isBetween(8, 1 << 18);
      assertThat(read(argon2.toString())).isPresent();
    }
    if (parsed instanceof Parsed.Unreadable(String reason) && text.length() > 40) {
      assertThat(reason).doesNotContain(text);
    }
  }
}
