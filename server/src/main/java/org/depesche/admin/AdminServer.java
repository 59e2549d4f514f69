package org.depesche.admin;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.depesche.telemetry.Timelines;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP API of a running server. Starting takes some tenths of a second and may be done on a
/// thread of its own while mail already flows; `close` then waits for it.
///
/// The socket listens and `admin.json` is written first of all, before the HTTP server is even
/// loaded: who asks in between waits in the backlog and is not told that no server runs.
///
/// Requests run on virtual threads; one platform thread selects and accepts.
public final class AdminServer implements AutoCloseable {

  private static final int TOKEN_BYTES = 32;

  /// Connections at a time; more wait in the system's backlog.
  private static final int MAX_CONNECTIONS = 64;

  private static final int MAX_HEADER_BYTES = 8 * 1024;
  private static final int MAX_BODY_BYTES = 64 * 1024;
  private static final Duration IDLE = Duration.ofSeconds(30);

  /// How long a connection without a request is kept when the API is closed.
  private static final Duration SHUTDOWN_IDLE = Duration.ofMillis(50);

  /// How long requests may still run when the API is closed.
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(2);

  /// One selects; Jetty wants some to spare for its own tasks.
  private static final int MAX_PLATFORM_THREADS = 4;

  private final AdminSettings settings;
  private final Path dataDir;
  private final AdminTarget target;
  private final Timelines history;
  private final Supplier<String> metrics;
  private final SecureRandom random;
  private final ReentrantLock lock = new ReentrantLock();

  /// Null while it is not running. Guarded by `lock`, as is `closed`.
  private @Nullable Running running;

  private boolean closed;

  private record Running(Javalin javalin, AdminFile file) {}

  /// @param dataDir where `admin.json` is put
  /// @param metrics makes the text of `/metrics`
  public AdminServer(
      AdminSettings settings,
      Path dataDir,
      AdminTarget target,
      Timelines history,
      Supplier<String> metrics,
      SecureRandom random) {
    this.settings = settings;
    this.dataDir = dataDir;
    this.target = target;
    this.history = history;
    this.metrics = metrics;
    this.random = random;
  }

  /// Listens and writes `admin.json`. Does nothing after `close`.
  ///
  /// @throws AdminException when the address cannot be bound or the file not be written
  public void start() {
    lock.lock();
    try {
      if (!closed && running == null) {
        running = run(bind());
      }
    } finally {
      lock.unlock();
    }
  }

  /// Base address of the API.
  ///
  /// @throws IllegalStateException when it is not running
  public String url() {
    lock.lock();
    try {
      if (running == null) {
        throw new IllegalStateException("the API is not running");
      }
      return running.file().url();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (running == null) {
        return;
      }
      remove(running.file());
      stop(running.javalin());
      running = null;
    } finally {
      lock.unlock();
    }
  }

  private ServerSocketChannel bind() {
    ServerSocketChannel channel = null;
    try {
      channel = ServerSocketChannel.open();
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      InetAddress host = InetAddress.getAllByName(settings.host())[0];
      return channel.bind(new InetSocketAddress(host, settings.port()), MAX_CONNECTIONS);
    } catch (IOException e) {
      close(channel);
      throw new AdminException(
          "the API cannot listen on %s port %d: %s"
              .formatted(settings.host(), settings.port(), e.getMessage()),
          e);
    }
  }

  private Running run(ServerSocketChannel channel) {
    String token = newToken();
    AdminFile file = describe(channel.socket().getLocalPort(), token);
    try {
      file.write(dataDir);
    } catch (IOException e) {
      close(channel);
      throw new AdminException("admin.json cannot be written: " + e.getMessage(), e);
    }
    Javalin javalin = Javalin.create(config -> configure(config, token, channel));
    try {
      javalin.start();
      return new Running(javalin, file);
    } catch (RuntimeException e) {
      remove(file);
      stop(javalin);
      close(channel);
      throw new AdminException("the API cannot start: " + e.getMessage(), e);
    }
  }

  private AdminFile describe(int port, String token) {
    String host =
        switch (settings.host()) {
          case "0.0.0.0", "localhost" -> "127.0.0.1";
          case "::", "[::]" -> "[::1]";
          case String h when h.indexOf(':') >= 0 && !h.startsWith("[") -> "[" + h + "]";
          case String h -> h;
        };
    String url = "http://" + host + ":" + port;
    return new AdminFile(url, port, token, ProcessHandle.current().pid());
  }

  private String newToken() {
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private void configure(JavalinConfig config, String token, ServerSocketChannel channel) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.http.maxRequestSize = MAX_BODY_BYTES;
    config.jetty.threadPool = threads();
    config.jetty.modifyHttpConfiguration(AdminServer::harden);
    config.jetty.addConnector((server, http) -> connector(server, http, channel));
    config.jetty.modifyServer(
        server -> {
          server.setErrorHandler(new JsonErrors());
          server.setStopTimeout(STOP_PATIENCE.toMillis());
        });
    new AdminApi(new Gatekeeper(token, settings.name()), target, history, metrics)
        .addTo(config.routes);
  }

  private static QueuedThreadPool threads() {
    QueuedThreadPool pool = new QueuedThreadPool(MAX_PLATFORM_THREADS, 1);
    pool.setName("admin");
    pool.setDaemon(true);
    pool.setReservedThreads(0);
    pool.setVirtualThreadsExecutor(task -> Thread.ofVirtual().name("admin-request").start(task));
    return pool;
  }

  private static void harden(HttpConfiguration http) {
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(MAX_HEADER_BYTES);
    // By default a header that differs from an earlier one of the connection in case only is taken
    // for that one, tokens included.
    http.setHeaderCacheCaseSensitive(true);
  }

  private static ServerConnector connector(
      Server server, HttpConfiguration http, ServerSocketChannel channel) {
    ServerConnector connector = new ServerConnector(server, 0, 1, new HttpConnectionFactory(http));
    connector.setIdleTimeout(IDLE.toMillis());
    connector.setShutdownIdleTimeout(SHUTDOWN_IDLE.toMillis());
    connector.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, connector));
    try {
      connector.open(channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return connector;
  }

  private void remove(AdminFile file) {
    try {
      file.remove(dataDir);
    } catch (IOException | AdminException e) {
      log().warn("admin.json cannot be removed: {}", e.getMessage());
    }
  }

  private static void close(@Nullable ServerSocketChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      log().warn("closing the API's socket: {}", e.toString());
    }
  }

  private static void stop(Javalin javalin) {
    try {
      javalin.stop();
    } catch (RuntimeException e) {
      log().warn("stopping the API: {}", e.toString());
    }
  }

  /// Asked for when there is something to say: a start without trouble does without a logger.
  private static Logger log() {
    return LoggerFactory.getLogger(AdminServer.class);
  }
}
