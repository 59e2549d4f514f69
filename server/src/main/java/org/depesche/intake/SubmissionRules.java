package org.depesche.intake;

import java.util.Optional;
import org.depesche.mail.Domain;

/// What is done to mail of those who have logged in, beside what always is.
///
/// @param hidesClient keeps where a client is out of the trace header
/// @param completing domain of addresses in the header that have none, in ASCII; empty to leave
///   them as they are (RFC 6409 §4.2, §8.8)
public record SubmissionRules(boolean hidesClient, Optional<Domain> completing) {

  static final SubmissionRules NONE = new SubmissionRules(false, Optional.empty());
}
