package org.depesche.delivery.local;

import java.util.Collections;
import java.util.List;
import org.depesche.delivery.Cause;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.delivery.Transport;
import org.depesche.mail.Mailbox;
import org.depesche.mailbox.MailboxException;
import org.depesche.mailbox.MailboxStore;
import org.depesche.message.TraceHeaders;
import org.depesche.routing.Route;
import org.depesche.spool.StoredMessage;

/// Final delivery into a mailbox of this server: the one place where Return-Path is put on (RFC
/// 5321 §4.4).
public final class LocalTransport implements Transport {

  private final MailboxStore mailboxes;

  public LocalTransport(MailboxStore mailboxes) {
    this.mailboxes = mailboxes;
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
      mailboxes.append(account, message.envelope().id(), prefix, message.content());
      return new Outcome.Delivered(account.wire(), "stored", Outcome.Handover.FINAL);
    } catch (MailboxException e) {
      // RFC 3463 §3.3: 4.2.0 other mailbox trouble; what the disk said is for the operator.
      return new Outcome.Deferred(
          Scope.DESTINATION, Cause.of("4.2.0", String.valueOf(e.getMessage())));
    }
  }
}
