package org.depesche.smtp;

import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;

/// A command line, parsed (RFC 5321 §4.1.1 and the extensions this library speaks). One record a
/// verb.
public sealed interface Command {

  /// The verb as it is named in the RFCs.
  String verb();

  record Helo(String name) implements Command {
    @Override
    public String verb() {
      return "HELO";
    }
  }

  record Ehlo(String name) implements Command {
    @Override
    public String verb() {
      return "EHLO";
    }
  }

  /// MAIL with its parameters.
  ///
  /// @param envelope without recipients yet
  /// @param size SIZE in octets (RFC 1870 §6); -1 when it was not given
  record Mail(Envelope envelope, long size) implements Command {
    @Override
    public String verb() {
      return "MAIL";
    }
  }

  record Rcpt(Recipient recipient) implements Command {
    @Override
    public String verb() {
      return "RCPT";
    }
  }

  record Data() implements Command {
    @Override
    public String verb() {
      return "DATA";
    }
  }

  /// A chunk of `size` octets follows (RFC 3030 §2).
  record Bdat(long size, boolean last) implements Command {
    @Override
    public String verb() {
      return "BDAT";
    }
  }

  record Rset() implements Command {
    @Override
    public String verb() {
      return "RSET";
    }
  }

  record Noop() implements Command {
    @Override
    public String verb() {
      return "NOOP";
    }
  }

  record Vrfy(String argument) implements Command {
    @Override
    public String verb() {
      return "VRFY";
    }
  }

  record Expn(String argument) implements Command {
    @Override
    public String verb() {
      return "EXPN";
    }
  }

  record Help() implements Command {
    @Override
    public String verb() {
      return "HELP";
    }
  }

  record Quit() implements Command {
    @Override
    public String verb() {
      return "QUIT";
    }
  }

  /// A command of some RFC that this server does not do (RFC 5321 §4.2.4: 502).
  record Unimplemented(String verb) implements Command {}

  /// No command: `reply` says what is wrong with it, `reason` says it to the operator.
  record Malformed(String verb, Reply reply, String reason) implements Command {}
}
