package org.depesche.telemetry;

import java.util.List;
import org.depesche.mail.EnvelopeId;

/// Answers what happened to a message, a session, an address. What is older than the history keeps,
/// or happened within its last moments, is missing.
///
/// Every method may throw `HistoryException`: the history is not available now, mail is not
/// affected.
public interface Timelines {

  /// Everything about a message, oldest first; begins with `Accepted` when that is known. Empty for
  /// an unknown message.
  List<MailEvent> timeline(EnvelopeId eid);

  /// What was refused in a session, oldest first.
  List<MailEvent.Refused> refusals(String sid);

  /// Messages from or to an address, newest first; upper and lower case are alike.
  List<MailEvent.Accepted> messages(String address, int limit);

  /// Refusals of mail from or to an address, newest first.
  List<MailEvent.Refused> refusalsFor(String address, int limit);
}
