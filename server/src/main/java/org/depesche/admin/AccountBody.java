package org.depesche.admin;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.depesche.directory.Account;
import org.depesche.directory.Forwarding;
import org.depesche.directory.SendingLimits;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// What a request says of an account: an object of which every key may be left out and none is
/// passed over. Mistakes are `IllegalArgumentException`, with words for who made the request.
final class AccountBody {

  private static final Set<String> OF_ACCOUNT =
      Set.of(
          "password",
          "generatePassword",
          "disabled",
          "aliases",
          "sendAs",
          "forwardTo",
          "keepCopy",
          "quotaBytes",
          "limits");
  private static final Set<String> OF_LIMITS =
      Set.of("messages", "recipients", "bytes", "sessions", "messageBytes");
  private static final Set<String> OF_AMOUNT = Set.of("amount", "seconds");

  private final Map<String, Object> body;

  private AccountBody(Map<String, Object> body) {
    this.body = body;
  }

  /// A change of an account.
  static AccountBody change(byte[] json) {
    return of(json, OF_ACCOUNT, "");
  }

  /// A new account: a change of nothing, and an address.
  static AccountBody account(byte[] json) {
    return of(json, OF_ACCOUNT, "address");
  }

  /// A new password for a program.
  static AccountBody program(byte[] json) {
    return of(json, Set.of("limits"), "name");
  }

  private static AccountBody of(byte[] json, Set<String> known, String name) {
    Map<String, Object> body;
    try {
      body = JSON.std.mapFrom(json);
    } catch (IOException e) {
      throw new IllegalArgumentException("the body is no JSON object", e);
    }
    for (String key : body.keySet()) {
      if (!known.contains(key) && !key.equals(name)) {
        throw new IllegalArgumentException("nothing is known of " + key);
      }
    }
    return new AccountBody(body);
  }

  /// The text under a key that has to be there.
  String text(String key) {
    if (body.get(key) instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw new IllegalArgumentException(key + " is missing");
  }

  /// Whether a password is to be made.
  boolean generatesPassword() {
    return flag("generatePassword", false);
  }

  /// Whether something is said of the password at all; nothing in `password` is for none.
  boolean changesPassword() {
    return body.containsKey("password");
  }

  /// The password that is to be; empty for none.
  Optional<String> password() {
    Object value = body.get("password");
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text && !text.isEmpty()) {
      return Optional.of(text);
    }
    throw new IllegalArgumentException("password is a text that is not empty, or null for none");
  }

  /// The account with all that is said but its password.
  Account changed(Account before) {
    Account account = before;
    if (body.containsKey("aliases")) {
      account = account.withAliases(addresses("aliases"));
    }
    if (body.containsKey("sendAs")) {
      account = account.withSendAs(grants());
    }
    Forwarding forwarding = account.forwarding();
    return account
        .withForwarding(
            new Forwarding(
                body.containsKey("forwardTo") ? addresses("forwardTo") : forwarding.to(),
                flag("keepCopy", forwarding.keepsCopy())))
        .withQuota(body.containsKey("quotaBytes") ? number(body, "quotaBytes") : account.quota())
        .withLimits(body.containsKey("limits") ? limits() : account.limits())
        .withDisabled(flag("disabled", account.isDisabled()));
  }

  /// What may be sent; as for all where nothing is said.
  SendingLimits limits() {
    Object value = body.get("limits");
    if (value == null) {
      return SendingLimits.NONE;
    }
    Map<?, ?> limits = object(value, "limits", OF_LIMITS);
    OptionalLong sessions = number(limits, "sessions");
    return new SendingLimits(
        amount(limits, "messages"),
        amount(limits, "recipients"),
        amount(limits, "bytes"),
        sessions.isPresent()
            ? OptionalInt.of((int) Math.min(sessions.getAsLong(), Integer.MAX_VALUE))
            : OptionalInt.empty(),
        number(limits, "messageBytes"));
  }

  private static Optional<SendingLimits.Amount> amount(Map<?, ?> limits, String key) {
    Object value = limits.get(key);
    if (value == null) {
      return Optional.empty();
    }
    Map<?, ?> amount = object(value, key, OF_AMOUNT);
    OptionalLong most = number(amount, "amount");
    OptionalLong seconds = number(amount, "seconds");
    if (most.isEmpty() || seconds.isEmpty()) {
      throw new IllegalArgumentException(key + " has amount and seconds");
    }
    return Optional.of(
        new SendingLimits.Amount(most.getAsLong(), Duration.ofSeconds(seconds.getAsLong())));
  }

  private static Map<?, ?> object(Object value, String name, Set<String> known) {
    if (!(value instanceof Map<?, ?> object)) {
      throw new IllegalArgumentException(name + " is an object");
    }
    for (Object key : object.keySet()) {
      if (!known.contains(String.valueOf(key))) {
        throw new IllegalArgumentException("nothing is known of " + name + "." + key);
      }
    }
    return object;
  }

  private static OptionalLong number(Map<?, ?> of, String key) {
    Object value = of.get(key);
    if (value == null) {
      return OptionalLong.empty();
    }
    if ((value instanceof Integer || value instanceof Long) && ((Number) value).longValue() > 0) {
      return OptionalLong.of(((Number) value).longValue());
    }
    throw new IllegalArgumentException(key + " is a number above zero, or null for no limit");
  }

  private boolean flag(String key, boolean otherwise) {
    if (!body.containsKey(key)) {
      return otherwise;
    }
    if (body.get(key) instanceof Boolean flag) {
      return flag;
    }
    throw new IllegalArgumentException(key + " is true or false");
  }

  private List<String> grants() {
    List<String> grants = texts("sendAs");
    for (String grant : grants) {
      if (!Account.isGrant(grant)) {
        throw new IllegalArgumentException(
            "'" + grant + "' is no address and no domain with @ before it");
      }
    }
    return grants;
  }

  private List<Mailbox> addresses(String key) {
    return texts(key).stream().map(AccountBody::address).toList();
  }

  private List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    if (!(body.get(key) instanceof List<?> values)) {
      throw new IllegalArgumentException(key + " is a list");
    }
    for (Object value : values) {
      if (!(value instanceof String text)) {
        throw new IllegalArgumentException(key + " is a list of texts");
      }
      texts.add(text);
    }
    return texts;
  }

  static Mailbox address(String text) {
    return AddressParser.parseMailbox(text, true)
        .filter(address -> address.host() instanceof Domain)
        .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no address"));
  }
}
