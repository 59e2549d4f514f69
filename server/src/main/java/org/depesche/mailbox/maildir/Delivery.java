package org.depesche.mailbox.maildir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A copy of a message on its way to being durable in a mailbox.
sealed interface Delivery {

  Folder folder();

  /// Completed when the copy is durable, exceptionally with an IOException when it is not.
  CompletableFuture<Void> outcome();

  /// The folders that may hold the copy's name.
  List<Path> holders();

  /// A new copy, complete in `tmp`, to get its name in `new`. Removed when it fails.
  record Fresh(
      Folder folder, Path tmp, Path target, Disk.OpenFile file, CompletableFuture<Void> outcome)
      implements Delivery {

    @Override
    public List<Path> holders() {
      return List.of(folder.fresh());
    }
  }

  /// A copy that is in place already, whose name may not be durable yet.
  record Found(Folder folder, CompletableFuture<Void> outcome) implements Delivery {

    @Override
    public List<Path> holders() {
      return List.of(folder.fresh(), folder.cur());
    }
  }

  default void succeed() {
    folder().anchored().set(true);
    outcome().complete(null);
  }

  default void fail(IOException cause) {
    outcome().completeExceptionally(cause);
  }
}
