package org.depesche.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.depesche.config.Settings;
import org.depesche.directory.Account;
import org.depesche.directory.AccountBook;
import org.depesche.directory.Forwarding;
import org.depesche.directory.SendingLimits;
import org.depesche.mail.Mailbox;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `user set`.
@Command(
    name = "set",
    description =
        "Changes an account: its addresses, quota, forwarding, what it may send, or whether it is"
            + " in use.",
    mixinStandardHelpOptions = true)
final class UserSetCommand extends UserCommand.OnAccounts {

  @Parameters(paramLabel = "ADDRESS", description = "Its address.")
  private String address = "";

  @Option(names = "--disable", description = "It neither logs in nor gets mail.")
  private boolean disable;

  @Option(names = "--enable", description = "It does both again.")
  private boolean enable;

  @Option(
      names = "--quota",
      paramLabel = "SIZE",
      description = "How much its mailbox may hold, such as 5GiB; none for no limit.")
  private @Nullable String quota;

  @Option(
      names = "--forward-to",
      paramLabel = "ADDRESS",
      description = "Where its mail goes on to, instead of where it went before.")
  private List<String> forwardTo = new ArrayList<>();

  @Option(names = "--no-forward", description = "Its mail goes nowhere else any more.")
  private boolean noForward;

  @Option(
      names = "--keep-copy",
      paramLabel = "yes|no",
      description = "Whether mail that goes on stays in its mailbox too.")
  private @Nullable String keepCopy;

  @Option(names = "--add-alias", paramLabel = "ADDRESS", description = "Another address of it.")
  private List<String> addAlias = new ArrayList<>();

  @Option(
      names = "--remove-alias",
      paramLabel = "ADDRESS",
      description = "An address it has no longer.")
  private List<String> removeAlias = new ArrayList<>();

  @Option(
      names = "--add-send-as",
      paramLabel = "ADDRESS",
      description = "Another address it may send as; @DOMAIN for a whole domain.")
  private List<String> addSendAs = new ArrayList<>();

  @Option(
      names = "--remove-send-as",
      paramLabel = "ADDRESS",
      description = "An address or @DOMAIN it may no longer send as.")
  private List<String> removeSendAs = new ArrayList<>();

  @Mixin private final LimitOptions limits = new LimitOptions();

  @Override
  int run(Settings settings, AccountBook book) throws IOException {
    Mailbox wanted = address(address);
    Account found = book.changeable(wanted);
    if (disable && enable || noForward && !forwardTo.isEmpty()) {
      return fail("one or the other, not both");
    }
    SendingLimits limited = limits.changed(found.limits());
    UnaryOperator<Account> change = change();
    UnaryOperator<Account> all = account -> change.apply(account).withLimits(limited);
    if (all.apply(found).equals(found)) {
      return fail("nothing to change; see --help");
    }
    book.change(wanted, all::apply);
    return done("Changed " + found.address() + ".");
  }

  /// What is to be done; whatever is wrong with it is said before anything is changed.
  private UnaryOperator<Account> change() throws IOException {
    List<Mailbox> more = addresses(addAlias);
    List<Mailbox> fewer = addresses(removeAlias);
    List<Mailbox> onward = addresses(forwardTo);
    Optional<OptionalLong> size = quota();
    Optional<Boolean> copy = copy();
    for (String grant : addSendAs) {
      if (!Account.isGrant(grant)) {
        throw new IOException("'" + grant + "' is no address and no domain with @ before it");
      }
    }
    return account -> {
      List<Mailbox> aliases = new ArrayList<>(account.aliases());
      aliases.removeIf(
          each -> fewer.stream().anyMatch(other -> each.wire().equalsIgnoreCase(other.wire())));
      aliases.addAll(more);
      List<String> sendAs = new ArrayList<>(account.sendAs());
      sendAs.removeIf(each -> removeSendAs.stream().anyMatch(each::equalsIgnoreCase));
      sendAs.addAll(addSendAs);
      Forwarding before = account.forwarding();
      List<Mailbox> to = noForward ? List.of() : onward.isEmpty() ? before.to() : onward;
      return account
          .withAliases(aliases)
          .withSendAs(sendAs)
          .withForwarding(new Forwarding(to, copy.orElse(before.keepsCopy())))
          .withQuota(size.orElse(account.quota()))
          .withDisabled(!enable && (disable || account.isDisabled()));
    };
  }

  private Optional<Boolean> copy() throws IOException {
    String text = keepCopy;
    if (text != null && !text.equals("yes") && !text.equals("no")) {
      throw new IOException("--keep-copy is yes or no");
    }
    return Optional.ofNullable(text).map("yes"::equals);
  }

  private Optional<OptionalLong> quota() throws IOException {
    String text = quota;
    if (text == null) {
      return Optional.empty();
    }
    return Optional.of(LimitOptions.size(text, "none"));
  }

  private static List<Mailbox> addresses(List<String> texts) throws IOException {
    List<Mailbox> addresses = new ArrayList<>();
    for (String text : texts) {
      addresses.add(address(text));
    }
    return addresses;
  }
}
