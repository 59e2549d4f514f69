"""Accounts as people manage them by command while the server runs."""

import os
import smtplib
import time
import unittest

from harness import message, text_of
from test_submission import PASSWORD, Submission


class Accounts(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.house = Submission('\n[limits]\naccount-sessions = 2\n', aliases='aliases = ["other.example.org"]').__enter__()
        cls.server = cls.house.server

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__()

    def user(self, *args, input=None, ok=True):
        done = self.server.command('user', *args, input=input)
        self.assertEqual(ok, done.returncode == 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def login(self, name, password):
        with self.house.smtp() as c:
            try:
                return c.login(name, password)[0]
            except smtplib.SMTPAuthenticationError as e:
                return e.smtp_code

    def rcpt(self, address):
        with self.server.smtp() as c:
            c.ehlo()
            c.mail('x@client.test')
            return c.rcpt(address)

    def soon(self, expected, what):
        """A change is noticed within a second."""
        end = time.time() + 5
        while (found := what()) != expected:
            self.assertLess(time.time(), end, f'{found} for {expected}')
            time.sleep(0.2)

    def test_an_application_password_sends_within_its_limit_and_can_be_taken_away(self):
        made = self.user('app-password', 'add', 'carol@example.org', 'crm', '--messages', '2/1h')
        password = made.split('Password: ')[1].strip()
        self.soon(235, lambda: self.login('carol@example.org', password))
        self.assertIn('is no amount', self.user('app-password', 'add', 'carol@example.org', 'x', '--messages', 'many', ok=False))
        self.assertIn('already', self.user('app-password', 'add', 'carol@example.org', 'crm', ok=False))
        with self.house.smtp() as c:
            c.login('carol@example.org', password)
            mail = message('from the crm').replace('sender@client.test', 'carol@example.org')
            for _ in range(2):
                c.sendmail('carol@example.org', ['alice@example.org'], mail)
            with self.assertRaises(smtplib.SMTPSenderRefused) as refused:
                c.sendmail('carol@example.org', ['alice@example.org'], mail)
            self.assertEqual(450, refused.exception.smtp_code)
            c.rset()
            # Another password of the same account is not held up.
            with self.house.smtp() as other:
                other.login('carol@example.org', PASSWORD)
                other.sendmail('carol@example.org', ['alice@example.org'], mail)
            self.user('app-password', 'remove', 'carol@example.org', 'crm')
            self.soon(535, lambda: c.docmd('MAIL FROM:<carol@example.org>')[0])
        self.assertEqual(535, self.login('carol@example.org', password))
        self.server.wait_log('credential=crm')

    def test_the_last_use_is_shown_after_a_restart(self):
        password = self.user('app-password', 'add', 'carol@example.org', 'scanner').split('Password: ')[1].strip()
        self.assertIn('last used never', self.user('app-password', 'list', 'carol@example.org'))
        self.soon(235, lambda: self.login('carol@example.org', password))
        self.server.stop()
        self.server.start()
        listed = self.server.json('user', 'app-password', 'list', 'carol@example.org')
        use = next(row for row in listed if row['name'] == 'scanner')['last-use']
        self.assertRegex(use, r'^20..-..-..T..:..:..Z$')
        self.assertNotIn(password, text_of(os.path.join(self.server.data, 'accounts.toml')))

    def test_a_disabled_account_is_shut_and_opened_again(self):
        self.user('add', 'dan@example.org', '--password-stdin', input='the password of dan\n')
        self.soon(235, lambda: self.login('dan@example.org', 'the password of dan'))
        self.user('set', 'dan@example.org', '--disable')
        self.soon((550, b'5.2.1 This mailbox takes no mail at present'), lambda: self.rcpt('dan@example.org'))
        self.assertEqual(535, self.login('dan@example.org', 'the password of dan'))
        self.assertIn('disabled      true', self.user('show', 'dan@example.org'))
        self.user('set', 'dan@example.org', '--enable')
        self.soon(250, lambda: self.rcpt('dan@example.org')[0])

    def test_a_mailbox_holds_what_its_quota_allows(self):
        self.user('add', 'emma@example.org', '--no-password')
        self.user('set', 'emma@example.org', '--quota', '20KiB')
        self.soon(250, lambda: self.rcpt('emma@example.org')[0])
        with self.server.smtp() as c:
            with self.assertRaises(smtplib.SMTPDataError) as refused:
                c.sendmail('x@client.test', ['emma@example.org'], message('too large', 30_000))
            self.assertEqual(552, refused.exception.smtp_code)
            for n in range(3):
                c.sendmail('x@client.test', ['emma@example.org'], message(f'emma {n}', 6_000))
        self.server.wait_mails('emma', 3)
        with self.server.smtp() as c:
            c.sendmail('x@client.test', ['emma@example.org'], message('beyond', 6_000))
        # The fourth would go beyond it and waits.
        self.server.wait_log('the mailbox is full')
        self.assertEqual(3, len(self.server.mails('emma')))
        self.assertIn('S', text_of(self.server.maildir('emma') + '/maildirsize'))
        self.user('set', 'emma@example.org', '--quota', '18KiB')
        self.soon((452, b'4.2.2 Mailbox full, try again later'), lambda: self.rcpt('emma@example.org'))
        self.user('set', 'emma@example.org', '--quota', 'none')
        self.soon(250, lambda: self.rcpt('emma@example.org')[0])
        self.server.command('queue', 'retry', '--recipient', 'emma@example.org')
        self.server.wait_mails('emma', 4)

    def test_mail_is_forwarded_with_or_without_a_copy(self):
        self.user('add', 'fay@example.org', '--no-password')
        self.user('set', 'fay@example.org', '--forward-to', 'bob@example.org')
        self.user('set', 'fay@example.org', '--add-alias', 'fay.w@example.org', '--add-send-as', '@example.org')
        self.soon(250, lambda: self.rcpt('fay.w@example.org')[0])
        with self.server.smtp() as c:
            c.sendmail('x@client.test', ['fay@example.org'], message('both'))
        self.server.wait_mails('fay', 1)
        self.server.wait_mails('bob', 1)
        self.user('set', 'fay@example.org', '--keep-copy', 'no')
        time.sleep(1.5)
        with self.server.smtp() as c:
            c.sendmail('x@client.test', ['fay.w@example.org'], message('bob only'))
        self.server.wait_mails('bob', 2)
        self.assertEqual(1, len(self.server.mails('fay')))
        self.assertIn('is there already', self.user('set', 'fay@example.org', '--add-alias', 'alice@example.org', ok=False))
        self.assertIn('nothing to change', self.user('set', 'fay@example.org', ok=False))
        self.assertIn('no size', self.user('set', 'fay@example.org', '--quota', 'big', ok=False))

    def test_an_account_sends_over_so_many_sessions_at_once(self):
        open_ones = [self.house.smtp() for _ in range(3)]
        try:
            for c in open_ones:
                c.login('carol@example.org', PASSWORD)
            self.assertEqual([250, 250, 450], [c.mail('carol@example.org')[0] for c in open_ones])
            open_ones[0].quit()
            self.soon(250, lambda: open_ones[2].mail('carol@example.org')[0])
        finally:
            for c in open_ones:
                c.close()

    def test_no_command_writes_accounts_that_the_server_would_refuse(self):
        self.user('add', 'gil@example.org', '--no-password')
        self.assertIn('is there already', self.user('add', 'GIL@example.org', '--no-password', ok=False))
        # The same address in another name of the domain.
        self.assertIn('belongs to gil@example.org already', self.user('add', 'gil@other.example.org', '--no-password', ok=False))
        self.soon(250, lambda: self.rcpt('gil@other.example.org')[0])
        self.assertNotIn('accounts-refused', text_of(os.path.join(self.server.data, 'mail.log')))


if __name__ == '__main__':
    unittest.main()
