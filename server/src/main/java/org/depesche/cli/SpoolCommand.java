package org.depesche.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.depesche.app.DataFolder;
import org.depesche.config.ConfigurationLoader;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.log.Damage;
import org.depesche.spool.log.Salvage;
import org.depesche.spool.log.SpoolVerifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `spool`: looks into the spool of a server that does not run.
@Command(
    name = "spool",
    description = "Looks into the spool of a server that does not run.",
    mixinStandardHelpOptions = true,
    subcommands = {SpoolCommand.Verify.class, SpoolCommand.SalvageDamaged.class})
final class SpoolCommand implements Runnable {

  /// Replaced by the command's own.
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "verify or salvage?");
  }

  /// `spool salvage`.
  @Command(
      name = "salvage",
      description =
          "Makes messages out of the damaged records that a start has set aside, to look at; sends"
              + " nothing.",
      mixinStandardHelpOptions = true)
  static final class SalvageDamaged implements Callable<Integer> {

    /// Replaced by the command's own.
    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(
        names = "--into",
        paramLabel = "DIR",
        description =
            "Where messages are written to; without it, spool/salvaged in the data folder.")
    private Optional<Path> into = Optional.empty();

    @Override
    public Integer call() throws IOException {
      return switch (config.load()) {
        case ConfigurationLoader.Loaded(var settings, _) ->
            salvage(DataFolder.of(settings).spool());
        case ConfigurationLoader.Refused(var problems) -> {
          problems.forEach(p -> spec.commandLine().getErr().println(Plain.text(p.toString())));
          yield 1;
        }
      };
    }

    private int salvage(Path folder) throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      List<Salvage.Piece> pieces = Salvage.run(folder, into.orElse(folder.resolve("salvaged")));
      for (Salvage.Piece piece : pieces) {
        out.println(
            switch (piece) {
              case Salvage.Piece.Message m -> line(m);
              case Salvage.Piece.Other(var from, var what) -> from.getFileName() + "  " + what;
            });
      }
      out.println(
          pieces.isEmpty()
              ? "Nothing was set aside."
              : "Look at a message before you send it on; not all of its bytes are what they"
                  + " were.");
      out.flush();
      return 0;
    }

    private static String line(Salvage.Piece.Message m) {
      String missing = m.missing() == 0 ? "" : ", " + m.missing() + " octets are missing";
      return "%s  %s  <%s>  %s  in %s%s"
          .formatted(
              m.id(),
              Plain.time(m.receivedAt()),
              Plain.text(m.sender()),
              Plain.text(String.join(", ", m.recipients())),
              m.file(),
              missing);
    }
  }

  /// `spool verify`.
  @Command(
      name = "verify",
      description =
          "Reads every record and says what the spool holds. Exit code 1 when something is"
              + " damaged.",
      mixinStandardHelpOptions = true)
  static final class Verify implements Callable<Integer> {

    private static final int SHOWN = 20;

    /// Replaced by the command's own.
    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(names = "--json", description = "The answer as JSON.")
    private boolean json;

    @Option(names = "--all", description = "Lists all messages, not only the oldest " + SHOWN + ".")
    private boolean all;

    @Override
    public Integer call() throws IOException {
      return switch (config.load()) {
        case ConfigurationLoader.Loaded(var settings, _) -> verify(DataFolder.of(settings).spool());
        case ConfigurationLoader.Refused(var problems) -> {
          problems.forEach(p -> spec.commandLine().getErr().println(Plain.text(p.toString())));
          yield 1;
        }
      };
    }

    private int verify(Path folder) throws IOException {
      SpoolVerifier.Report report = SpoolVerifier.verify(folder);
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(JSON.std.asString(json(report)));
      } else {
        print(out, folder, report);
      }
      out.flush();
      return report.damages().isEmpty() ? 0 : 1;
    }

    private void print(PrintWriter out, Path folder, SpoolVerifier.Report report) {
      out.printf("spool      %s%n", folder);
      out.printf(
          "segments   %d, %s, %d good records%n",
          report.segments(), Plain.size(report.bytes()), report.records());
      out.printf(
          "messages   %d stored in %s, %d removed%n",
          report.messages().size(), Plain.size(report.liveBytes()), report.removed());
      out.printf("recipients %d waiting, %d held%n", report.waiting(), report.held());
      if (report.tornBytes() > 0) {
        out.printf(
            "unfinished %s behind the last good record, never acknowledged; the next start cuts"
                + " it%n",
            Plain.size(report.tornBytes()));
      }
      for (Damage damage : report.damages()) {
        out.println("DAMAGE     " + Plain.text(damage.toString()));
      }
      report.messages().stream()
          .limit(all ? Long.MAX_VALUE : SHOWN)
          .forEach(m -> out.println(line(m)));
      if (!all && report.messages().size() > SHOWN) {
        out.printf("... and %d more, see --all%n", report.messages().size() - SHOWN);
      }
      out.println(
          report.damages().isEmpty()
              ? "No damage."
              : "There is damage; a start keeps a copy of it in "
                  + folder.resolve("damaged")
                  + " and serves the rest.");
    }

    private static String line(StoredEnvelope m) {
      return "%s  %s  %10s  <%s>  %s"
          .formatted(
              m.id(),
              Plain.time(m.receivedAt()),
              Plain.size(m.size()),
              Plain.text(m.envelope().sender().wire()),
              Plain.text(
                  String.join(
                      ", ",
                      m.envelope().recipients().stream().map(r -> r.address().wire()).toList())));
    }

    private static Map<String, Object> json(SpoolVerifier.Report report) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("segments", report.segments());
      fields.put("records", report.records());
      fields.put("messages", report.messages().size());
      fields.put("removed", report.removed());
      fields.put("bytes", report.bytes());
      fields.put("live-bytes", report.liveBytes());
      fields.put("torn-bytes", report.tornBytes());
      fields.put("waiting", report.waiting());
      fields.put("held", report.held());
      fields.put("damages", report.damages().stream().map(Damage::toString).toList());
      return fields;
    }
  }
}
