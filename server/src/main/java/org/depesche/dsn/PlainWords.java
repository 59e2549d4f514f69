package org.depesche.dsn;

import org.depesche.mail.EnhancedStatus;

/// A status in words for people who do not run mail servers: what it means, and what can be done.
///
/// @param meaning what happened, a sentence
/// @param advice what the sender can do, a sentence; empty when there is nothing
record PlainWords(String meaning, String advice) {

  private static final String CHECK = "Check the address for mistakes and send the message again.";
  private static final String LATER = "Try again later, or reach the recipient in another way.";
  private static final String ANOTHER_WAY = "Reach the recipient in another way.";

  /// By the tables of RFC 3463 §3 and the registry of RFC 5248.
  static PlainWords of(EnhancedStatus status) {
    return switch (status.subject() + "." + status.detail()) {
      case "1.1" -> new PlainWords("There is no mailbox with this address.", CHECK);
      case "1.2" -> new PlainWords("The part behind the @ is not known.", CHECK);
      case "1.3" -> new PlainWords("The address is not written as it has to be.", CHECK);
      case "1.6" ->
          new PlainWords("The mailbox has moved.", "Ask the recipient for the new address.");
      case "1.10" -> new PlainWords("The domain takes no mail at all.", CHECK);
      case "2.1" -> new PlainWords("The mailbox is switched off.", ANOTHER_WAY);
      case "2.2" -> new PlainWords("The mailbox is full.", LATER);
      case "2.3", "3.4" ->
          new PlainWords(
              "The message is too big for the recipient's server.",
              "Send it without large attachments, or share them in another way.");
      case "3.2" -> new PlainWords("The recipient's server takes no mail.", ANOTHER_WAY);
      case "4.1" -> new PlainWords("The recipient's server does not answer.", LATER);
      case "4.2" -> new PlainWords("The connection to the recipient's server broke.", LATER);
      case "4.3" ->
          new PlainWords(
              "It could not be found out which server takes the recipient's mail.", LATER);
      case "4.4" -> new PlainWords("No server takes mail for the domain of this address.", CHECK);
      case "4.6" ->
          new PlainWords(
              "The message was going in circles.",
              "Tell the administrator of the recipient's domain.");
      case "4.7" -> new PlainWords("The message could not be delivered in the time it had.", LATER);
      case "6.1", "6.3", "6.7", "6.9" ->
          new PlainWords(
              "The recipient's server cannot take a message of this kind.",
              "Send it as plain text, from an address without special characters.");
      default -> bySubject(status.subject());
    };
  }

  private static PlainWords bySubject(int subject) {
    return switch (subject) {
      case 1 -> new PlainWords("The address was refused.", CHECK);
      case 2 -> new PlainWords("The mailbox cannot take the message.", LATER);
      case 3, 4 -> new PlainWords("The recipient's server could not take the message.", LATER);
      case 5, 6 ->
          new PlainWords(
              "The recipient's server did not understand the message.",
              "Tell your administrator; the details below say more.");
      case 7 ->
          new PlainWords(
              "The recipient's server refuses the message by its rules, perhaps as spam.",
              "The details below may say why; the recipient's administrator can help.");
      default -> new PlainWords("The message was refused.", "The details below say more.");
    };
  }
}
