package org.depesche.mailbox.maildir;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The file `maildirsize` of Maildir++, in which every program that adds or removes messages keeps
/// count of a mailbox with a quota: the quota in the first line, octets and messages more or fewer
/// in each line after it. Dovecot and Courier keep and read it too.
final class MaildirSize {

  static final String NAME = "maildirsize";

  /// Larger ones are counted anew, by the rules of Maildir++.
  private static final int MAX_OCTETS = 5120;

  /// How old a count may be that keeps mail out.
  private static final long STALE_MILLIS = 60_000;

  private static final Pattern SIZE_IN_NAME = Pattern.compile(",S=(\\d+)");

  private final Path maildir;
  private final Path file;

  MaildirSize(Path maildir) {
    this.maildir = maildir;
    this.file = maildir.resolve(NAME);
  }

  /// A message was added. Without a file nobody counts, and nobody begins now. A count that cannot
  /// be kept is no reason to say that the message is not there: it is made again when it is needed.
  void added(long octets) {
    if (!Files.exists(file)) {
      return;
    }
    try {
      Files.write(file, (octets + " 1\n").getBytes(US_ASCII), StandardOpenOption.APPEND);
    } catch (IOException _) {
      forget();
    }
  }

  private void forget() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      // Then it is wrong by a message, until it keeps mail out and is made again.
    }
  }

  /// Octets in all folders of the mailbox.
  ///
  /// @param quota in octets; what is counted for another one is counted anew
  /// @param clock for what is said to be full: a count that is not of this minute is made again,
  ///   since somebody may have tidied up without saying so
  long used(long quota, InstantSource clock) throws IOException {
    List<String> lines;
    Instant counted;
    try {
      byte[] text = Files.readAllBytes(file);
      counted = Files.getLastModifiedTime(file).toInstant();
      lines = text.length > MAX_OCTETS ? List.of() : new String(text, US_ASCII).lines().toList();
    } catch (NoSuchFileException _) {
      lines = List.of();
      counted = Instant.EPOCH;
    }
    long sum = sum(lines, quota);
    boolean stale = counted.toEpochMilli() < clock.millis() - STALE_MILLIS || lines.size() > 2;
    return sum < 0 || sum >= quota && stale ? count(quota) : sum;
  }

  /// What the lines come to; negative when they make no sense or are for another quota.
  private static long sum(List<String> lines, long quota) {
    if (lines.isEmpty() || !lines.getFirst().equals(quota + "S")) {
      return -1;
    }
    long sum = 0;
    for (String line : lines.subList(1, lines.size())) {
      String[] parts = line.strip().split("\\s+", -1);
      if (parts.length != 2 || !parts[0].matches("-?\\d{1,18}")) {
        return -1;
      }
      sum += Long.parseLong(parts[0]);
    }
    return sum;
  }

  /// Counts anew and writes it down.
  private long count(long quota) throws IOException {
    long octets = 0;
    long messages = 0;
    for (Path folder : folders()) {
      for (String part : List.of("new", "cur")) {
        for (Path message : entries(folder.resolve(part))) {
          octets += size(message);
          messages++;
        }
      }
    }
    if (Files.isDirectory(maildir)) {
      Path fresh = maildir.resolve(NAME + "." + Thread.currentThread().threadId());
      Files.writeString(fresh, quota + "S\n" + octets + " " + messages + "\n", US_ASCII);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return octets;
  }

  /// The mailbox itself and the folders in it, each a Maildir with a dot before its name.
  private List<Path> folders() throws IOException {
    List<Path> folders = new ArrayList<>();
    folders.add(maildir);
    for (Path each : entries(maildir)) {
      if (each.getFileName().toString().startsWith(".") && Files.isDirectory(each)) {
        folders.add(each);
      }
    }
    return folders;
  }

  private static List<Path> entries(Path folder) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      all.forEach(entries::add);
    } catch (NoSuchFileException | NotDirectoryException _) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return entries;
  }

  private static long size(Path message) throws IOException {
    Matcher named = SIZE_IN_NAME.matcher(message.getFileName().toString());
    if (named.find() && named.group(1).length() < 19) {
      return Long.parseLong(named.group(1));
    }
    try {
      return Files.size(message);
    } catch (NoSuchFileException _) {
      // Somebody has just moved or read it.
      return 0;
    }
  }
}
