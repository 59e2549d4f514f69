package org.depesche.routing;

import org.depesche.mail.Mailbox;

/// Where a recipient goes.
public sealed interface Route {

  /// Into mailboxes of this server.
  record Local(Mailbox account) implements Route {

    @Override
    public String toString() {
      return "local " + account;
    }
  }

  /// Nowhere for now: accepted once, and nobody can say today whose it is. To be asked again.
  record Nowhere(String reason) implements Route {

    @Override
    public String toString() {
      return "nowhere";
    }
  }
}
