package org.depesche.mailbox.maildir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/// Asks ext4 to put the folders made in a folder into different parts of the disk (the attribute
/// `T` of chattr(1)), and tells where that is of use.
final class SpreadFolders {

  private static final int O_RDONLY_CLOEXEC = 0x80000; // Linux, x86 and ARM alike
  private static final long FS_IOC_GETFLAGS = 0x80086601L; // 64-bit Linux
  private static final long FS_IOC_SETFLAGS = 0x40086602L;
  private static final int TOP_OF_HIERARCHY = 0x20000; // FS_TOPDIR_FL

  private SpreadFolders() {}

  /// True for a folder on an ext4 file system that is known to have no journal.
  static boolean areOfUse(Path folder) throws IOException {
    FileStore store = Files.getFileStore(folder);
    if (!store.type().equals("ext4")) {
      return false;
    }
    Path device = Path.of(store.name()).getFileName();
    Path options = Path.of("/proc/fs/ext4/" + device + "/options");
    // Only a file system with a journal has a mode in which data goes past it.
    return Files.isReadable(options)
        && Files.readAllLines(options).stream().noneMatch(line -> line.startsWith("data="));
  }

  /// Sets the attribute.
  ///
  /// @throws IOException when the file system does not know it
  /// @throws UnsupportedOperationException where there is no way to ask
  static void in(Path folder) throws IOException {
    Calls calls = Calls.link();
    try (Arena arena = Arena.ofConfined()) {
      int descriptor = calls.open(arena.allocateFrom(folder.toString()));
      if (descriptor < 0) {
        throw new IOException("cannot open " + folder);
      }
      try {
        MemorySegment flags = arena.allocate(ValueLayout.JAVA_LONG);
        if (calls.ioctl(descriptor, FS_IOC_GETFLAGS, flags) != 0) {
          throw new IOException("cannot read the attributes of " + folder);
        }
        flags.set(ValueLayout.JAVA_INT, 0, flags.get(ValueLayout.JAVA_INT, 0) | TOP_OF_HIERARCHY);
        if (calls.ioctl(descriptor, FS_IOC_SETFLAGS, flags) != 0) {
          throw new IOException("cannot set the attributes of " + folder);
        }
      } finally {
        calls.close(descriptor);
      }
    }
  }

  /// The three system calls.
  private record Calls(MethodHandle open, MethodHandle ioctl, MethodHandle close) {

    /// Restricted because a wrong prototype crashes the process: these are those of open(2),
    /// ioctl(2) and close(2).
    @SuppressWarnings("restricted")
    static Calls link() {
      Linker linker = Linker.nativeLinker();
      var libc = linker.defaultLookup();
      var name = libc.find("open");
      var control = libc.find("ioctl");
      var end = libc.find("close");
      if (name.isEmpty() || control.isEmpty() || end.isEmpty()) {
        throw new UnsupportedOperationException("no ioctl in the C library");
      }
      return new Calls(
          linker.downcallHandle(
              name.get(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
              Linker.Option.firstVariadicArg(2)),
          linker.downcallHandle(
              control.get(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.ADDRESS),
              Linker.Option.firstVariadicArg(2)),
          linker.downcallHandle(
              end.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)));
    }

    int open(MemorySegment path) {
      try {
        return (int) open.invokeExact(path, O_RDONLY_CLOEXEC);
      } catch (Throwable e) {
        throw new IllegalStateException("open", e);
      }
    }

    int ioctl(int descriptor, long request, MemorySegment argument) {
      try {
        return (int) ioctl.invokeExact(descriptor, request, argument);
      } catch (Throwable e) {
        throw new IllegalStateException("ioctl", e);
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
