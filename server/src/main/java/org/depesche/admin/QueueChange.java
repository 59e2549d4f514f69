package org.depesche.admin;

import org.depesche.queue.Altered;

/// What an operator's order came to.
///
/// @param dryRun nothing was changed, the numbers are what would be
public record QueueChange(
    String verb, boolean dryRun, int messages, int recipients, int busy, int failed) {

  static QueueChange of(String verb, boolean dryRun, Altered altered) {
    return new QueueChange(
        verb, dryRun, altered.messages(), altered.recipients(), altered.busy(), altered.failed());
  }
}
