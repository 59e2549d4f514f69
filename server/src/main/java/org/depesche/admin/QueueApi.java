package org.depesche.admin;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.depesche.queue.Operator;
import org.depesche.queue.Selection;
import org.depesche.queue.Verb;
import org.depesche.routing.Destination;
import org.depesche.routing.RelayTarget;
import org.depesche.spool.SpoolException;

/// The part of the API that is about the queue (docs/operations/admin-api.md).
final class QueueApi {

  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 10_000;
  private static final int MAX_REASON = 500;

  /// Verbs that are about a destination and not about messages.
  private static final Set<String> ON_DESTINATIONS = Set.of("suspend", "resume");

  /// What says which messages are meant. A condition that is not known or says nothing is refused:
  /// without it, more would be meant.
  private static final Set<String> CONDITIONS =
      Set.of("id", "sender", "recipient", "domain", "older-than", "larger-than", "reply", "state");

  private static final Map<String, String> OF_VERBS = Map.of("bounce", "reason", "reroute", "to");

  private final AdminTarget target;

  QueueApi(AdminTarget target) {
    this.target = target;
  }

  void addTo(RoutesConfig routes) {
    routes.get("/v1/queue/messages", this::list);
    routes.get("/v1/queue/suspended", this::suspended);
    routes.post("/v1/queue/{verb}", this::change);
    routes.get("/v1/route", this::preview);
    routes.exception(
        SpoolException.class,
        (e, context) -> AdminApi.fail(context, 503, String.valueOf(e.getMessage())));
  }

  private void list(Context context) {
    AdminApi.only(context, conditionsAnd("limit"));
    AdminApi.answer(
        context,
        target
            .operator()
            .list(selection(context), AdminApi.limit(context, DEFAULT_LIMIT, MAX_LIMIT)));
  }

  private void suspended(Context context) {
    AdminApi.answer(context, new SuspensionReport(target.operator().suspended(), false));
  }

  private void change(Context context) {
    String name = context.pathParam("verb");
    if (ON_DESTINATIONS.contains(name)) {
      AdminApi.only(context, Set.of("destination"));
      AdminApi.answer(context, destination(name, required(context, "destination")));
      return;
    }
    Verb verb = verb(name, context);
    AdminApi.only(context, conditionsAnd("all", "dry-run", OF_VERBS.getOrDefault(name, "all")));
    Selection selection = selection(context);
    boolean dryRun = isSet(context, "dry-run");
    if (selection.isAll() && !isSet(context, "all")) {
      throw new HttpResponseException(400, "say which messages are meant, or all=true");
    }
    Operator operator = target.operator();
    if (dryRun) {
      AdminApi.answer(context, QueueChange.of(name, true, operator.preview(verb, selection)));
    } else {
      target.operated("queue " + name, Optional.ofNullable(context.queryString()).orElse(""));
      AdminApi.answer(context, QueueChange.of(name, false, operator.run(verb, selection)));
    }
  }

  private SuspensionReport destination(String verb, String destination) {
    target.operated("queue " + verb, destination);
    Operator operator = target.operator();
    try {
      boolean changed =
          verb.equals("suspend") ? operator.suspend(destination) : operator.resume(destination);
      return new SuspensionReport(operator.suspended(), changed);
    } catch (IllegalArgumentException e) {
      throw new HttpResponseException(400, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new HttpResponseException(503, "it cannot be remembered: " + e.getMessage());
    }
  }

  private static Verb verb(String name, Context context) {
    return switch (name) {
      case "retry" -> new Verb.Retry();
      case "hold" -> new Verb.Hold();
      case "release" -> new Verb.Release();
      case "bounce" -> new Verb.Bounce(reason(context));
      case "remove" -> new Verb.Remove();
      case "restore" -> new Verb.Restore();
      case "reroute" -> reroute(required(context, "to"));
      default -> throw new HttpResponseException(404, "the queue knows no " + name);
    };
  }

  private static String reason(Context context) {
    String reason = AdminApi.query(context, "reason");
    if (reason.length() > MAX_REASON || reason.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw new HttpResponseException(
          400, "a reason is one line of at most " + MAX_REASON + " characters");
    }
    return reason.isEmpty() ? "the administrator of this server has given the message up" : reason;
  }

  private static Verb reroute(String to) {
    if (to.equals("usual")) {
      return new Verb.Unroute();
    }
    return new Verb.Reroute(
        RelayTarget.parse(to)
            .orElseThrow(
                () ->
                    new HttpResponseException(
                        400,
                        "to is smtp://host:port, lmtp://host:port, lmtp+unix:///path or usual")));
  }

  private static Selection selection(Context context) {
    return new Selection(
        given(context, "id").map(AdminApi::eid),
        given(context, "sender"),
        given(context, "recipient"),
        given(context, "domain").map(QueueApi::domain),
        given(context, "older-than").map(QueueApi::duration),
        given(context, "larger-than")
            .map(QueueApi::bytes)
            .map(OptionalLong::of)
            .orElse(OptionalLong.empty()),
        given(context, "reply"),
        given(context, "state").map(QueueApi::state));
  }

  private static Optional<String> given(Context context, String name) {
    Optional<String> value = Optional.ofNullable(context.queryParam(name));
    if (value.filter(String::isEmpty).isPresent()) {
      throw new HttpResponseException(400, name + " is empty");
    }
    return value;
  }

  private static Set<String> conditionsAnd(String... more) {
    Set<String> known = new HashSet<>(CONDITIONS);
    known.addAll(List.of(more));
    return known;
  }

  private static boolean isSet(Context context, String name) {
    return given(context, name)
        .map(
            value ->
                switch (value) {
                  case "true" -> true;
                  case "false" -> false;
                  default -> throw new HttpResponseException(400, name + " is true or false");
                })
        .orElse(false);
  }

  private static String domain(String text) {
    return Destination.parse(text)
        .map(Destination::name)
        .filter(name -> !name.contains("@"))
        .orElseThrow(() -> new HttpResponseException(400, "domain is a domain"));
  }

  private static String required(Context context, String name) {
    return given(context, name)
        .orElseThrow(() -> new HttpResponseException(400, name + " is missing"));
  }

  private static Duration duration(String text) {
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new HttpResponseException(400, "older-than is a time of ISO 8601 such as PT4H");
    }
  }

  private static long bytes(String text) {
    if (!text.matches("\\d{1,15}")) {
      throw new HttpResponseException(400, "larger-than is a number of bytes");
    }
    return Long.parseLong(text);
  }

  private static Selection.State state(String text) {
    return switch (text) {
      case "waiting" -> Selection.State.WAITING;
      case "held" -> Selection.State.HELD;
      case "removed" -> Selection.State.REMOVED;
      default -> throw new HttpResponseException(400, "state is waiting, held or removed");
    };
  }

  private void preview(Context context) {
    AdminApi.only(context, Set.of("from", "to", "client"));
    AdminApi.answer(
        context,
        target.preview(
            AdminApi.query(context, "from"),
            required(context, "to"),
            given(context, "client").orElse("192.0.2.1")));
  }
}
