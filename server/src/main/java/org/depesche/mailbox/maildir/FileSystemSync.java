package org.depesche.mailbox.maildir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One `syncfs(2)` for everything on a file system.
///
/// **When it is trusted.** `syncfs` tells of write errors since Linux 5.8, and only to a descriptor
/// that was open when they happened; so an older kernel is not asked, and the descriptor stays open
/// for as long as mail is written. It is used on file systems of which its behaviour is known;
/// everywhere else each file is synced by itself.
///
/// Used by one thread.
final class FileSystemSync implements Disk.SharedSync {

  private static final Set<String> KNOWN = Set.of("ext4", "xfs", "btrfs");
  private static final Pattern KERNEL = Pattern.compile("(\\d+)\\.(\\d+).*");
  private static final int FIRST_MAJOR = 5;
  private static final int FIRST_MINOR = 8;
  private static final int O_RDONLY_CLOEXEC = 0x80000; // Linux, x86 and ARM alike
  private static final int EINTR = 4;

  private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CALL_STATE.varHandle(PathElement.groupElement("errno")).withInvokeExactBehavior();

  private final Path folder;
  private final Calls calls;
  private final int descriptor;
  private final Arena arena;
  private final MemorySegment callState;

  private FileSystemSync(Path folder, Calls calls, int descriptor, Arena arena) {
    this.folder = folder;
    this.calls = calls;
    this.descriptor = descriptor;
    this.arena = arena;
    this.callState = arena.allocate(CALL_STATE);
  }

  /// Opens the file system a folder is on; empty where `syncfs` is not to be had or not trusted.
  static Optional<Disk.SharedSync> open(Path folder) {
    try {
      if (!trusted(System.getProperty("os.name"), System.getProperty("os.version"))
          || !KNOWN.contains(Files.getFileStore(folder).type())) {
        return Optional.empty();
      }
      Calls calls = Calls.link();
      int descriptor = calls.openFolder(folder);
      return Optional.of(new FileSystemSync(folder, calls, descriptor, Arena.ofShared()));
    } catch (IOException | UnsupportedOperationException | IllegalCallerException _) {
      return Optional.empty();
    }
  }

  /// True for a kernel whose `syncfs` reports write errors.
  static boolean trusted(String system, String version) {
    Matcher kernel = KERNEL.matcher(version);
    if (!system.equals("Linux") || !kernel.matches()) {
      return false;
    }
    int major = Integer.parseInt(kernel.group(1));
    return major > FIRST_MAJOR
        || major == FIRST_MAJOR && Integer.parseInt(kernel.group(2)) >= FIRST_MINOR;
  }

  @Override
  public void sync() throws IOException {
    int error = calls.syncfs(callState, descriptor);
    if (error != 0) {
      throw new IOException("syncfs of the file system of " + folder + ": " + name(error));
    }
  }

  @Override
  public void close() {
    calls.close(descriptor);
    arena.close();
  }

  private static String name(int error) {
    return switch (error) {
      case 5 -> "input/output error";
      case 28 -> "no space left on device";
      case 30 -> "read-only file system";
      case 122 -> "disk quota exceeded";
      default -> "error " + error;
    };
  }

  /// The three system calls.
  private record Calls(MethodHandle open, MethodHandle syncfs, MethodHandle close) {

    /// Restricted because a wrong descriptor crashes the machine's process: these are the
    /// prototypes of open(2), syncfs(2) and close(2).
    @SuppressWarnings("restricted")
    static Calls link() {
      Linker linker = Linker.nativeLinker();
      var libc = linker.defaultLookup();
      var name = libc.find("open");
      var whole = libc.find("syncfs");
      var end = libc.find("close");
      if (name.isEmpty() || whole.isEmpty() || end.isEmpty()) {
        throw new UnsupportedOperationException("no syncfs in the C library");
      }
      FunctionDescriptor onDescriptor =
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
      return new Calls(
          linker.downcallHandle(
              name.get(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
              Linker.Option.firstVariadicArg(2)),
          linker.downcallHandle(whole.get(), onDescriptor, CAPTURE_ERRNO),
          linker.downcallHandle(end.get(), onDescriptor));
    }

    int openFolder(Path folder) throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        int descriptor =
            (int) open.invokeExact(arena.allocateFrom(folder.toString()), O_RDONLY_CLOEXEC);
        if (descriptor < 0) {
          throw new IOException("cannot open " + folder);
        }
        return descriptor;
      } catch (IOException e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("open", e);
      }
    }

    /// Answers the error number, 0 for none.
    int syncfs(MemorySegment callState, int descriptor) {
      try {
        int error;
        do {
          int result = (int) syncfs.invokeExact(callState, descriptor);
          error = result == 0 ? 0 : (int) ERRNO.get(callState, 0L);
        } while (error == EINTR);
        return error;
      } catch (Throwable e) {
        throw new IllegalStateException("syncfs", e);
      }
    }

    void close(int descriptor) {
      try {
        int _ = (int) close.invokeExact(descriptor);
      } catch (Throwable e) {
        throw new IllegalStateException("close", e);
      }
    }
  }
}
