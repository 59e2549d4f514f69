package org.depesche.admin;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.depesche.mail.EnvelopeId;
import org.depesche.queue.QueueEntry;
import org.depesche.telemetry.HistoryException;
import org.depesche.telemetry.MailEvent;
import org.depesche.telemetry.Metrics;
import org.depesche.telemetry.Timelines;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The API's paths and what they answer (docs/operations/admin-api.md).
final class AdminApi {

  static final String JSON = "application/json";

  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 500;

  private static final Logger LOG = LoggerFactory.getLogger(AdminApi.class);

  private final Gatekeeper gatekeeper;
  private final AdminTarget target;
  private final Timelines history;
  private final Supplier<String> metrics;

  AdminApi(Gatekeeper gatekeeper, AdminTarget target, Timelines history, Supplier<String> metrics) {
    this.gatekeeper = gatekeeper;
    this.target = target;
    this.history = history;
    this.metrics = metrics;
  }

  void addTo(RoutesConfig routes) {
    routes.before(this::check);
    routes.get("/health", this::health);
    routes.get(
        "/metrics", context -> context.contentType(Metrics.CONTENT_TYPE).result(metrics.get()));
    routes.get("/v1/status", context -> answer(context, target.status()));
    routes.get("/v1/messages", this::messages);
    routes.get("/v1/messages/{eid}", this::message);
    routes.get("/v1/refusals/{sid}", this::refusals);
    routes.get("/v1/queue", this::queue);
    routes.post("/v1/reload", this::reload);
    routes.post("/v1/stop", this::stop);
    new QueueApi(target).addTo(routes);
    new LoginApi(target).addTo(routes);
    new AllowanceApi(target).addTo(routes);
    new AccountApi(target).addTo(routes);
    routes.exception(HttpResponseException.class, this::refused);
    routes.exception(
        HistoryException.class, (e, context) -> fail(context, 503, String.valueOf(e.getMessage())));
    routes.exception(
        IllegalArgumentException.class,
        (e, context) -> fail(context, 400, String.valueOf(e.getMessage())));
    routes.exception(Exception.class, this::broken);
  }

  private void check(Context context) {
    context.header("Cache-Control", "no-store").header("X-Content-Type-Options", "nosniff");
    if (!gatekeeper.isOurs(header(context, "Host"))) {
      throw new HttpResponseException(421, "this server is not asked by that name");
    }
    boolean open = context.path().equals("/health") || context.path().equals("/metrics");
    if (!open && !gatekeeper.admits(header(context, "Authorization"))) {
      context.header("WWW-Authenticate", "Bearer");
      throw new HttpResponseException(401, "the token of admin.json is needed");
    }
  }

  private void health(Context context) {
    Optional<String> trouble = target.trouble();
    if (trouble.isPresent()) {
      fail(context, 503, trouble.get());
    } else {
      answer(context, Map.of("status", "ok"));
    }
  }

  private void message(Context context) {
    EnvelopeId eid = eid(context.pathParam("eid"));
    Explanation found =
        new Explanation(eid, history.timeline(eid), deliveries(target.queueState(eid)));
    if (found.isEmpty()) {
      throw new HttpResponseException(404, "nothing is known of message " + eid);
    }
    answer(context, found);
  }

  private void messages(Context context) {
    String address = query(context, "address");
    if (address.isEmpty()) {
      throw new HttpResponseException(400, "address is missing");
    }
    int limit = limit(context, DEFAULT_LIMIT, MAX_LIMIT);
    List<MessageSummary> messages = new ArrayList<>();
    for (MailEvent.Accepted head : history.messages(address, limit)) {
      messages.add(MessageSummary.of(head, history.timeline(head.eid())));
    }
    answer(context, new AddressReport(address, messages, history.refusalsFor(address, limit)));
  }

