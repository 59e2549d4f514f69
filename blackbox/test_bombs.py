"""Content made to cost more than it should, through every place that reads more of a message than its envelope: header
rewriting of submission, recoding for a next hop that takes seven bits only, notifications. The heap of the server is small
here, so that what is kept without a bound ends it."""

import contextlib
import smtplib
import threading
import time
import unittest

from harness import message
from remotes import Taker
from test_submission import PASSWORD, Submission

HEAP = '-Xmx96m'
LONGEST = 10  # seconds for any of them; most take less than one

TYPE = 'Content-Type: multipart/mixed; boundary='


def nested(depth):
    return ''.join(f'{TYPE}"{i}"\r\n\r\n--{i}\r\n' for i in range(depth))


def parts(count):
    return f'{TYPE}b\r\n\r\n' + '--b\r\n\r\nx\r\n' * count + '--b\r\n\r\n\xfc\r\n--b--\r\n'


HEADERS = {
    'fields': ''.join(f'X-{i}: {i}\r\n' for i in range(100_000)),
    'folded': 'X-Folded: a' + '\r\n b' * 300_000 + '\r\n',
    'long line': 'X-Long: ' + 'a' * 10_000_000 + '\r\n',
    'comments': 'To: ' + '(' * 1_000_000 + '\r\n',
    'quoted': 'Cc: ' + '"a\\"b", ' * 120_000 + '\r\n',
    'folded quotes': 'Cc: "' + '\r\n "' * 200_000 + '\r\n',
    'groups': 'To: ' + 'a:b@c.test;,' * 80_000 + '\r\n',
    'encoded words': 'X-Words: ' + '=?utf-8?q?=41?= ' * 60_000 + '\r\n',
}

# Behind the header, up to the end; those that can be recoded and those that cannot.
RECODED = {
    'no end': f'{TYPE}b\r\n\r\n--b\r\n\r\n\xfc\r\n',
    'label too small': 'Content-Transfer-Encoding: 7bit\r\n\r\n\xfc\r\n',
    'prefixes': ''.join(f'{TYPE}{"b" * i}\r\n\r\n--{"b" * i}\r\n' for i in range(1, 45)) + '\r\n\xfc\r\n--b--\r\n',
    'blanks': f'{TYPE}b\r\n\r\n--b\r\n' * 45 + '\r\n\xfc\r\n' + ('--b' + ' ' * 4000 + 'x\r\n') * 500 + '--b--\r\n',
    'parts': f'{TYPE}b\r\n\r\n' + '--b\r\n\r\n\xfc\r\n' * 9_000 + '--b--\r\n',
    'eight bits': '\r\n' + ('\xfc' * 900 + '\r\n') * 5_000,
}
REFUSED = {
    'nested': nested(10_000) + '\r\n\xfc\r\n',
    'nested, and lines like boundaries': nested(30_000) + '\r\n' + '--x\r\n' * 400_000 + '\xfc\r\n',
    'messages in messages': 'Content-Type: message/rfc822\r\n\r\n' * 10_000 + '\r\n\xfc\r\n',
    'too many parts': parts(100_000),
    'long types': f'{TYPE}b\r\n\r\n' + f'--b\r\nContent-Type: text/{"t" * 4000}\r\n\r\n\r\n' * 2_000
                  + '--b\r\nContent-Transfer-Encoding: base64\r\n\r\n\xfc\r\n--b--\r\n',
    'long boundary': f'{TYPE}"{"b" * 10_000}"\r\n\r\n--{"b" * 10_000}\r\n\r\n\xfc\r\n',
    'escaped boundary': f'{TYPE}"' + '\\b' * 4_000 + '"\r\n\r\n\xfc\r\n',
    'label too great': 'Content-Transfer-Encoding: base64\r\n\r\n\xfc\r\n',
    'preamble': f'{TYPE}b\r\n\r\n\xfc\r\n--b\r\n\r\nx\r\n--b--\r\n',
}
BODIES = {**RECODED, **REFUSED}


def bomb(name):
    content = f'From: <carol@example.org>\r\nSubject: {name}\r\nMIME-Version: 1.0\r\n'
    content += HEADERS[name] + '\r\n\xfc\r\n' if name in HEADERS else BODIES[name]
    return content.encode('latin-1')


