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
      case "1.4" -> new PlainWords("The address belongs to more than one mailbox.", CHECK);
      case "1.7", "1.8" ->
          new PlainWords(
              "The recipient's server does not accept your address as a sender.",
              "Check the sender's address in your mail program, or tell your administrator.");
      case "1.9" -> new PlainWords("The message was handed on to a place that cannot report.", "");
      case "2.1" -> new PlainWords("The mailbox is switched off.", ANOTHER_WAY);
      case "2.2" -> new PlainWords("The mailbox is full.", LATER);
      case "2.4" ->
          new PlainWords(
              "The mailing list behind this address could not be reached.",
              "Tell whoever runs the list.");
      case "3.1" ->
          new PlainWords("The recipient's server has no space left at the moment.", LATER);
      case "3.5" ->
          new PlainWords(
              "The recipient's server is not set up in the right way.",
              "Tell the administrator of the recipient's domain.");
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
      case "4.5" -> new PlainWords("Too much mail is on its way to the recipient's server.", LATER);
      case "4.6" ->
          new PlainWords(
              "The message was going in circles.",
              "Tell the administrator of the recipient's domain.");
      case "4.7" -> new PlainWords("The message could not be delivered in the time it had.", LATER);
      case "5.3" ->
          new PlainWords("The message has too many recipients.", "Send it to fewer at a time.");
      case "6.7" ->
          new PlainWords(
              "The recipient's server does not take addresses with letters beyond a to z.",
              "Use another address of yours or of the recipient that has none.");
      case "6.1", "6.3", "6.9", "6.10" ->
          new PlainWords(
              "The recipient's server cannot take a message of this kind.",
              "Send it as plain text, with no special letters in its subject.");
      case "7.1" ->
          new PlainWords(
              "The recipient's server does not allow you to send to this address.",
              "The details above may say why; ask the recipient or his administrator.");
      case "7.2" ->
          new PlainWords(
              "You are not allowed to write to this mailing list.",
              "Ask whoever runs the list to let you in.");
      case "7.8", "7.9" ->
          new PlainWords("A server on the way wants a login.", "Tell your administrator.");
      case "7.10", "7.11", "7.30" ->
          new PlainWords(
              "A server on the way wants an encrypted connection and did not get one.",
              "Tell your administrator.");
      case "7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.29" ->
          new PlainWords(
              "The recipient's server could not make sure that the message is really from you.",
              "Tell your administrator; the details above name the check that failed.");
      case "7.27" ->
          new PlainWords(
              "Mail from a domain that takes none itself is refused.",
              "Write from an address that can be answered.");
      case "7.28" -> new PlainWords("Too much mail came in a short time.", LATER);
      case "7.13" -> new PlainWords("The account of the sender is switched off.", "");
      case "7.17", "7.18" ->
          new PlainWords(
              "The mailbox or the domain has another owner than the one you wrote to.",
              "Ask the recipient for the present address.");
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
              "Tell your administrator; the details above say more.");
      case 7 ->
          new PlainWords(
              "The recipient's server refuses the message by its rules, perhaps as spam.",
              "The details above may say why; the recipient's administrator can help.");
      default -> new PlainWords("The message was given up.", "The details above say why.");
    };
  }
}
