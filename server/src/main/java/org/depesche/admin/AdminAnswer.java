package org.depesche.admin;

import java.util.List;

/// What came of a call to the API.
public sealed interface AdminAnswer<T> {

  /// It was done.
  ///
  /// @param json the answer as it came
  record Done<T>(T value, String json) implements AdminAnswer<T> {}

  /// The server refused.
  ///
  /// @param status the HTTP status
  /// @param problems details, one each; often none
  record Refused<T>(int status, String error, List<String> problems) implements AdminAnswer<T> {
    public Refused {
      problems = List.copyOf(problems);
    }
  }

  /// No server answers.
  record NotRunning<T>(String why) implements AdminAnswer<T> {}
}
