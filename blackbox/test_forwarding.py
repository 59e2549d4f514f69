"""Mail that is sent on to other servers comes from a domain of ours, and what becomes of it is told whoever wrote it."""

import os
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

    def test_who_has_a_message_does_not_get_it_again_while_others_wait(self):
        settings = SETTINGS.replace('refused@', 'late@') + '[queue]\nretry = ["1h"]\n'
        with Taker(refuse=(('late@', '451 4.3.0 not now'),)) as far, Server(settings.replace('{port}', str(far.port))) as server:
            with server.smtp() as c:
                c.sendmail('bob@client.test', ['team@example.org'], message('for the team'))
            server.wait_mails('alice', 1)
            self.until(lambda: server.json('queue', 'list', '--reply', 'not now')['messages'] == 1, server)
            self.assertEqual(1, far.recipients.count('eve@far.test'))
            server.stop()
            new = os.path.join(server.maildir('alice'), 'new')
            for name in os.listdir(new):
                os.remove(os.path.join(new, name))
            server.start()
            for verbs in (['retry'], ['hold', 'release'], ['remove', 'restore']):
                before = self.attempts(server)
                for verb in verbs:
                    self.assertEqual(1, server.json('queue', verb, '--all')['recipients'], verb)
                self.until(lambda: self.attempts(server) > before, server)
            self.assertEqual(1, far.recipients.count('eve@far.test'))
            self.assertEqual([], server.mails('alice'), 'what its owner has deleted is not back')
            self.assertEqual(1, server.json('queue', 'list')['recipients'])

    def test_a_sender_behind_a_server_for_ascii_only_hears_of_his_international_message(self):
        routes = SETTINGS.replace('"*"', '"far.test"') + '\n[[route]]\ndomain = "back.test"\nto = "smtp://127.0.0.1:{back}"\n'
        with Taker(refuse=(('nobody@', '550 5.1.1 nobody'),)) as far, Taker(offers=()) as back, \
                Server(routes.replace('{port}', str(far.port)).replace('{back}', str(back.port))) as server:
            with server.smtp() as c:
                c.ehlo()
                self.assertEqual(250, c.mail('ann@back.test', ['SMTPUTF8', 'BODY=8BITMIME', 'RET=FULL'])[0])
                self.assertEqual(250, c.rcpt('nobody@far.test')[0])
                self.assertEqual(250, c.data('Subject: Grüße\r\n\r\nüber alles\r\n'.encode())[0])
            self.until(lambda: 'ann@back.test' in back.recipients, server)
            self.assertEqual([''], back.senders)
            self.assertEqual(set(), back.eight_bit)

    @staticmethod
    def attempts(server):
        return server.json('queue', 'list')['shown'][0]['recipients'][0]['attempts']

    def until(self, true, server):
        end = time.time() + 30
        while not true():
            self.assertLess(time.time(), end, server.output())
            time.sleep(0.1)


if __name__ == '__main__':
    unittest.main()
