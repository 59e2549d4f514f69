package org.depesche.mailbox.maildir;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.depesche.mail.EnvelopeId;

/// Knows which messages an earlier process put into a mailbox.
///
/// Only a message accepted before this process began can have a copy from before it. So only for
/// those a mailbox is listed, once, and what lies in `new` or `cur` is remembered; messages of
/// today cost nothing. A copy that a reader has deleted or moved to another folder in the meantime
/// cannot be seen and is delivered again: that is the window RFC 1047 leaves.
final class EarlierCopies {

  /// Most copies remembered of more than one mailbox; beyond it, all are forgotten and mailboxes
  /// are listed again.
  static final int MAX_REMEMBERED = 200_000;

  private final CopyName names;
  private final long startedAtMillis;
  private final Map<Path, Set<EnvelopeId>> byFolder = new HashMap<>();
  private int remembered;

  EarlierCopies(CopyName names, long startedAtMillis) {
    this.names = names;
    this.startedAtMillis = startedAtMillis;
  }

  /// True when an earlier process put a copy into the folder, and it is there still.
  synchronized boolean contains(Folder folder, EnvelopeId id) throws IOException {
    if (id.epochMillis() >= startedAtMillis) {
      return false;
    }
    Set<EnvelopeId> copies = byFolder.get(folder.path());
    if (copies == null) {
      copies = list(folder);
      if (remembered + copies.size() > MAX_REMEMBERED) {
        byFolder.clear();
        remembered = 0;
      }
      byFolder.put(folder.path(), copies);
      remembered += copies.size();
    }
    return copies.contains(id);
  }

  private Set<EnvelopeId> list(Folder folder) throws IOException {
    Set<EnvelopeId> copies = new HashSet<>();
    // A reader moves messages from new to cur: listed in this order none is missed.
    for (Path place : List.of(folder.fresh(), folder.cur())) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(place)) {
        for (Path file : files) {
          names
              .idOf(String.valueOf(file.getFileName()))
              .filter(id -> id.epochMillis() < startedAtMillis)
              .ifPresent(copies::add);
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
    }
    return copies;
  }
}
