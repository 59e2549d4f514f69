package org.depesche.delivery.local;

import java.util.Collections;
import java.util.List;
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
    Outcome outcome =
        switch (job.route()) {
          case Route.Local(var account) -> deliver(job.message(), account);
          // The directory has lost it since it was accepted. That may be a slip: wait, do not
          // refuse.
          case Route.Nowhere(var reason) -> new Outcome.Deferred(Scope.RECIPIENT, reason);
        };
    return Collections.nCopies(job.recipients().size(), outcome);
  }

  private Outcome deliver(StoredMessage message, Mailbox account) {
    String prefix =
        TraceHeaders.returnPath(message.envelope().envelope().sender())
            + TraceHeaders.deliveredTo(account)
            + message.prefix();
    try {
      mailboxes.append(account, message.envelope().id(), prefix, message.content());
      return new Outcome.Delivered(account.wire(), "stored");
    } catch (MailboxException e) {
      return new Outcome.Deferred(Scope.DESTINATION, String.valueOf(e.getMessage()));
    }
  }
}
