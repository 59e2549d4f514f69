package org.depesche.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.depesche.smtp.server.Client;
import org.depesche.smtp.server.Incoming;
import org.depesche.smtp.server.Receipt;
import org.depesche.smtp.server.ReceiveException;
import org.depesche.smtp.server.Receiver;

/// A receiver that takes everything, remembers it, and can be told to refuse or to break.
public final class RecordingReceiver implements Receiver {

  /// A message that was accepted.
  ///
  /// @param text its content, a character for each byte
  public record Message(Client client, Envelope envelope, String text) {}

  private final Map<String, Reply> refusals = new ConcurrentHashMap<>();
  private final Map<String, Reply> failures = new ConcurrentHashMap<>();
  private final Map<String, String> faults = new ConcurrentHashMap<>();
  private final List<Message> messages = new CopyOnWriteArrayList<>();
  private final List<String> aborted = new CopyOnWriteArrayList<>();
  private final List<String> endings = new CopyOnWriteArrayList<>();
  private final List<String> refused = new CopyOnWriteArrayList<>();
  private final List<String> troubles = new CopyOnWriteArrayList<>();
  private final List<String> misuse = new CopyOnWriteArrayList<>();

  /// Refuses from now on: what a method is asked.
  ///
  /// @param call a method's name, or `recipient ADDRESS`; `finish` for the whole message
  public RecordingReceiver refuse(String call, Reply reply) {
    refusals.put(call, reply);
    return this;
  }

  /// Throws a ReceiveException from now on, from `begin`, `write` or `finish`.
  public RecordingReceiver fail(String call, Reply reply) {
    failures.put(call, reply);
    return this;
  }

  /// Throws what a receiver should not throw, from a method.
  public RecordingReceiver breakAt(String call) {
    faults.put(call, call);
    return this;
  }

  /// Is well again.
  public void heal() {
    refusals.clear();
    failures.clear();
    faults.clear();
  }

  public List<Message> messages() {
    return messages;
  }

  /// One entry for each `abort`.
  public List<String> aborted() {
    return aborted;
  }

  /// How the sessions ended, such as `quit 1`: reason and number of messages.
  public List<String> endings() {
    return endings;
  }

  /// What the sessions refused themselves: command, reply and reason.
  public List<String> refused() {
    return refused;
  }

  public List<String> troubles() {
    return troubles;
  }

  /// Calls that broke the rules of the port, such as a second `abort`.
  public List<String> misuse() {
    return misuse;
  }

  @Override
  public Verdict connected(Client client) {
    return verdict("connected");
  }

  @Override
  public Verdict greeted(Client client) {
    return verdict("greeted");
  }

  @Override
  public Verdict sender(Client client, Envelope envelope, long declaredSize) {
    return verdict("sender");
  }

  @Override
  public Verdict recipient(Client client, Envelope envelope, Recipient recipient) {
    return Optional.ofNullable(refusals.get("recipient " + recipient.address()))
        .map(reply -> Verdict.refuse(reply, "told to refuse"))
        .orElseGet(() -> verdict("recipient"));
  }

  @Override
  public Incoming begin(Client client, Envelope envelope) throws ReceiveException {
    failIfTold("begin");
    if (envelope.recipients().isEmpty()) {
      misuse.add("begin without recipients");
    }
    return new Recording(client, envelope);
  }

  @Override
  public void refused(Client client, String command, Reply reply, String reason) {
    refused.add(command + " | " + reply + " | " + reason);
    breakIfTold("refused");
  }

  @Override
  public void troubled(Client client, String call, RuntimeException cause) {
    troubles.add(call);
  }

  @Override
  public void ended(Client client, String reason, int accepted) {
    endings.add(reason + " " + accepted);
    breakIfTold("ended");
  }

  private Verdict verdict(String call) {
    breakIfTold(call);
    Supplier<Verdict> accept = Verdict::accept;
    return Optional.ofNullable(refusals.get(call))
        .map(reply -> Verdict.refuse(reply, "told to refuse"))
        .orElseGet(accept);
  }

  private void breakIfTold(String call) {
    if (faults.containsKey(call)) {
      throw new IllegalStateException("told to break at " + call);
    }
  }

  private void failIfTold(String call) throws ReceiveException {
    breakIfTold(call);
    Reply reply = failures.get(call);
    if (reply != null) {
      throw new ReceiveException(reply, "told to fail at " + call);
    }
  }

  private final class Recording implements Incoming {

    private final Client client;
    private final Envelope envelope;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private boolean ended;

    private Recording(Client client, Envelope envelope) {
      this.client = client;
      this.envelope = envelope;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws ReceiveException {
      if (ended) {
        misuse.add("write behind the end");
      }
      if (length <= 0) {
        misuse.add("write of nothing");
      }
      failIfTold("write");
      content.write(bytes, offset, length);
    }

    @Override
    public Receipt finish() throws ReceiveException {
      endOnce("finish");
      failIfTold("finish");
      Reply refusal = refusals.get("finish");
      if (refusal != null) {
        return new Receipt.Refused(refusal, "told to refuse");
      }
      messages.add(new Message(client, envelope, content.toString(StandardCharsets.ISO_8859_1)));
      return new Receipt.Accepted(Reply.of(250, "2.0.0", "Message accepted"));
    }

    @Override
    public void abort() {
      endOnce("abort");
      aborted.add(envelope.sender().toString());
      breakIfTold("abort");
    }

    private void endOnce(String how) {
      if (ended) {
        misuse.add(how + " behind the end");
      }
      ended = true;
    }
  }
}
