package org.depesche.delivery.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.depesche.delivery.Cause;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.delivery.Transport;
import org.depesche.directory.Directory;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Mailbox;
import org.depesche.mailbox.MailboxException;
import org.depesche.mailbox.MailboxStore;
import org.depesche.mailbox.UnreadableMessageException;
import org.depesche.message.TraceHeaders;
import org.depesche.routing.Route;
import org.depesche.spool.StoredMessage;

/// Final delivery into a mailbox of this server: the one place where Return-Path is put on (RFC
/// 5321 §4.4).
public final class LocalTransport implements Transport {

  private final MailboxStore mailboxes;
  private final Directory directory;

  /// @param directory says how much a mailbox may hold
  public LocalTransport(MailboxStore mailboxes, Directory directory) {
    this.mailboxes = mailboxes;
    this.directory = directory;
  }

  @Override
  public List<Outcome> deliver(DeliveryJob job) {
    if (!(job.route() instanceof Route.Local(var account))) {
      throw new IllegalArgumentException("not a mailbox of this server: " + job.route());
    }
    return Collections.nCopies(job.legs().size(), deliver(job.message(), account));
  }

  private Outcome deliver(StoredMessage message, Mailbox account) {
    String prefix =
        TraceHeaders.returnPath(message.envelope().envelope().sender())
            + TraceHeaders.deliveredTo(account)
            + message.prefix();
    try {
      Optional<Outcome> full =
          full(account, prefix.getBytes(UTF_8).length + message.content().size());
      if (full.isPresent()) {
        return full.get();
      }
      mailboxes.append(account, message.envelope().id(), prefix, message.content());
      return new Outcome.Delivered(account.wire(), "stored", Outcome.Handover.FINAL);
    } catch (UnreadableMessageException e) {
      return new Outcome.Deferred(
          Scope.MESSAGE, Cause.of("4.3.0", "the spool cannot read it: " + e.getMessage()));
    } catch (MailboxException e) {
      // RFC 3463 §3.3: 4.2.0 other mailbox trouble; what the disk said is for the operator.
      return new Outcome.Deferred(
          Scope.DESTINATION, Cause.of("4.2.0", String.valueOf(e.getMessage())));
    }
  }

  /// Mail that would go beyond the quota of a mailbox.
  private Optional<Outcome> full(Mailbox account, long size) throws MailboxException {
    OptionalLong quota;
    try {
      quota = directory.quota(account);
    } catch (UnavailableException e) {
      return Optional.of(
          new Outcome.Deferred(Scope.RECIPIENT, Cause.of("4.4.3", String.valueOf(e.getMessage()))));
    }
    if (quota.isEmpty()) {
      return Optional.empty();
    }
    if (size > quota.getAsLong()) {
      // RFC 3463 §3.3: 5.2.3, message length exceeds administrative limit.
      return Optional.of(
          new Outcome.Failed(
              Cause.of("5.2.3", "the message is larger than the whole mailbox may be")));
    }
    return mailboxes.used(account, quota.getAsLong()) + size > quota.getAsLong()
        ? Optional.of(
            new Outcome.Deferred(Scope.RECIPIENT, Cause.of("4.2.2", "the mailbox is full")))
        : Optional.empty();
  }
}
