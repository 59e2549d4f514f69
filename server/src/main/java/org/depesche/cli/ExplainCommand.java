package org.depesche.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.depesche.admin.AddressReport;
import org.depesche.admin.AdminAnswer;
import org.depesche.admin.AdminClient;
import org.depesche.admin.Explanation;
import org.depesche.admin.Json;
import org.depesche.admin.MessageSummary;
import org.depesche.admin.RoutePreview;
import org.depesche.admin.SessionReport;
import org.depesche.mail.EnvelopeId;
import org.depesche.telemetry.HistoryException;
import org.depesche.telemetry.HistoryFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `explain`: what happened to a message, in a session, to an address's mail. Asks the running
/// server; without one, its history file.
@Command(
    name = "explain",
    description =
        "Tells what happened to a message, in a session, or to an address's mail; with --to, what"
            + " would happen to one.",
    mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "ID|SESSION|ADDRESS",
      arity = "0..1",
      description =
          "A message's id (the reply to the message ends with it), a session's id from the log,"
              + " or an address.")
  private String subject = "";

  @Option(
      names = "--from",
      paramLabel = "ADDRESS",
      description = "With --to: what would become of a message from here; <> for the null path.")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "ADDRESS",
      description = "Whether mail for this address would be taken, and where it would go.")
  private @Nullable String to;

  @Option(
      names = "--client",
      paramLabel = "IP",
      defaultValue = "192.0.2.1",
      description = "With --to: the client it would come from; a stranger when not given.")
  private String client = "";

  @Option(names = "--json", description = "The answer as JSON.")
  private boolean json;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many messages of an address, 1 to 500; ${DEFAULT-VALUE} when not given.")
  private int limit;

  @Mixin private final DataFolder folder;

  /// @param configured the data folder that a configuration file, or none, leads to
  ExplainCommand(Function<Optional<Path>, Path> configured) {
    folder = new DataFolder(configured);
  }

  @Override
  public Integer call() {
    if (to != null) {
      return preview(to);
    }
    if (subject.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "What? A message's id, a session, an address, or --to ADDRESS.");
    }
    AdminClient server = new AdminClient(folder.path());
    if (subject.contains("@")) {
      return print(server.messages(subject, limit), Story::of, file -> about(file, subject, limit));
    }
    Optional<EnvelopeId> eid = eid();
    if (eid.isEmpty()) {
      return print(server.refusals(subject), Story::of, this::session);
    }
    return print(server.message(eid.get()), Story::of, file -> message(file, eid.get()));
  }

  private int preview(String recipient) {
    String sender = from == null ? "" : from;
    return switch (new AdminClient(folder.path()).preview(sender, recipient, client)) {
      case AdminAnswer.Done<RoutePreview> done -> show(done.value(), done.json(), Story::of);
      case AdminAnswer.Refused<RoutePreview> refused -> fail(refused.error());
      case AdminAnswer.NotRunning<RoutePreview>(var why) -> fail(why);
    };
  }

  private <T extends Record> int print(
      AdminAnswer<T> answer,
      Function<T, String> story,
      Function<HistoryFile, Optional<T>> offline) {
    return switch (answer) {
      case AdminAnswer.Done<T> done -> show(done.value(), done.json(), story);
      case AdminAnswer.Refused<T> refused -> fail(refused.error());
      case AdminAnswer.NotRunning<T>(var why) -> readFile(why, story, offline);
    };
  }

  private <T extends Record> int readFile(
      String why, Function<T, String> story, Function<HistoryFile, Optional<T>> offline) {
    try (HistoryFile file = HistoryFile.open(folder.path().resolve(HistoryFile.NAME))) {
      Optional<T> found = offline.apply(file);
      if (found.isEmpty()) {
        return fail("nothing is known of " + subject + ". " + why);
      }
      err().println(why + " This is what its history says.");
      return show(found.get(), new String(Json.write(found.get()), UTF_8), story);
    } catch (HistoryException e) {
      return fail(why + " " + e.getMessage());
    }
  }

  private <T> int show(T found, String asJson, Function<T, String> story) {
    if (found instanceof AddressReport report && report.isEmpty() && !json) {
      return fail("nothing is known of mail from or to " + subject);
    }
    PrintWriter out = out();
    out.print(json ? asJson.strip() + "\n" : story.apply(found));
    out.flush();
    return 0;
  }

  private static Optional<Explanation> message(HistoryFile file, EnvelopeId eid) {
    Explanation found = new Explanation(eid, file.timeline(eid), List.of());
    return found.isEmpty() ? Optional.empty() : Optional.of(found);
  }

  private Optional<SessionReport> session(HistoryFile file) {
    SessionReport found = new SessionReport(subject, file.refusals(subject));
    return found.refusals().isEmpty() ? Optional.empty() : Optional.of(found);
  }

  private static Optional<AddressReport> about(HistoryFile file, String address, int limit) {
    List<MessageSummary> messages =
        file.messages(address, limit).stream()
            .map(head -> MessageSummary.of(head, file.timeline(head.eid())))
            .toList();
    AddressReport found = new AddressReport(address, messages, file.refusalsFor(address, limit));
    return found.isEmpty() ? Optional.empty() : Optional.of(found);
  }

  private Optional<EnvelopeId> eid() {
    try {
      return Optional.of(EnvelopeId.parse(subject));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private int fail(String message) {
    err().println(Plain.text(message));
    return 1;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
