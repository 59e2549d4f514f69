package org.depesche.queue;

/// What an operator's order came to.
///
/// @param messages messages something was changed about
/// @param recipients recipients changed
/// @param busy messages left alone because something was going on with them
/// @param failed messages that could not be read or changed
public record Altered(int messages, int recipients, int busy, int failed) {

  public static final Altered NOTHING = new Altered(0, 0, 0, 0);

  Altered plusBusy(int more) {
    return new Altered(messages, recipients, busy + more, failed);
  }

  public Altered plus(Altered other) {
    return new Altered(
        messages + other.messages,
        recipients + other.recipients,
        busy + other.busy,
        failed + other.failed);
  }
}
