package org.depesche.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.depesche.config.DataSize;
import org.depesche.config.Durations;
import org.depesche.mail.EnvelopeId;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// The options that say which messages of the queue, and which of their recipients, are meant.
final class QueueFilter {

  /// Replaced by the command's own.
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "ID", arity = "0..*", description = "Messages by their ids.")
  private List<String> ids = new ArrayList<>();

  @Option(
      names = "--sender",
      paramLabel = "ADDRESS",
      description = "Of this sender; @example.org for a whole domain, <> for notifications.")
  private @Nullable String sender;

  @Option(names = "--recipient", paramLabel = "ADDRESS", description = "For this recipient.")
  private @Nullable String recipient;

  @Option(names = "--domain", paramLabel = "DOMAIN", description = "For recipients of this domain.")
  private @Nullable String domain;

  @Option(
      names = "--older-than",
      paramLabel = "TIME",
      description = "Accepted at least this long ago: 30m, 4h, 2d.")
  private @Nullable String olderThan;

  @Option(names = "--larger-than", paramLabel = "SIZE", description = "At least this big: 10MiB.")
  private @Nullable String largerThan;

  @Option(
      names = "--reply",
      paramLabel = "TEXT",
      description = "Whose last failure has this in its text.")
  private @Nullable String reply;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "Only what is waiting, held or removed.")
  private @Nullable String state;

  /// The conditions by the names of the API, one set for each message named, or one in all.
  List<Map<String, String>> conditions() {
    Map<String, String> common = new LinkedHashMap<>();
    put(common, "sender", sender);
    put(common, "recipient", recipient);
    put(common, "domain", domain);
    put(common, "older-than", olderThan);
    common.computeIfPresent("older-than", (_, text) -> time(text).toString());
    put(common, "larger-than", largerThan);
    common.computeIfPresent("larger-than", (_, text) -> Long.toString(size(text)));
    put(common, "reply", reply);
    put(common, "state", state);
    if (ids.isEmpty()) {
      return List.of(common);
    }
    List<Map<String, String>> each = new ArrayList<>();
    for (String id : ids) {
      Map<String, String> one = new LinkedHashMap<>(common);
      put(one, "id", id);
      one.computeIfPresent("id", (_, text) -> messageId(text));
      each.add(one);
    }
    return each;
  }

  boolean isEmpty() {
    return conditions().equals(List.of(Map.of()));
  }

  /// A condition that says nothing is a mistake, of a script for instance: without it, more would
  /// be meant.
  private void put(Map<String, String> into, String name, @Nullable String value) {
    if (value != null && value.isBlank()) {
      throw new ParameterException(
          spec.commandLine(), (name.equals("id") ? "ID" : "--" + name) + " is empty");
    }
    if (value != null) {
      into.put(name, value);
    }
  }

  /// Looked at before anything is done: one that is wrong must not come up halfway.
  private String messageId(String text) {
    try {
      return EnvelopeId.parse(text).toString();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "not a message id: " + text, e);
    }
  }

  private Duration time(String text) {
    return Durations.parse(text).orElseThrow(() -> misuse("--older-than", text, "30m, 4h or 2d"));
  }

  private long size(String text) {
    Optional<DataSize> size = DataSize.parse(text);
    return size.orElseThrow(() -> misuse("--larger-than", text, "512KiB or 10MiB")).bytes();
  }

  private ParameterException misuse(String option, String text, String example) {
    return new ParameterException(
        spec.commandLine(), option + " is " + text + ", it has to be such as " + example);
  }
}
