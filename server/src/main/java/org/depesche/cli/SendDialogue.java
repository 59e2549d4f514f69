package org.depesche.cli;

import java.util.function.Consumer;
import org.depesche.smtp.client.Transcript;

/// Shows a dialogue with a server as it happens.
///
/// @param name of the connection, where there are several
record SendDialogue(String name, Consumer<String> print) implements Transcript {

  @Override
  public void client(String line) {
    print.accept(name + "C: " + Plain.text(line));
  }

  @Override
  public void content(long octets) {
    print.accept(name + "C: (message, " + Plain.count(octets, "octet") + ")");
  }

  @Override
  public void server(String line) {
    print.accept(name + "S: " + Plain.text(line));
  }
}
