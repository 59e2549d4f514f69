"""Before the door: who speaks too early or too slowly, and who speaks for others."""

import socket
import subprocess
import time
import unittest

from harness import Server, free_port, message, need, reply, say

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

    def speaker(self, more='', role='mx', limits=''):
        self.port = free_port()
        return Server(f'''
[[listener]]
address = "127.0.0.1:{self.port}"
role = "{role}"
xclient = ["127.0.0.1"]
{more}
[limits]
{limits}
''')

    def stated(self, attributes):
        s = socket.create_connection(('127.0.0.1', self.port), 20)
        reply(s)
        self.assertIn('XCLIENT NAME ADDR PORT PROTO HELO', say(s, 'EHLO proxy.test'))
        return s, say(s, 'XCLIENT ' + attributes)

    def test_a_host_that_is_believed_says_who_the_client_is(self):
        with self.speaker(more='[relay]\nnetworks = ["192.0.2.0/24"]\n') as server:
            for client, relayed in (('203.0.113.7', '550'), ('192.0.2.7', '250')):
                s, said = self.stated(f'NAME=[UNAVAILABLE] ADDR={client} PORT=4711 HELO=client.test')
                self.assertEqual(said, '220 mx.example.org ESMTP\r\n')
                self.assertNotIn('XCLIENT', say(s, 'EHLO client.test'))
                self.assertTrue(say(s, 'XCLIENT ADDR=127.0.0.1').startswith('550 5.7.0'))
                say(s, 'MAIL FROM:<a@c.test>')
                self.assertTrue(say(s, 'RCPT TO:<x@elsewhere.test>').startswith(relayed))
                say(s, 'RSET')
                say(s, 'MAIL FROM:<a@c.test>')
                say(s, 'RCPT TO:<alice@example.org>')
                say(s, 'DATA')
                self.assertTrue(say(s, message('for ' + client) + '.').startswith('250'))
                s.close()
            received = b''.join(server.wait_mails('alice', 2))
            for client in (b'([203.0.113.7])', b'([192.0.2.7])'):
                self.assertIn(client, received)

    def test_limits_are_those_of_the_client_that_is_stated(self):
        with self.speaker(limits='connections-per-client = 2\nclient-connections = "5/1h"\n'):
            kept = []
            for i in range(8):
                s, said = self.stated(f'ADDR=203.0.113.{i}')
                self.assertTrue(said.startswith('220'), said)
                kept.append(s)
            for code in ('220', '220', '421'):
                s, said = self.stated('ADDR=203.0.113.99')
                self.assertTrue(said.startswith(code), said)
                kept.append(s)
            for s in kept:
                s.close()

    def test_an_account_that_is_stated_has_logged_in(self):
        with self.speaker(role='submission') as server:
            s, said = self.stated('ADDR=203.0.113.7 LOGIN=alice@example.org')
            self.assertTrue(said.startswith('220'), said)
            say(s, 'EHLO client.test')
            self.assertTrue(say(s, 'MAIL FROM:<bob@example.org>').startswith('553'))
            say(s, 'MAIL FROM:<alice@example.org>')
            say(s, 'RCPT TO:<bob@example.org>')
            say(s, 'DATA')
            self.assertRegex(say(s, 'From: alice@example.org\r\nSubject: by nginx\r\n\r\nhi\r\n.'), '^250')
            s.close()
            self.assertIn(b'with ESMTPA', server.wait_mails('bob', 1)[0])
            self.assertRegex(server.wait_log('event=logged-in'), 'client=203.0.113.7 .*auth=XCLIENT account=alice@example.org')

    def test_sessions_of_a_stated_account_are_counted(self):
        with self.speaker(role='submission', limits='account-sessions = 1\n'):
            s, _ = self.stated('ADDR=203.0.113.7 LOGIN=sales@example.org')
            other, _ = self.stated('ADDR=203.0.113.8 LOGIN=sales@example.org')
            for c in (s, other):
                say(c, 'EHLO client.test')
            self.assertTrue(say(s, 'MAIL FROM:<alice@example.org>').startswith('250'))
            self.assertTrue(say(other, 'MAIL FROM:<alice@example.org>').startswith('450'))
            s.close()
            other.close()

    def test_swaks_speaks_for_others(self):
        need('swaks')
        with self.speaker() as server:
            done = subprocess.run(['swaks', '--server', f'127.0.0.1:{self.port}', '--from', 'a@c.test', '--to', 'alice@example.org',
                                   '--xclient-addr', '203.0.113.7', '--xclient-name', 'c.test', '--xclient-helo', 'c.test',
                                   '--xclient-proto', 'ESMTP', '--xclient-port', '4711'], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(b'([203.0.113.7])', server.wait_mails('alice', 1)[0])
            # Nobody else is believed.
            done = subprocess.run(['swaks', '--server', f'127.0.0.1:{server.port}', '--from', 'a@c.test', '--to', 'alice@example.org',
                                   '--xclient-addr', '203.0.113.7'], capture_output=True, text=True, timeout=60)
            self.assertNotEqual(done.returncode, 0)


if __name__ == '__main__':
    unittest.main()
