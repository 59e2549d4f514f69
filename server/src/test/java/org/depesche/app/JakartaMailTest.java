package org.depesche.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.depesche.config.ConfigurationLoader;
import org.depesche.directory.password.NewPassword;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Java applications send with, against the whole server.
@Timeout(60)
class JakartaMailTest {

  private static final String PASSWORD = "correct horse";

  @TempDir private Path folder;
  private MailServer server;

  @BeforeEach
  void start() throws Exception {
    Path file = folder.resolve("depesche.toml");
    Files.writeString(
        file,
        """
        hostname = "mx.example.org"
        data-dir = "%s/data"
        [[listener]]
        address = "127.0.0.1:0"
        role = "submission"
        [[listener]]
        address = "127.0.0.1:0"
        role = "submissions"
        [[domain]]
        name = "example.org"
        [[account]]
        address = "ann@example.org"
        password = "%s"
        [[account]]
        address = "ben@example.org"
        """
            .formatted(folder, NewPassword.argon2id(PASSWORD, new SecureRandom())));
    var loaded = (ConfigurationLoader.Loaded) ConfigurationLoader.load(Optional.of(file), Map.of());
    server =
        new MailServer(
            loaded.settings(), () -> loaded, new PrintStream(OutputStream.nullOutputStream()));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private Transport transport(Session session, String user, String password, boolean implicit)
      throws Exception {
    InetSocketAddress address = server.addresses().get(implicit ? 1 : 0);
    Transport transport = session.getTransport(implicit ? "smtps" : "smtp");
    transport.connect("127.0.0.1", address.getPort(), user, password);
    return transport;
  }

  private static Session session(String mechanism) {
    Properties properties = new Properties();
    for (String protocol : List.of("smtp", "smtps")) {
      properties.put("mail." + protocol + ".auth", "true");
      properties.put("mail." + protocol + ".auth.mechanisms", mechanism);
      properties.put("mail." + protocol + ".ssl.trust", "*");
      properties.put("mail." + protocol + ".ssl.checkserveridentity", "false");
      properties.put("mail." + protocol + ".dsn.notify", "FAILURE,DELAY");
      properties.put("mail." + protocol + ".allow8bitmime", "true");
    }
    properties.put("mail.smtp.starttls.enable", "true");
    properties.put("mail.smtp.starttls.required", "true");
    properties.put("mail.mime.allowutf8", "true");
    return Session.getInstance(properties);
  }

  private static MimeMessage message(Session session, String subject) throws Exception {
    MimeMessage message = new MimeMessage(session);
    message.setFrom(new InternetAddress("ann@example.org", "Änne"));
    message.setRecipients(Message.RecipientType.TO, "ben@example.org");
    message.setSubject(subject, "UTF-8");
    message.setText("Grüße\n.\n..\n", "UTF-8");
    message.saveChanges();
    return message;
  }

  private String mail(Path box) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (System.nanoTime() < end) {
      if (Files.isDirectory(box)) {
        try (Stream<Path> files = Files.list(box)) {
          Optional<Path> first = files.findFirst();
          if (first.isPresent()) {
            return Files.readString(first.get());
          }
        }
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("no mail in " + box);
  }

  @ParameterizedTest
  @CsvSource({"PLAIN,false", "LOGIN,false", "PLAIN,true", "LOGIN,true"})
  void sendsByEachMechanismOnBothPorts(String mechanism, boolean implicit) throws Exception {
    Session session = session(mechanism);
    try (Transport transport = transport(session, "ann@example.org", PASSWORD, implicit)) {
      MimeMessage message = message(session, "Grüße");
      transport.sendMessage(message, message.getAllRecipients());
    }

    assertThat(mail(folder.resolve("data/mail/example.org/ben/Maildir/new")))
        .contains("with UTF8SMTPSA", "\r\n.\r\n..\r\n", "From: \"Änne\"");
  }

  @Test
  void aWrongPasswordIsToldAsOne() {
    assertThatThrownBy(() -> transport(session("PLAIN"), "ann@example.org", "wrong", false).close())
        .isInstanceOf(AuthenticationFailedException.class)
        .hasMessageContaining("535 5.7.8");
  }
}
