package org.depesche.routing;

import org.depesche.mail.Host;
import org.depesche.mail.Mailbox;

/// Where a recipient goes; recipients with the same route are delivered together.
public sealed interface Route {

  /// Into mailboxes of this server.
  record Local(Mailbox account) implements Route {

    @Override
    public String toString() {
      return "local " + account;
    }
  }

  /// To the servers that the DNS names for a domain (RFC 5321 §5.1), or to an address literal.
  record Mx(Host destination) implements Route {

    @Override
    public String toString() {
      return "mx " + destination.wire();
    }
  }

  /// To a server that a setting or an operator names.
  record Relay(RelayTarget target) implements Route {

    @Override
    public String toString() {
      return target.toString();
    }
  }

  /// Nowhere for now: accepted once, and nobody can say today whose it is. To be asked again.
  ///
  /// @param status enhanced status of the wait (RFC 3463)
  record Nowhere(String status, String reason) implements Route {

    @Override
    public String toString() {
      return "nowhere";
    }
  }

  /// Nowhere any more: all the addresses the recipient leads to now are over.
  record Done() implements Route {

    @Override
    public String toString() {
      return "done";
    }
  }
}
