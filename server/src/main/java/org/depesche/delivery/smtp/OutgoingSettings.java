package org.depesche.delivery.smtp;

import java.time.Duration;
import org.depesche.smtp.client.Timeouts;

/// How this server speaks to others.
///
/// @param helo our name in EHLO
/// @param mxPort the port of servers that were found by MX; 25 for the world
/// @param connect how long one address may take to answer
/// @param timeouts of the dialogue
/// @param hosts hosts tried in one attempt
/// @param recipientsPerMessage recipients in one transaction (RFC 5321 §4.5.3.1.8 wants servers to
///   take 100)
/// @param messagesPerConnection messages sent over a connection before it is closed
/// @param idle how long an open connection is kept for the next message
/// @param idleConnections open connections kept in all
public record OutgoingSettings(
    String helo,
    int mxPort,
    Duration connect,
    Timeouts timeouts,
    int hosts,
    int recipientsPerMessage,
    int messagesPerConnection,
    Duration idle,
    int idleConnections) {}
