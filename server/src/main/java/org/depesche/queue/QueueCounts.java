package org.depesche.queue;

/// How much is in the queue.
///
/// @param messages messages with something to do
/// @param waiting deliveries that wait
/// @param running attempts that run
/// @param held recipients that wait for an operator
/// @param destinations destinations with something to do
public record QueueCounts(long messages, long waiting, int running, long held, int destinations) {}
