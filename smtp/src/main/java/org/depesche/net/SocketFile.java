package org.depesche.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/// The file of a Unix domain socket that we listen on.
final class SocketFile {

  private final ListenPlace.Unix place;
  private Optional<Object> key = Optional.empty(); // of the file we have made

  SocketFile(ListenPlace.Unix place) {
    this.place = place;
  }

  /// Listens. A file that a server which is gone has left is replaced; one that somebody listens
  /// on, or that is something else, is not touched.
  ///
  /// The socket gets its permissions before it gets its name, so that nobody comes in between.
  ServerSocketChannel bind(int backlog) throws IOException {
    Path path = place.path();
    checkFree(path);
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(fresh), backlog);
      Files.setPosixFilePermissions(fresh, place.permissions());
      key = keyOf(fresh);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | RuntimeException e) {
      channel.close();
      Files.deleteIfExists(fresh);
      throw e;
    }
    return channel;
  }

  /// Removes the file, unless another has taken its place.
  void remove() throws IOException {
    if (key.isPresent() && key.equals(keyOf(place.path()))) {
      Files.deleteIfExists(place.path());
    }
    key = Optional.empty();
  }

  private static void checkFree(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!attributes(path).isOther()) {
      throw new IOException(path + " is there already and is no socket");
    }
    try (SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      peer.connect(UnixDomainSocketAddress.of(path));
    } catch (ConnectException _) {
      return;
    }
    throw new IOException("somebody listens at " + path + " already");
  }

  private static Optional<Object> keyOf(Path path) throws IOException {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        ? Optional.ofNullable(attributes(path).fileKey())
        : Optional.empty();
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }
}
