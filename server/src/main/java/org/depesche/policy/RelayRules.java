package org.depesche.policy;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.depesche.directory.DomainNames;
import org.depesche.mail.Domain;
import org.depesche.mail.Host;
import org.depesche.mail.Mailbox;
import org.depesche.net.TlsDetails;
import org.depesche.smtp.server.Client;

/// What is taken for domains that are not ours.
///
/// @param networks clients that may send to anywhere
/// @param domains domains we take mail for and hand it on, from everybody
/// @param certificates of clients that may send to anywhere, by SHA-256 in hexadecimal
public record RelayRules(
    List<Network> networks, List<RelayDomain> domains, Set<String> certificates) {

  public static final RelayRules NONE = new RelayRules(List.of(), List.of());

  /// Rules for networks and domains.
  public RelayRules(List<Network> networks, List<RelayDomain> domains) {
    this(networks, domains, Set.of());
  }

  public RelayRules {
    networks = List.copyOf(networks);
    domains = List.copyOf(domains);
    certificates = Set.copyOf(certificates);
  }

  /// A domain we take mail for and hand it on.
  ///
  /// @param name the domain
  /// @param recipients the addresses it has; empty when all are taken
  public record RelayDomain(Domain name, List<Mailbox> recipients) {

    public RelayDomain {
      recipients = List.copyOf(recipients);
    }

    private boolean knows(Mailbox address) {
      return recipients.isEmpty()
          // RFC 5321 §4.5.1: postmaster is reachable wherever mail is taken for a domain.
          || address.localPart().equalsIgnoreCase("postmaster")
          || recipients.stream().anyMatch(r -> r.wire().equalsIgnoreCase(address.wire()));
    }
  }

  /// Whether a client may send to anywhere.
  boolean trusts(InetAddress client) {
    return networks.stream().anyMatch(network -> network.contains(client));
  }

  /// Whether a client has shown a certificate with which it may send to anywhere.
  boolean knows(Client client) {
    return !certificates.isEmpty()
        && client
            .tls()
            .flatMap(TlsDetails::peerFingerprint)
            .filter(certificates::contains)
            .isPresent();
  }

  /// What is to be said to a recipient whose domain is not ours.
  public enum Answer {
    /// Taken.
    YES,
    /// The domain is relayed, and has no such address.
    NO_SUCH_ADDRESS,
    /// An address that would make the next server relay for strangers.
    ROUTED_ADDRESS,
    /// Not relayed for this client.
    NO
  }

  Answer answer(InetAddress client, Mailbox address) {
    if (trusts(client)) {
      return Answer.YES;
    }
    Optional<RelayDomain> domain = find(address.host());
    if (domain.isEmpty()) {
      return Answer.NO;
    }
    // The percent hack, bang paths and the like: the server behind us may trust us more than it
    // should (RFC 5321 §3.6.1 leaves the local part to the final host).
    if (address.localPart().chars().anyMatch(c -> c == '%' || c == '!' || c == '@')) {
      return Answer.ROUTED_ADDRESS;
    }
    return domain.get().knows(address) ? Answer.YES : Answer.NO_SUCH_ADDRESS;
  }

  private Optional<RelayDomain> find(Host host) {
    return host instanceof Domain wanted
        ? domains.stream()
            .filter(d -> DomainNames.ascii(d.name()).equals(DomainNames.ascii(wanted)))
            .findFirst()
        : Optional.empty();
  }
}
