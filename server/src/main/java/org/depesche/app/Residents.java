package org.depesche.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.depesche.config.Settings;
import org.depesche.directory.AccountBook;
import org.depesche.directory.AccountDirectory;
import org.depesche.directory.AccountFile;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.mail.ReversePath;
import org.depesche.srs.SenderRewriting;
import org.depesche.time.Ticker;

/// Who lives here: domains and accounts of the configuration, of the commands, and of whoever else
/// is asked; and under which name what was sent to them is sent on.
final class Residents implements AutoCloseable {

  private final Ticker ticker;
  private final Consumer<String> trouble;
  private final SenderRewriting rewriting;
  private final AccountFile file;
  private final AccountDirectory directory;
  private volatile Settings settings;
  private OtherDirectories others;

  /// @param secret what only this server knows
  /// @throws IOException when accounts or a password for another directory cannot be read
  Residents(
      Settings settings, byte[] secret, Telemetry telemetry, InstantSource clock, Ticker ticker)
      throws IOException {
    this.settings = settings;
    this.ticker = ticker;
    this.trouble = what -> telemetry.note("directory", what);
    this.rewriting = new SenderRewriting(rewritingSecret(secret), clock);
    this.file = new AccountFile(settings.accountFile());
    this.others = OtherDirectories.of(settings, ticker, trouble);
    this.directory =
        new AccountDirectory(
            Parts.listed(settings, others.sources()),
            new Domain(Parts.hostname(settings)),
            file,
            rewriting::back,
            ticker,
            what -> telemetry.note("accounts-refused", what));
  }

  /// What senders of forwarded mail are rewritten with; not what anything else is done with.
  private static byte[] rewritingSecret(byte[] secret) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("sender rewriting".getBytes(UTF_8));
      return digest.digest(secret);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  AccountDirectory directory() {
    return directory;
  }

  /// The accounts, to be edited.
  AccountBook book() {
    return Parts.accountBook(settings, file, directory::lookAgain);
  }

  /// Takes over domains, accounts and whoever else is asked for them.
  ///
  /// @throws IOException when they cannot be used; all is as it was
  void change(Settings changed) throws IOException {
    boolean anew = OtherDirectories.differ(settings, changed);
    OtherDirectories asked = anew ? OtherDirectories.of(changed, ticker, trouble) : others;
    try {
      directory.configure(Parts.listed(changed, asked.sources()));
    } catch (IOException e) {
      if (anew) {
        asked.close();
      }
      throw e;
    }
    if (anew) {
      others.close();
      others = asked;
    }
    settings = changed;
  }

  /// Mail of our own domains may come from us, and mail to them goes to no stranger, wherever their
  /// mailboxes are; all other is given a sender of ours.
  ReversePath forwardedSender(ReversePath sender, Mailbox recipient, Mailbox to) {
    return settings.directory().rewriteSender()
            && sender instanceof Mailbox from
            && recipient.host() instanceof Domain through
            && !isOurs(from)
            && !isOurs(to)
        ? rewriting.forward(from, through)
        : sender;
  }

  private boolean isOurs(Mailbox address) {
    try {
      return address.host() instanceof Domain domain && directory.isLocal(domain);
    } catch (UnavailableException _) {
      return false;
    }
  }

  @Override
  public void close() {
    others.close();
  }
}
