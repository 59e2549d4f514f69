package org.depesche.mail;

/// When the sender wants to hear about a recipient (RFC 3461 §4.1). `NEVER` excludes the others.
/// `unset` is the state without a NOTIFY parameter: failures, and delays at the server's choice.
public record Notify(boolean unset, boolean success, boolean failure, boolean delay) {

  public static final Notify DEFAULT = new Notify(true, false, true, true);
  public static final Notify NEVER = new Notify(false, false, false, false);

  /// The parameter's value on the wire; empty when it was not given.
  public String wire() {
    if (unset) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    append(out, success, "SUCCESS");
    append(out, failure, "FAILURE");
    append(out, delay, "DELAY");
    return out.isEmpty() ? "NEVER" : out.toString();
  }

  /// The same without the wish to hear of success (RFC 3461 §5.2.7.3).
  public Notify withoutSuccess() {
    return success ? new Notify(false, false, failure, delay) : this;
  }

  private static void append(StringBuilder out, boolean wanted, String word) {
    if (wanted) {
      out.append(out.isEmpty() ? "" : ",").append(word);
    }
  }
}
