package org.depesche.testing;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.depesche.dns.Answer.Trouble;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// A name server on loopback that serves a [Zone], by UDP and TCP on one port, and misbehaves as
/// told.
public final class NameServer implements Closeable {

  private static final int LARGEST = 65_535;
  private static final int MOST_IN_AN_ANSWER = 40;
  private static final byte[] NOTHING = {};

  /// What is sent back; nothing when it is empty, and over TCP that ends the connection.
  @FunctionalInterface
  public interface Manner {

    /// What goes back to who asked.
    ///
    /// @param honest what the zone says
    byte[] reply(Message question, Message honest, boolean tcp) throws IOException;

    /// Tells what the zone says, and by UDP only as much as the asker can take.
    static Manner honest() {
      return (question, honest, tcp) ->
          honest.toWire(
              tcp ? LARGEST : question.getOPT() == null ? 512 : question.getOPT().getPayloadSize());
    }
  }

  private final Zone zone;
  private final Manner manner;
  private final boolean followsAliases;
  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<Message> questions = new CopyOnWriteArrayList<>();

  /// @param followsAliases as recursive servers do; the others stop at each
  public NameServer(String zone, boolean followsAliases, Manner manner) throws IOException {
    this.zone = Zone.parse(zone);
    this.followsAliases = followsAliases;
    this.manner = manner;
    InetAddress loopback = InetAddress.getLoopbackAddress();
    DatagramSocket datagrams = new DatagramSocket(0, loopback);
    Optional<ServerSocket> listening = listen(datagrams, loopback);
    while (listening.isEmpty()) {
      datagrams.close();
      datagrams = new DatagramSocket(0, loopback);
      listening = listen(datagrams, loopback);
    }
    this.udp = datagrams;
    this.tcp = listening.get();
    Thread.ofVirtual().name("name-server-udp").start(this::serveUdp);
    Thread.ofVirtual().name("name-server-tcp").start(this::serveTcp);
  }

  /// On the port of the datagrams, when nobody else has it.
  private static Optional<ServerSocket> listen(DatagramSocket datagrams, InetAddress address)
      throws IOException {
    try {
      return Optional.of(new ServerSocket(datagrams.getLocalPort(), 50, address));
    } catch (BindException _) {
      return Optional.empty();
    }
  }

  public NameServer(String zone) throws IOException {
    this(zone, true, Manner.honest());
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(udp.getLocalAddress(), udp.getLocalPort());
  }

  /// The questions so far, as `udp MX example.org`.
  public List<String> asked() {
    return List.copyOf(asked);
  }

  /// The same as messages.
  public List<Message> questions() {
    return List.copyOf(questions);
  }

  private void serveUdp() {
    byte[] buffer = new byte[LARGEST];
    while (!udp.isClosed()) {
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      try {
        udp.receive(packet);
        byte[] reply = reply(packet.getData(), packet.getLength(), false);
        if (reply.length > 0) {
          udp.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
        }
      } catch (IOException _) {
        // The asker is gone, or this server is closed: the loop sees which.
      }
    }
  }

  private void serveTcp() {
    while (!tcp.isClosed()) {
      try {
        Socket socket = tcp.accept();
        Thread.ofVirtual().name("name-server-connection").start(() -> serve(socket));
      } catch (IOException _) {
        // Closed: the loop sees it.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      while (true) {
        byte[] question = in.readNBytes(in.readUnsignedShort());
        byte[] reply = reply(question, question.length, true);
        if (reply.length == 0) {
          return;
        }
        out.writeShort(reply.length);
        out.write(reply);
      }
    } catch (EOFException _) {
      // The asker is done.
    } catch (IOException _) {
      // The asker is gone.
    }
  }

  private byte[] reply(byte[] bytes, int length, boolean overTcp) throws IOException {
    Message question = new Message(ByteBuffer.wrap(bytes, 0, length));
    Record asking = question.getQuestion();
    asked.add(
        (overTcp ? "tcp " : "udp ")
            + Type.string(asking.getType())
            + " "
            + Zone.fold(asking.getName().toString()));
    questions.add(question);
    Optional<Trouble> trouble = trouble(asking.getName().toString(), asking.getType());
    if (trouble.equals(Optional.of(Trouble.TIMEOUT))) {
      return NOTHING;
    }
    byte[] reply = manner.reply(question, honest(question), overTcp);
    // Garbage ends in the middle of the question.
    return trouble.equals(Optional.of(Trouble.MALFORMED)) ? Arrays.copyOf(reply, 15) : reply;
  }

  private Optional<Trouble> trouble(String name, int type) {
    return zone.trouble(name, Type.string(type));
  }

  private Message honest(Message question) throws IOException {
    Message answer = new Message(question.getHeader().getID());
    answer.getHeader().setFlag(Flags.QR);
    answer.getHeader().setFlag(Flags.RA);
    answer.addRecord(question.getQuestion(), Section.QUESTION);
    String at = question.getQuestion().getName().toString();
    int type = question.getQuestion().getType();
    boolean secure = zone.isSecure(at);
    for (int aliases = 0; aliases < MOST_IN_AN_ANSWER; aliases++) {
      List<Zone.Entry> alias = zone.at(at, "CNAME");
      if (!zone.at(at, Type.string(type)).isEmpty() || alias.isEmpty()) {
        end(answer, at, type);
        break;
      }
      answer.addRecord(record(alias.getFirst()), Section.ANSWER);
      if (!followsAliases) {
        break;
      }
      at = alias.getFirst().data();
      secure &= zone.isSecure(at);
    }
    if (secure && question.getHeader().getFlag(Flags.AD)) {
      answer.getHeader().setFlag(Flags.AD);
    }
    return answer;
  }

  /// What stands at the end of the aliases.
  private void end(Message answer, String at, int type) throws IOException {
    Optional<Trouble> trouble = trouble(at, type);
    if (trouble.isPresent() && trouble.get() != Trouble.MALFORMED) {
      boolean broken = trouble.get() == Trouble.SERVFAIL;
      answer.getHeader().setRcode(broken ? Rcode.SERVFAIL : Rcode.REFUSED);
      return;
    }
    List<Zone.Entry> found = zone.at(at, Type.string(type));
    for (Zone.Entry entry : found) {
      answer.addRecord(record(entry), Section.ANSWER);
    }
    if (found.isEmpty()) {
      answer.getHeader().setRcode(zone.exists(at) ? Rcode.NOERROR : Rcode.NXDOMAIN);
      Optional<Zone.Entry> authority = zone.authority(at);
      if (authority.isPresent()) {
        answer.addRecord(record(authority.get()), Section.AUTHORITY);
      }
    }
  }

  private static Record record(Zone.Entry entry) throws IOException {
    return Record.fromString(
        Name.fromString(entry.name() + "."),
        Type.value(entry.type()),
        DClass.IN,
        entry.ttl(),
        entry.data(),
        Name.root);
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
