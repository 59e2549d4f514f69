package org.depesche.load;

import java.util.List;
import java.util.Map;

/// What became of connections that were held and not used.
///
/// @param asked how many were wanted
/// @param opened how many could be made
/// @param stayed how many still answered at the end
/// @param seconds how long they were held
/// @param latency of making them, by the words of a `Measure`
/// @param replies that refused a connection, the most frequent first
/// @param troubles what went wrong without a reply, the most frequent first
public record IdleResult(
    int asked,
    int opened,
    int stayed,
    double seconds,
    Map<String, Latency> latency,
    List<LoadResult.Refusal> replies,
    List<LoadResult.Trouble> troubles) {}
