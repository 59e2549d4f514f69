package org.depesche.admin;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;

/// The part of the API that is about logging in (docs/operations/admin-api.md).
final class LoginApi {

  private final AdminTarget target;

  LoginApi(AdminTarget target) {
    this.target = target;
  }

  void addTo(RoutesConfig routes) {
    routes.get("/v1/logins/locks", context -> AdminApi.answer(context, report(false)));
    routes.post("/v1/logins/unlock", this::unlock);
  }

  private LockReport report(boolean changed) {
    return new LockReport(
        target.logins().locks().stream()
            .map(l -> new LockReport.LockedLogin(l.key(), l.failures(), l.until()))
            .toList(),
        changed);
  }

  private void unlock(Context context) {
    String key = AdminApi.query(context, "key");
    if (key.isEmpty()) {
      throw new HttpResponseException(400, "say whose lock is meant: key=");
    }
    target.operated("logins unlock", key);
    AdminApi.answer(context, report(target.logins().clear(key)));
  }
}
