package org.depesche.config;

/// Where something stands.
///
/// @param source a file, or `--set`
/// @param line from 1; 0 where there are no lines
public record Position(String source, int line, int column) {

  @Override
  public String toString() {
    return line == 0 ? source : source + ":" + line + ":" + column;
  }
}
