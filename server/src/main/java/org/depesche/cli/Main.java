package org.depesche.cli;

/// The entry point.
public final class Main {

  private Main() {}

  public static void main(String[] args) {
    int code = DepescheCommand.commandLine(args).execute(args);
    // `serve` answers when the server has stopped; whatever threads libraries have left must not
    // keep the process.
    System.out.flush();
    Runtime.getRuntime().halt(code);
  }
}