class Beside(threading.Thread):
    """An honest sender that goes on all the while."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.over = threading.Event()
        self.took = []
        self.trouble = []

    def run(self):
        while not self.over.is_set():
            start = time.time()
            try:
                with self.server.smtp() as c:
                    c.sendmail('s@client.test', ['postmaster@example.org'], message('beside'))
            except (OSError, smtplib.SMTPException) as e:
                self.trouble.append(e)
                return
            self.took.append(time.time() - start)
            self.over.wait(0.2)

    def __enter__(self):
        self.before = len(self.server.mails('postmaster'))
        self.start()
        return self

    def __exit__(self, *exc):
        self.over.set()
        self.join(30)
        if not exc[0]:
            assert not self.trouble, self.trouble
            assert self.took and max(self.took) < 5, self.took
            self.server.wait_mails('postmaster', self.before + len(self.took))


class Bombs(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        """One server for all: what an earlier bomb has left behind is there for the next."""
        cls.taker = Taker(offers=(), refuse=[('nobody@', '550 5.1.1 no such user')])
        cls.house = Submission('[relay]\nnetworks = ["127.0.0.0/8"]\n[queue]\nretry = ["1s"]\n'
                               '[submission]\ncomplete-addresses = "example.org"\n'
                               f'[[route]]\ndomain = "seven.test"\nto = "smtp://127.0.0.1:{cls.taker.port}"\n')
        cls.server = cls.house.server
        cls.server.java_opts = HEAP
        cls.house.__enter__()

    @classmethod
    def tearDownClass(cls):
        try:
            assert cls.server.stop() == 0, 'something keeps it from stopping:\n' + cls.server.output()
        finally:
            cls.server.close()
            cls.taker.close()

    @contextlib.contextmanager
    def swift(self, what):
        start = time.time()
        yield
        self.assertLess(time.time() - start, LONGEST, what)

    def test_into_a_mailbox(self):
        with Beside(self.server):
            before = len(self.server.mails('alice'))
            for name in (*HEADERS, *BODIES):
                with self.swift(name), self.server.smtp() as c:
                    c.sendmail('s@client.test', ['alice@example.org'], bomb(name), ['BODY=8BITMIME'])
            loop = b'Received: by x\r\n' * 100_000 + b'\r\nok\r\n'
            with self.swift('loop'), self.assertRaises(smtplib.SMTPDataError) as refused, self.server.smtp() as c:
                c.sendmail('s@client.test', ['alice@example.org'], loop)
            self.assertEqual(refused.exception.smtp_code, 554)
            self.server.wait_mails('alice', before + len(HEADERS) + len(BODIES))

    def test_by_submission(self):
        """A header up to its limit is rewritten, a longer one is refused; what is behind it is nobody's business."""
        bombs = [(name, bomb(name), 552 if name in HEADERS else 250) for name in (*HEADERS, *BODIES)]
        for name, content in HEADERS.items():
            # Cut where it may be in the middle of a quoted string: nobody can tell whom that names.
            cut = content[:200_000].rstrip()
            bombs.append((name + ', cut', f'{cut}\r\n\r\nok\r\n'.encode(), 250))
            if name in ('comments', 'quoted', 'folded quotes', 'groups'):
                author = 'From:' + cut.partition(':')[2]
                bombs.append((name + ', as author', f'{author}\r\n\r\nok\r\n'.encode(), 550))
        with Beside(self.server), self.house.smtp() as c:
            c.login('carol@example.org', PASSWORD)
            for name, content, code in bombs:
                with self.swift(name):
                    c.mail('carol@example.org', ['BODY=8BITMIME'])
                    c.rcpt('alice@example.org')
                    self.assertEqual(c.data(content)[0], code, name)

    def test_no_author_hides_behind_a_line_feed(self):
        with self.house.smtp() as c:
            c.login('carol@example.org', PASSWORD)
            c.mail('carol@example.org', ['BODY=BINARYMIME'])
            c.rcpt('alice@example.org')
            content = b'X: a\nFrom: bob@example.org\r\nSubject: forged\r\n\r\nhi\r\n'
            c.putcmd('BDAT', f'{len(content)} LAST')
            c.send(content)
            self.assertEqual(c.getreply()[0], 550)

    def test_to_a_next_hop_that_takes_seven_bits(self):
        """What can be recoded arrives so, what cannot is told to its sender; nothing waits."""
        names = [*HEADERS, *BODIES]
        with Beside(self.server):
            for name in names:
                with self.swift(name), self.server.smtp() as c:
                    c.sendmail('bob@example.org', ['x@seven.test'], bomb(name), ['BODY=8BITMIME'])
            told = self.server.wait_mails('bob', len(REFUSED), 60)
            taken = self.taker.wait(len(names) - len(REFUSED), 60)
        self.assertEqual(sorted(taken), sorted({*HEADERS, *RECODED}))
        self.assertEqual(self.taker.eight_bit, set())
        self.assertEqual(sum(b'Status: 5.6.3' in m for m in told), len(REFUSED))

    def test_in_a_notification(self):
        """The sender hears of all of them, with as much of the original as fits."""
        bombs = {f'{field} {ret}': f'{field}: a' + '\r\n b' * 12_000 + '\r\n\r\nhi\r\n'
                 for field in ('Subject', 'Message-ID') for ret in ('HDRS', 'FULL')}
        bombs |= {'nested': 'Subject: n\r\n' + nested(10_000) + '\r\nx\r\n', 'fields': HEADERS['fields'] + '\r\nhi\r\n',
                  'long line': HEADERS['long line'] + '\r\nhi\r\n'}
        with Beside(self.server):
            for name, content in bombs.items():
                with self.server.smtp() as c:
                    c.ehlo()
                    c.mail('carol@example.org', ['RET=HDRS' if name.endswith('HDRS') else 'RET=FULL'])
                    c.rcpt('nobody@seven.test')
                    self.assertEqual(c.data(content.encode())[0], 250, name)
            told = self.server.wait_mails('carol', len(bombs), 30)
        self.assertTrue(all(b'550 5.1.1 no such user' in m for m in told))


if __name__ == '__main__':
    unittest.main()
