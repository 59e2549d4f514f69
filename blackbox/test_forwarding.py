"""Mail that is sent on to other servers comes from a domain of ours, and what becomes of it is told whoever wrote it."""

import time
import unittest

from harness import Server, message
from remotes import Taker

SETTINGS = '''
[[alias]]
address = "team@example.org"
to = ["alice@example.org", "eve@far.test", "refused@far.test"]

[[route]]
domain = "*"
to = "smtp://127.0.0.1:{port}"

[relay]
networks = ["127.0.0.1"]
'''


class Forwarding(unittest.TestCase):

    def test_a_forwarded_message_has_a_sender_of_ours_and_its_bounce_goes_back(self):
        with Taker(refuse=(('refused@', '550 5.1.1 nobody'),)) as far, Server(SETTINGS.replace('{port}', str(far.port))) as server:
            with server.smtp() as c:
                c.sendmail('bob@client.test', ['team@example.org'], message('for the team'))
                c.sendmail('bob@client.test', ['direct@far.test'], message('direct'))
                c.sendmail('alice@example.org', ['team@example.org'], message('from one of us'))
            server.wait_mails('alice', 2)
            end = time.time() + 20
            # eve twice, direct once, and the notifications of what was refused: to Bob, and into Alice's mailbox.
            while len([r for r in far.recipients if r == 'bob@client.test']) < 1:
                self.assertLess(time.time(), end, (far.senders, far.recipients, server.output()))
                time.sleep(0.1)
            rewritten = [s for s in far.senders if s.startswith('SRS0=')]
            self.assertTrue(rewritten, far.senders)
            self.assertRegex(rewritten[0], r'^SRS0=[a-z2-7]{8}=[a-z2-7]{2}=client.test=bob@example.org$')
            self.assertIn('bob@client.test', far.senders)
            self.assertIn('alice@example.org', far.senders)
            self.assertIn('', far.senders)
            # A notification of the other server comes back here and goes on to Bob.
            told = far.recipients.count('bob@client.test')
            with server.smtp() as c:
                c.ehlo()
                self.assertEqual(250, c.mail('')[0])
                self.assertEqual(250, c.rcpt(rewritten[0])[0])
                self.assertEqual(550, c.rcpt(rewritten[0].replace('client.test', 'victim.test'))[0])
                self.assertEqual(250, c.data(message('could not be delivered'))[0])
            while far.recipients.count('bob@client.test') == told:
                self.assertLess(time.time(), end + 10)
                time.sleep(0.1)


if __name__ == '__main__':
    unittest.main()
