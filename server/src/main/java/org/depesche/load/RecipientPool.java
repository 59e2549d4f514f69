package org.depesche.load;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.smtp.AddressParser;

/// Those who get the messages, by turns. Addresses as they are, or patterns: `u{0-9}@example.org`
/// stands for ten, `u{n}@example.org` for one more with every message.
public final class RecipientPool {

  private static final String NUMBER = "{n}";
  private static final Pattern RANGE = Pattern.compile("\\{([0-9]{1,9})-([0-9]{1,9})}");
  private static final long ENDLESS = Long.MAX_VALUE;

  /// Addresses that differ in a number, or a single one.
  private record Template(String text, long first, long count) {

    static Template parse(String text) {
      Matcher range = RANGE.matcher(text);
      if (!range.find()) {
        return new Template(text, 0, text.contains(NUMBER) ? ENDLESS : 1);
      }
      long first = Long.parseLong(range.group(1));
      long last = Long.parseLong(range.group(2));
      if (last < first) {
        throw new IllegalArgumentException("not a range: " + text);
      }
      return new Template(range.replaceFirst(NUMBER), first, last - first + 1);
    }

    Mailbox address(long index) {
      String address = text.replace(NUMBER, Long.toString(first + index));
      return AddressParser.parseMailbox(address, true)
          .orElseThrow(() -> new IllegalArgumentException("not an address: " + address));
    }
  }

  private final List<Template> templates = new ArrayList<>();
  private final long size;

  /// @param addresses addresses and patterns; only the last may be without an end
  /// @throws IllegalArgumentException when one is neither
  public RecipientPool(List<String> addresses) {
    long sum = 0;
    for (String each : addresses) {
      Template template = Template.parse(each);
      // A mistake is told now, not in the middle of a run.
      Mailbox _ = template.address(0);
      if (sum == ENDLESS) {
        throw new IllegalArgumentException("nobody comes after " + templates.getLast().text());
      }
      sum = template.count() == ENDLESS ? ENDLESS : sum + template.count();
      templates.add(template);
    }
    size = sum;
  }

  /// How many addresses there are.
  public long size() {
    return size;
  }

  /// The recipients of a message; all different as long as there are as many.
  ///
  /// @param number of the message, from 0
  List<Recipient> of(long number, int count) {
    List<Recipient> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(new Recipient(address((number * count + i) % size)));
    }
    return all;
  }

  private Mailbox address(long index) {
    long left = index;
    for (Template template : templates) {
      if (left < template.count()) {
        return template.address(left);
      }
      left -= template.count();
    }
    throw new IllegalStateException("no recipient " + index);
  }
}
