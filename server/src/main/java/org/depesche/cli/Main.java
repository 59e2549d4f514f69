package org.depesche.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;

/// The entry point. `train` and `rehearse` are for the launcher.
public final class Main {

  /// Enough for the hot paths to be known as such.
  private static final int TRAINING = 4_000;

  private Main() {}

  public static void main(String[] args) {
    int code = run(args);
    // `serve` answers when the server has stopped; whatever threads libraries have left must not
    // keep the process.
    System.out.flush();
    Runtime.getRuntime().halt(code);
  }

  private static int run(String[] args) {
    Optional<ConfigChoice> served = Serving.plainly(args);
    boolean trains = args.length > 0 && args[0].equals("train");
    boolean rehearses = args.length == 2 && args[0].equals("rehearse");
    if (served.isEmpty() && !trains && !rehearses) {
      return DepescheCommand.commandLine(args).execute(args);
    }
    PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
    try {
      if (trains) {
        return new Training(TRAINING, List.of(args).subList(1, args.length)).run();
      }
      return rehearses ? Rehearsal.run(args[1]) : new Serving(served.orElseThrow(), err).run();
    } catch (IOException | InterruptedException | RuntimeException e) {
      err.println(Plain.text(e));
      return 1;
    }
  }
}