  private void refusals(Context context) {
    String sid = context.pathParam("sid");
    SessionReport found = new SessionReport(sid, history.refusals(sid));
    if (found.refusals().isEmpty()) {
      throw new HttpResponseException(404, "no refusal is known of session " + sid);
    }
    answer(context, found);
  }

  private void queue(Context context) {
    answer(
        context,
        new QueueReport(deliveries(target.queue(limit(context, DEFAULT_LIMIT, MAX_LIMIT)))));
  }

  private List<QueueReport.Delivery> deliveries(List<QueueEntry> entries) {
    Map<EnvelopeId, String> reasons = new HashMap<>();
    List<QueueReport.Delivery> deliveries = new ArrayList<>();
    for (QueueEntry entry : entries) {
      String reason =
          !entry.reason().isEmpty()
              ? entry.reason()
              : entry.attempts() == 0 ? "" : reasons.computeIfAbsent(entry.id(), this::lastReason);
      deliveries.add(
          new QueueReport.Delivery(
              entry.id(),
              entry.route(),
              entry.recipients(),
              entry.attempts(),
              entry.until(),
              entry.binds(),
              reason));
    }
    return deliveries;
  }

  /// Why a message has to wait, as far as the history knows: the queue itself keeps no texts.
  private String lastReason(EnvelopeId eid) {
    try {
      for (MailEvent event : history.timeline(eid).reversed()) {
        if (event instanceof MailEvent.Waiting waiting) {
          return waiting.reason();
        }
      }
    } catch (HistoryException e) {
      LOG.debug("no reason for {}", eid, e);
    }
    return "";
  }

  private void reload(Context context) {
    switch (target.reload()) {
      case ReloadOutcome.Reloaded reloaded -> answer(context, reloaded);
      case ReloadOutcome.Refused(var problems) -> {
        context.status(422);
        answer(
            context,
            Map.of(
                "error",
                "the configuration has mistakes, nothing was changed",
                "problems",
                problems));
      }
    }
  }

  private void stop(Context context) {
    target.stop();
    context.status(202);
    answer(context, Map.of("status", "stopping"));
  }

  private void refused(HttpResponseException e, Context context) {
    String message = String.valueOf(e.getMessage());
    String allowed = e.getDetails().get("availableMethods");
    if (allowed != null) {
      context.header("Allow", allowed);
    }
    fail(context, e.getStatus(), message);
  }

  private void broken(Exception e, Context context) {
    LOG.error("{} {} failed", context.method(), context.path(), e);
    fail(context, 500, "internal error; the server's log says more");
  }

  static EnvelopeId eid(String text) {
    try {
      return EnvelopeId.parse(text);
    } catch (IllegalArgumentException e) {
      throw new HttpResponseException(400, "not a message id: " + text);
    }
  }

  static int limit(Context context, int otherwise, int most) {
    String text = query(context, "limit");
    if (text.isEmpty()) {
      return otherwise;
    }
    if (!text.matches("[1-9]\\d{0,5}") || Integer.parseInt(text) > most) {
      throw new HttpResponseException(400, "limit is a number from 1 to " + most);
    }
    return Integer.parseInt(text);
  }

  /// Refuses what is none of these parameters, and one that is there twice.
  static void only(Context context, Set<String> known) {
    context
        .queryParamMap()
        .forEach(
            (name, values) -> {
              if (!known.contains(name)) {
                throw new HttpResponseException(400, name + " is not known here");
              }
              if (values.size() > 1) {
                throw new HttpResponseException(400, name + " is there more than once");
              }
            });
  }

  static String query(Context context, String name) {
    return Optional.ofNullable(context.queryParam(name)).orElse("");
  }

  private static String header(Context context, String name) {
    return Optional.ofNullable(context.header(name)).orElse("");
  }

  static void fail(Context context, int status, String error) {
    context.status(status);
    answer(context, Map.of("error", error));
  }

  static void answer(Context context, Object value) {
    context.contentType(JSON).result(Json.write(value));
  }
}
