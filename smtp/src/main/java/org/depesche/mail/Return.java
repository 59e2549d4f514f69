package org.depesche.mail;

/// How much of a message a failure notification gives back: RET of RFC 3461 §4.3.
public enum Return {
  UNSET,
  FULL,
  HDRS
}
