package org.depesche.queue;

/// How the queue works.
///
/// @param schedule when to try again
/// @param perDestination attempts running at once for one destination
/// @param total attempts running at once
public record QueueSettings(RetrySchedule schedule, int perDestination, int total) {}
