package org.depesche.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is on its way to other servers, written down where a killed process leaves it behind.
///
/// Between the last octet of a message and the record of its outcome nobody but the next hop knows
/// whether it has the message (RFC 1047). An attempt that gets so far writes down here which
/// message goes to which host, and takes it back once the outcome is in the spool. The next start
/// finds what its predecessor was about, hands it on again, and can say of which messages there may
/// be two.
///
/// A file of slots that is memory shared with the kernel: writing takes no system call and outlives
/// the process. It does not outlive a power cut; a second copy is unexplained then, and nothing
/// else.
///
/// Safe for use by many threads.
public final class Intents {

  /// An intent that could not be written down, because there was no room.
  static final int NONE = -1;

  /// An attempt that was cut off.
  ///
  /// @param slot where it is written down
  /// @param host where the message went
  record Unfinished(int slot, String host) {}

  private static final int SLOTS = 4_096;
  private static final int SLOT_OCTETS = 64;
  private static final int HOST_AT = 8; // behind the id of the message; 0 for a free slot
  private static final int HOST_OCTETS = SLOT_OCTETS - HOST_AT;

  private final ByteBuffer slots;
  private final ArrayDeque<Integer> free = new ArrayDeque<>(SLOTS);
  private final Map<Long, List<Unfinished>> found = new HashMap<>();

  private Intents(ByteBuffer slots) {
    this.slots = slots;
    for (int slot = 0; slot < SLOTS; slot++) {
      long id = slots.getLong(slot * SLOT_OCTETS);
      if (id == 0) {
        free.addLast(slot);
      } else {
        found.computeIfAbsent(id, _ -> new ArrayList<>(1)).add(new Unfinished(slot, host(slot)));
      }
    }
  }

  /// Kept in a file, which is made when it is missing. One process at a time. Where not all of it
  /// can be written, what is begun is known to this process only.
  ///
  /// @throws IOException when it cannot be used
  public static Intents open(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer former = ByteBuffer.allocate(SLOTS * SLOT_OCTETS);
      for (int at = 0; former.hasRemaining() && at >= 0; ) {
        at = channel.read(former, former.position());
      }
      if (!hasRoom(channel, former.clear())) {
        return new Intents(former.clear());
      }
      return new Intents(channel.map(FileChannel.MapMode.READ_WRITE, 0, former.capacity()));
    }
  }

  /// Writes all of it once as it is: a page of shared memory for which the disk has no room, when
  /// it is first written to, is an error of the machine and no exception.
  private static boolean hasRoom(FileChannel channel, ByteBuffer all) {
    try {
      while (all.hasRemaining()) {
        channel.write(all, all.position());
      }
      return true;
    } catch (IOException e) {
      // Full, beyond a quota, or broken: mail goes out all the same.
      return false;
    }
  }

  /// Kept in memory only.
  public static Intents inMemory() {
    return new Intents(ByteBuffer.allocate(SLOTS * SLOT_OCTETS));
  }

  /// What an earlier process was about with a message and did not finish; the slots are the
  /// caller's to free.
  synchronized List<Unfinished> take(long id) {
    List<Unfinished> its = found.remove(id);
    return its == null ? List.of() : its;
  }

  /// Frees what was found and nobody has taken: its outcome is in the spool.
  synchronized void forgetRest() {
    List<Integer> rest =
        found.values().stream().flatMap(List::stream).map(Unfinished::slot).toList();
    found.clear();
    end(rest);
  }

  /// The end of a message is about to go to a host.
  ///
  /// @return the slot to be freed by `end`, or NONE
  synchronized int begin(long id, String host) {
    Integer slot = free.pollFirst();
    if (slot == null) {
      return NONE;
    }
    byte[] name = new byte[HOST_OCTETS];
    byte[] octets = host.getBytes(UTF_8);
    System.arraycopy(octets, 0, name, 0, Math.min(octets.length, HOST_OCTETS));
    slots.put(slot * SLOT_OCTETS + HOST_AT, name);
    // What makes it count comes last.
    VarHandle.releaseFence();
    slots.putLong(slot * SLOT_OCTETS, id);
    return slot;
  }

  /// The outcomes are in the spool.
  synchronized void end(List<Integer> over) {
    for (int slot : over) {
      if (slot != NONE) {
        slots.putLong(slot * SLOT_OCTETS, 0);
        free.addLast(slot);
      }
    }
  }

  private String host(int slot) {
    byte[] name = new byte[HOST_OCTETS];
    slots.get(slot * SLOT_OCTETS + HOST_AT, name);
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return new String(name, 0, length, UTF_8);
  }
}
