package org.depesche.smtp;

import org.depesche.mail.Envelope;

/// What has happened in a session so far, as far as it decides what may come next (RFC 5321
/// §4.1.4).
public sealed interface Phase {

  /// Greeted with 554: nothing but QUIT (RFC 5321 §3.1).
  record TurnedAway() implements Phase {}

  /// No HELO or EHLO yet.
  record Connected() implements Phase {}

  /// HELO or EHLO came, no transaction is open.
  ///
  /// @param extended EHLO it was
  record Identified(boolean extended) implements Phase {}

  /// MAIL was accepted.
  ///
  /// @param envelope with the recipients accepted so far
  /// @param recipientsRefused whether a RCPT was refused
  /// @param chunked whether a BDAT was accepted
  record InTransaction(
      boolean extended, Envelope envelope, boolean recipientsRefused, boolean chunked)
      implements Phase {

    public InTransaction with(Envelope other) {
      return new InTransaction(extended, other, recipientsRefused, chunked);
    }

    public InTransaction withRefusedRecipient() {
      return new InTransaction(extended, envelope, true, chunked);
    }

    public InTransaction withChunk() {
      return new InTransaction(extended, envelope, recipientsRefused, true);
    }
  }

  /// The dialect of the next command.
  default Dialect dialect() {
    return switch (this) {
      case TurnedAway _, Connected _ -> Dialect.BASIC;
      case Identified(boolean extended) -> extended ? Dialect.EXTENDED : Dialect.BASIC;
      case InTransaction t when t.envelope().utf8() -> Dialect.INTERNATIONAL;
      case InTransaction t -> t.extended() ? Dialect.EXTENDED : Dialect.BASIC;
    };
  }
}
