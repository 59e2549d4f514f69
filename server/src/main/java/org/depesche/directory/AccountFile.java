package org.depesche.directory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/// The accounts that commands make, in a TOML file of the data folder. Edits replace the file as a
/// whole, under a lock, so that neither a crash nor a second editor leaves half of one behind. Only
/// its owner may read it.
public final class AccountFile {

  private final Path path;

  public AccountFile(Path path) {
    this.path = path;
  }

  /// The accounts in the file; none when there is no file.
  ///
  /// @throws IOException when it cannot be read, with the place of the mistake in its message
  public List<Account> read() throws IOException {
    if (!Files.exists(path)) {
      return List.of();
    }
    TomlParseResult toml = Toml.parse(path);
    if (toml.hasErrors()) {
      var error = toml.errors().getFirst();
      throw new IOException(
          path
              + ":"
              + error.position().line()
              + ":"
              + error.position().column()
              + ": "
              + error.getMessage());
    }
    List<Account> accounts = new ArrayList<>();
    TomlArray tables = toml.getArray("account");
    for (int i = 0; tables != null && i < tables.size(); i++) {
      var position = tables.inputPositionOf(i);
      accounts.add(account(tables.getTable(i), position == null ? 0 : position.line()));
    }
    return accounts;
  }

  private Account account(TomlTable table, int line) throws IOException {
    List<Mailbox> aliases = new ArrayList<>();
    TomlArray listed = table.getArrayOrEmpty("aliases");
    for (int i = 0; i < listed.size(); i++) {
      aliases.add(mailbox(String.valueOf(listed.get(i)), line));
    }
    return new Account(
        mailbox(table.getString("address", () -> ""), line),
        Optional.ofNullable(table.getString("password")),
        aliases);
  }

  private Mailbox mailbox(String text, int line) throws IOException {
    return AddressParser.parseMailbox(text, true)
        .orElseThrow(() -> new IOException(path + ":" + line + ": '" + text + "' is no address"));
  }

  /// When the file was last changed; empty when there is none.
  Optional<FileTime> changed() throws IOException {
    return Files.exists(path) ? Optional.of(Files.getLastModifiedTime(path)) : Optional.empty();
  }

  /// Changes the accounts; nobody else changes them meanwhile.
  ///
  /// @throws IOException when the file cannot be read or written; it is then as it was
  public void edit(UnaryOperator<List<Account>> change) throws IOException {
    Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path lock = path.resolveSibling(path.getFileName() + ".lock");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      write(change.apply(read()), folder);
    }
  }

  private void write(List<Account> accounts, Path folder) throws IOException {
    Path next = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(next);
    Files.createFile(
        next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(toml(accounts));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static String toml(List<Account> accounts) {
    StringBuilder out =
        new StringBuilder("# Written by `depesche user`; edit it while nobody else does.\n");
    for (Account account : accounts) {
      out.append("\n[[account]]\naddress = ").append(quoted(account.address().wire())).append('\n');
      account.password().ifPresent(p -> out.append("password = ").append(quoted(p)).append('\n'));
      if (!account.aliases().isEmpty()) {
        out.append("aliases = ")
            .append(account.aliases().stream().map(a -> quoted(a.wire())).toList())
            .append('\n');
      }
    }
    return out.toString();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
