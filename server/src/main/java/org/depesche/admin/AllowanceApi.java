package org.depesche.admin;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.util.Locale;
import java.util.Optional;
import org.depesche.limits.Allowances;

/// The part of the API that tells who has sent how much (docs/operations/admin-api.md).
final class AllowanceApi {

  private final AdminTarget target;

  AllowanceApi(AdminTarget target) {
    this.target = target;
  }

  void addTo(RoutesConfig routes) {
    routes.get("/v1/allowances", this::show);
  }

  private void show(Context context) {
    String account = AdminApi.query(context, "account");
    if (account.isEmpty()) {
      throw new HttpResponseException(400, "say whose allowance is meant: account=");
    }
    AdminApi.answer(
        context,
        new AllowanceReport(
            account,
            target.allowances(account).stream()
                .map(
                    use ->
                        new AllowanceReport.Allowance(
                            use.kind().name().toLowerCase(Locale.ROOT),
                            use.used(),
                            use.of().amount(),
                            use.of().per().toSeconds(),
                            program(use.sender())))
                .toList()));
  }

  private static Optional<String> program(Allowances.Sender sender) {
    return sender.scope() == Allowances.Scope.PROGRAM
        ? Optional.of(sender.name().substring(sender.name().lastIndexOf(' ') + 1))
        : Optional.empty();
  }
}
