package org.depesche.mailbox;

import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.message.Content;

/// Where delivered mail lives. Safe for use by many threads.
public interface MailboxStore {

  /// Puts a message into a mailbox; it is there, durably and once, when this returns. Called again
  /// for the same id and mailbox after a crash, it does not make a second copy where it can see the
  /// first.
  ///
  /// @param mailbox the account's own address, which names the mailbox
  /// @param id the message; with the mailbox it names the copy
  /// @param prefix header fields to stand before the content, CRLF at the end of each
  /// @throws MailboxException when it is not there; nothing is left behind that a reader would see
  /// @throws UnreadableMessageException when it is not there because of its content; no other
  ///   message has to wait for that
  void append(Mailbox mailbox, EnvelopeId id, String prefix, Content content)
      throws MailboxException, UnreadableMessageException;

  /// Octets in a mailbox that has a quota. From the first call on they are kept count of, so that
  /// it is cheap; a message that comes while this is asked may be in or not.
  ///
  /// @throws MailboxException when it cannot be said
  long used(Mailbox mailbox, long quota) throws MailboxException;
}
