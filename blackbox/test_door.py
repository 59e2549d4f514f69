"""Before the door: who speaks too early or too slowly, and who speaks for others."""

import socket
import time
import unittest

from harness import Server, free_port, message, reply, say

STRANGER = b'PROXY TCP4 203.0.113.7 198.51.100.2 56324 25\r\n'


class Door(unittest.TestCase):

    def house(self, more='', listener=''):
        """A server that takes a client's address from a PROXY header: strangers come from loopback otherwise."""
        self.port = free_port()
        return Server(f'''
[[listener]]
address = "127.0.0.1:{self.port}"
role = "mx"
proxy-protocol = ["127.0.0.1"]
{listener}
[relay]
networks = ["192.0.2.0/24"]
{more}''')

    def connect(self, header=STRANGER):
        s = socket.create_connection(('127.0.0.1', self.port), 20)
        s.sendall(header)
        return s

    def test_early_talkers_are_refused_and_the_log_says_so(self):
        with self.house() as server:
            s = self.connect(STRANGER + b'EHLO c.test\r\n')
            self.assertTrue(reply(s).startswith('554 5.5.1'))
            self.assertEqual(s.recv(100), b'')
            s.close()
            self.assertIn('203.0.113.7', server.wait_log('early talker'))

    def test_those_who_wait_are_greeted_after_a_moment_and_the_trusted_at_once(self):
        with self.house('[limits]\ngreeting-delay = "3s"\n'):
            begin = time.monotonic()
            with self.connect(STRANGER) as s:
                self.assertTrue(reply(s).startswith('220'))
            self.assertGreater(time.monotonic() - begin, 2.9)
            begin = time.monotonic()
            with self.connect(STRANGER.replace(b'203.0.113.7', b'192.0.2.7') + b'EHLO c.test\r\n') as s:
                self.assertTrue(reply(s).startswith('220'))
            self.assertLess(time.monotonic() - begin, 2)

    def content(self, server, header):
        """A session that waits for content."""
        s = self.connect(header)
        reply(s)
        for line in ('EHLO c.test', 'MAIL FROM:<a@c.test>', 'RCPT TO:<alice@example.org>', 'DATA'):
            said = say(s, line)
        self.assertTrue(said.startswith('354'), said)
        return s

    def trickle(self, s, text):
        """Sends an octet every quarter of a second, until there is an answer or nothing left."""
        s.settimeout(0.25)
        for octet in text:
            s.sendall(octet.encode())
            try:
                return reply(s)
            except TimeoutError:
                pass
        s.settimeout(10)
        return ''

    def test_a_message_drop_by_drop_is_not_waited_for(self):
        with self.house('[limits]\ngreeting-delay = "0s"\nminimum-data-rate = "1KiB/2s"\n') as server:
            with self.content(server, STRANGER) as s:
                self.assertTrue(self.trickle(s, message('slow')).startswith('421 4.4.2'))
            server.wait_log('slower than limits.minimum-data-rate')
            # From a trusted network it may take longer than that.
            with self.content(server, STRANGER.replace(b'203.0.113.7', b'192.0.2.7')) as s:
                self.assertEqual(self.trickle(s, 'Subject: slow'), '')
                self.assertTrue(say(s, '\r\n\r\nbut here\r\n.').startswith('250'))
            self.assertEqual(len(server.wait_mails('alice', 1)), 1)


if __name__ == '__main__':
    unittest.main()
