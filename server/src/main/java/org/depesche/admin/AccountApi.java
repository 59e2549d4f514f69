package org.depesche.admin;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.depesche.directory.Account;
import org.depesche.directory.AccountBook;
import org.depesche.directory.AccountRefusedException;
import org.depesche.mail.Mailbox;

/// The part of the API that is about accounts (docs/operations/admin-api.md).
final class AccountApi {

  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 10_000;

  private final AdminTarget target;

  /// A hash takes memory on purpose: one at a time is enough for administration.
  private final ReentrantLock hashing = new ReentrantLock();

  AccountApi(AdminTarget target) {
    this.target = target;
  }

  void addTo(RoutesConfig routes) {
    routes.get("/v1/accounts", context -> run(context, this::list));
    routes.post("/v1/accounts", context -> run(context, this::add));
    routes.get("/v1/accounts/{address}", context -> run(context, this::show));
    routes.patch("/v1/accounts/{address}", context -> run(context, this::change));
    routes.delete("/v1/accounts/{address}", context -> run(context, this::remove));
    routes.post("/v1/accounts/{address}/app-passwords", context -> run(context, this::addProgram));
    routes.delete(
        "/v1/accounts/{address}/app-passwords/{name}",
        context -> run(context, this::removeProgram));
  }

  private interface Work {

    void on(Context context) throws IOException;
  }

  private static void run(Context context, Work work) {
    try {
      work.on(context);
    } catch (AccountRefusedException e) {
      int status =
          switch (e.kind()) {
            case UNKNOWN -> 404;
            case CONFLICT -> 409;
            case WRONG -> 400;
          };
      AdminApi.fail(context, status, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      AdminApi.fail(context, 503, "the accounts cannot be read or written: " + e.getMessage());
    }
  }

  private void list(Context context) throws IOException {
    String part = AdminApi.query(context, "contains").toLowerCase(Locale.ROOT);
    String after = AdminApi.query(context, "after");
    List<AccountBook.Entry> matching =
        target.accounts().entries().stream()
            .filter(entry -> hasAddressWith(entry.account(), part))
            .toList();
    int from = 0;
    if (!after.isEmpty()) {
      Mailbox last = AccountBody.address(after);
      while (from < matching.size() && !isNamed(matching.get(from).account(), last)) {
        from++;
      }
      if (from == matching.size()) {
        throw new HttpResponseException(400, "there is no account " + last + " to go on behind");
      }
      from++;
    }
    AdminApi.answer(
        context,
        new AccountReport.Several(
            matching.size(),
            matching.stream()
                .skip(from)
                .limit(AdminApi.limit(context, DEFAULT_LIMIT, MAX_LIMIT))
                .map(this::report)
                .toList()));
  }

  private static boolean hasAddressWith(Account account, String part) {
    return account.addresses().stream()
        .anyMatch(address -> address.wire().toLowerCase(Locale.ROOT).contains(part));
  }

  private static boolean isNamed(Account account, Mailbox address) {
    return account.address().wire().equalsIgnoreCase(address.wire());
  }

  private AccountReport report(AccountBook.Entry entry) {
    return AccountReport.of(entry, target::lastUse);
  }

  private AccountReport report(Mailbox address) throws IOException {
    return target
        .accounts()
        .find(address)
        .map(this::report)
        .orElseThrow(() -> new HttpResponseException(404, "there is no account " + address));
  }

  private void show(Context context) throws IOException {
    AdminApi.answer(context, report(address(context)));
  }

  private void add(Context context) throws IOException {
    AccountBody body = AccountBody.account(context.bodyAsBytes());
    AccountBook book = target.accounts();
    Account wanted = body.changed(Account.of(AccountBody.address(body.text("address"))));
    // Nothing is spent on the password of an account that cannot be.
    book.check(wanted);
    Password password = password(book, body);
    book.add(password.of(wanted));
    target.operated("account add", wanted.address().wire());
    context.status(201);
    AdminApi.answer(context, report(wanted.address()).withPassword(password.shown()));
  }

  private void change(Context context) throws IOException {
    AccountBody body = AccountBody.change(context.bodyAsBytes());
    Mailbox address = address(context);
    AccountBook book = target.accounts();
    book.changeable(address);
    Password password = password(book, body);
    book.change(address, before -> password.of(body.changed(before)));
    target.operated("account change", address.wire());
    AdminApi.answer(context, report(address).withPassword(password.shown()));
  }

  private void remove(Context context) throws IOException {
    Mailbox address = address(context);
    AccountReport last = report(address);
    target.accounts().remove(address);
    target.operated("account remove", address.wire());
    AdminApi.answer(context, last);
  }

  private void addProgram(Context context) throws IOException {
    AccountBody body = AccountBody.program(context.bodyAsBytes());
    Mailbox address = address(context);
    String name = body.text("name");
    String password = target.accounts().addApplication(address, name, body.limits());
    target.operated("app-password add", address.wire() + " " + name);
    context.status(201);
    AdminApi.answer(context, report(address).withPassword(Optional.of(password)));
  }

  private void removeProgram(Context context) throws IOException {
    Mailbox address = address(context);
    String name = context.pathParam("name");
    target.accounts().removeApplication(address, name);
    target.operated("app-password remove", address.wire() + " " + name);
    AdminApi.answer(context, report(address));
  }

  private static Mailbox address(Context context) {
    return AccountBody.address(context.pathParam("address"));
  }

  /// What becomes of the password of an account.
  ///
  /// @param shown what was made, for who asked
  private record Password(Optional<AccountBook.Protection> kept, Optional<String> shown) {

    Account of(Account account) {
      return kept.map(protection -> protection.of(account)).orElse(account);
    }
  }

  private Password password(AccountBook book, AccountBody body) {
    if (body.generatesPassword() && body.changesPassword()) {
      throw new HttpResponseException(400, "password or generatePassword, not both");
    }
    hashing.lock();
    try {
      if (body.generatesPassword()) {
        String made = book.newPassword();
        return new Password(Optional.of(book.protection(made)), Optional.of(made));
      }
      if (!body.changesPassword()) {
        return new Password(Optional.empty(), Optional.empty());
      }
      return new Password(
          Optional.of(
              body.password().map(book::protection).orElse(AccountBook.Protection.NO_PASSWORD)),
          Optional.empty());
    } finally {
      hashing.unlock();
    }
  }
}
