"""Load that is written down, for tests that kill the server: what was sent, what was acknowledged, what became of it."""

import collections
import re
import socket
import threading
import time

from harness import message, reply

USERS = ('alice', 'bob')
HERE = 'example.org'


def mailboxes_here(chance):
    """Mail for the two accounts: mostly small; now and then big enough to be streamed into the spool in chunks."""
    return f'{chance.choice(USERS)}@{HERE}', chance.choice((100, 1000, 10_000, 10_000, 400_000))


class Sender(threading.Thread):
    """Sends numbered messages as fast as it can and remembers which were acknowledged, and where the others were cut off."""

    def __init__(self, port, name, chance, pick=mailboxes_here, pause=0):
        super().__init__(daemon=True)
        self.port, self.label, self.chance, self.pick, self.pause = port, name, chance, pick, pause
        self.acknowledged, self.cut, self.sent, self.running = [], [], 0, True

    def run(self):
        while self.running:
            try:
                with socket.create_connection(('127.0.0.1', self.port), 2) as s:
                    s.settimeout(20)
                    reply(s)
                    s.sendall(b'EHLO client.test\r\n')
                    reply(s)
                    lines = s.makefile('rb')
                    for _ in range(20):
                        if not self.running or not self.one(s, lines):
                            break
            except OSError:
                time.sleep(0.02)

    def one(self, s, lines):
        """Sends a message; true when it was acknowledged."""
        key = f'{self.label}-{self.sent}'
        self.sent += 1
        to, size = self.pick(self.chance)
        s.sendall(f'MAIL FROM:<s@client.test>\r\nRCPT TO:<{to}>\r\nDATA\r\n'.encode())
        for expected in (b'250', b'250', b'354'):
            if not lines.readline().startswith(expected):
                return False
        phase = 'content'
        try:
            self.content(s, message('id ' + key, size).encode())
            s.sendall(b'.\r\n')
            phase = 'answer'
            if lines.readline().startswith(b'250'):
                self.acknowledged.append((key, to, size))
                phase = None
        finally:
            if phase:
                self.cut.append((key, to, phase))
        return not phase

    def content(self, s, content):
        if not self.pause:
            s.sendall(content)
            return
        for at in range(0, len(content), 16_384):
            s.sendall(content[at:at + 16_384])
            time.sleep(self.pause)


class Ledger:
    """What senders were told, and whether it is true."""

    def __init__(self):
        self.acknowledged, self.cut = [], []

    def close(self, senders):
        """Ends senders and takes over what they know."""
        for s in senders:
            s.running = False
        for s in senders:
            s.join()
            self.acknowledged += s.acknowledged
            self.cut += s.cut

    def elsewhere(self):
        """The keys of what was acknowledged for other servers."""
        return {key for key, to, _ in self.acknowledged if not to.endswith('@' + HERE)}

    def check_mailboxes(self, test, server, seconds=60):
        """Every acknowledged message is in its mailbox, whole and once. Returns what is there beyond them."""
        acknowledged = {(k, to.split('@')[0]): size for k, to, size in self.acknowledged if to.endswith('@' + HERE)}
        missing, end = acknowledged, time.time() + seconds
        while missing and time.time() < end:
            found, sizes = mailboxes(test, server)
            missing = [k for k in acknowledged if k not in found]
            if missing:
                time.sleep(0.5)
        test.assertEqual(missing, [], f'{len(missing)} acknowledged messages lost of {len(acknowledged)}\n{server.output()}')
        for k, size in acknowledged.items():
            test.assertGreater(sizes[k], size)
        # A kill between a copy's name and the record of it delivers again under the same name: even those fall together.
        test.assertEqual([k for k, n in found.items() if n > 1], [], 'duplicates')
        return found.keys() - acknowledged.keys()


def mailboxes(test, server):
    """How often each message is there, by key and user, and how big it is."""
    found, sizes = collections.Counter(), {}
    for user in USERS:
        for mail in server.mails(user):
            key = re.search(rb'^Subject: id (\S+)\r$', mail, re.M)
            test.assertIsNotNone(key, 'every file in new/ is a whole message')
            test.assertTrue(mail.endswith(b'ok\r\n'), 'no file in new/ is torn')
            found[(key[1].decode(), user)] += 1
            sizes[(key[1].decode(), user)] = len(mail)
    return found, sizes
