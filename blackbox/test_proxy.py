"""Behind a balancer: the client is who the balancer says, for everything that is about clients."""

import smtplib
import socket
import ssl
import struct
import unittest

from harness import Server, free_port, message, reply, say


class Proxy(unittest.TestCase):

    def house(self, balancers='"127.0.0.1"', more=''):
        self.port, self.tls_port = free_port(), free_port()
        return Server(f'''
[[listener]]
address = "127.0.0.1:{self.port}"
role = "mx"
proxy-protocol = [{balancers}]

[[listener]]
address = "127.0.0.1:{self.tls_port}"
role = "submissions"
proxy-protocol = [{balancers}]

[relay]
networks = ["192.0.2.0/24"]
{more}''')

    def connect(self, header, port=None):
        s = socket.create_connection(('127.0.0.1', port or self.port), 10)
        s.sendall(header)
        return s

    def test_both_versions_name_the_client(self):
        v1 = b'PROXY TCP4 203.0.113.7 198.51.100.2 56324 25\r\n'
        v2 = b'\r\n\r\n\0\r\nQUIT\n' + struct.pack('>BBH', 0x21, 0x21, 36 + 5) + socket.inet_pton(
            socket.AF_INET6, '2001:db8::7') + socket.inet_pton(socket.AF_INET6, '2001:db8::2') + struct.pack(
            '>HH', 1234, 25) + b'\x04\0\x02ab'
        with self.house() as server:
            for header, client in ((v1, '[203.0.113.7]'), (v2, '[IPv6:2001:db8::7]')):
                s = self.connect(header)
                self.assertTrue(reply(s).startswith('220'))
                say(s, 'EHLO c.test')
                say(s, 'MAIL FROM:<a@c.test>')
                self.assertTrue(say(s, 'RCPT TO:<x@elsewhere.test>').startswith('550'), 'it may not relay')
                say(s, 'RCPT TO:<alice@example.org>')
                say(s, 'DATA')
                self.assertTrue(say(s, message('by ' + client) + '.').startswith('250'))
                s.close()
            received = b''.join(server.wait_mails('alice', 2))
            for client in (b'([203.0.113.7])', b'([IPv6:2001:db8:0:0:0:0:0:7])'):
                self.assertIn(client, received)

    def test_who_may_relay_is_the_client_and_not_the_balancer(self):
        with self.house() as server:
            s = self.connect(b'PROXY TCP4 192.0.2.1 198.51.100.2 1 25\r\n')
            reply(s)
            say(s, 'EHLO c.test')
            say(s, 'MAIL FROM:<a@c.test>')
            self.assertTrue(say(s, 'RCPT TO:<x@elsewhere.test>').startswith('250'))
            s.close()

    def test_tls_begins_behind_the_header(self):
        with self.house() as server:
            raw = self.connect(b'PROXY TCP4 203.0.113.7 198.51.100.2 1 465\r\n', self.tls_port)
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            s = context.wrap_socket(raw)
            self.assertTrue(reply(s).startswith('220'))
            s.close()

    def test_limits_of_a_client_are_not_those_of_the_balancer(self):
        with self.house(more='[limits]\nconnections-per-client = 2\n') as server:
            kept = []
            for i in range(6):
                kept.append(self.connect(f'PROXY TCP4 203.0.113.{i} 198.51.100.2 1 25\r\n'.encode()))
                self.assertTrue(reply(kept[-1]).startswith('220'))
            same = [self.connect(b'PROXY TCP4 203.0.113.99 198.51.100.2 1 25\r\n') for _ in range(3)]
            self.assertEqual(sorted(reply(s)[:3] for s in same), ['220', '220', '421'])
            for s in kept + same:
                s.close()

    def test_a_balancer_that_says_nothing_is_shut_out(self):
        with self.house() as server:
            s = self.connect(b'EHLO c.test\r\nMAIL FROM:<a@c.test>\r\n')
            self.assertEqual(s.recv(1000), b'')
            s.close()
            server.wait_log('what=proxy-header-failed')

    def test_others_are_clients_like_any(self):
        with self.house(balancers='"192.0.2.99"') as server:
            with smtplib.SMTP('127.0.0.1', self.port, timeout=10) as c:
                self.assertEqual(c.docmd('PROXY TCP4 192.0.2.1 198.51.100.2 1 25')[0], 500)


if __name__ == '__main__':
    unittest.main()
