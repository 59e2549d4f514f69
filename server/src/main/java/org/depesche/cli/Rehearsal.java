package org.depesche.cli;

import java.util.List;
import java.util.stream.Stream;

/// `rehearse`: goes through commands once, in a JVM that records what they load. `Training` runs it
/// beside a server, so that there is one to be asked.
final class Rehearsal {

  private static final int TRIES = 100;
  private static final int PAUSE_MILLIS = 100;

  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("status", "--json"),
          List.of("queue", "list"),
          List.of("queue", "retry", "--dry-run", "--all"),
          List.of("explain", "somebody@here.test"),
          List.of("explain", "--from", "anybody@there.test", "--to", "somebody@here.test"),
          List.of("logins"),
          List.of("user", "list"),
          List.of("config", "check"),
          List.of("reload"));

  private Rehearsal() {}

  /// Goes through them, once the server answers.
  ///
  /// @param config the server's configuration
  /// @return the exit code
  static int run(String config) throws InterruptedException {
    for (int tries = 0; run(List.of("status"), config) != 0; tries++) {
      if (tries == TRIES) {
        return 1;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    int failed = 0;
    for (List<String> command : COMMANDS) {
      failed += run(command, config) == 0 ? 0 : 1;
    }
    return failed == 0 ? 0 : 1;
  }

  private static int run(List<String> command, String config) {
    String[] args =
        Stream.concat(command.stream(), Stream.of("--config", config)).toArray(String[]::new);
    return DepescheCommand.commandLine(args).execute(args);
  }
}
