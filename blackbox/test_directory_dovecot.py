"""Accounts and passwords of a real Dovecot."""

import unittest

from directories import Directory, DovecotAuth
from harness import message, need, need_root

SETTINGS = '''
[[listener]]
address = "127.0.0.1:{port}"
role = "submission"

[[dovecot]]
auth = "{dir}/auth-client"
users = "{dir}/auth-userdb"
'''


class Dovecot(Directory, unittest.TestCase):

    def setUp(self):
        need('dovecot')
        need_root()
        self.dovecot = DovecotAuth()
        self.addCleanup(self.dovecot.__exit__)
        self.dovecot.__enter__()
        self.start(SETTINGS.replace('{dir}', self.dovecot.dir))

    def test_mail_and_logins_of_its_users(self):
        self.assertEqual(self.rcpt('ann@example.org'), 250)
        self.assertEqual(self.rcpt('Ann+tag@example.org'), 250)
        self.assertEqual(self.rcpt('alice@example.org'), 250)
        self.assertEqual(self.rcpt('nobody@example.org'), 550)
        for _ in range(3):
            self.assertEqual(self.login('ann@example.org', 'correct horse'), 235)
        self.assertEqual(self.login('ben@example.org', 'battery staple'), 235)
        self.assertEqual(self.refused('ann@example.org', 'battery staple'), 535)

        with self.submit() as c:
            c.login('ann@example.org', 'correct horse')
            c.sendmail('ann@example.org', ['ben@example.org'],
                       message('hello', to='ben@example.org').replace('sender@client.test', 'ann@example.org'))
        self.server.wait_mails('ben', 1)

    def test_a_dovecot_that_is_away_makes_nobody_unknown(self):
        self.assertEqual(self.rcpt('ann@example.org'), 250)
        self.dovecot.stop()
        self.assertEqual(self.rcpt('ann@example.org'), 250)
        self.assertEqual(self.rcpt('ben@example.org'), 451)
        self.assertEqual(self.rcpt('nobody@example.org'), 451)
        self.assertEqual(self.refused('ann@example.org', 'correct horse'), 454)

        self.dovecot.start()
        self.wait_for(lambda: self.rcpt('ben@example.org'), 250)
        self.assertEqual(self.rcpt('nobody@example.org'), 550)
        self.assertEqual(self.login('ann@example.org', 'correct horse'), 235)


if __name__ == '__main__':
    unittest.main()
