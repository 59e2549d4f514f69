"""Accounts as people manage them by command while the server runs."""

import json
import os
import re
import smtplib
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from harness import message, need, text_of
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

    def test_an_account_has_limits_of_its_own(self):
        self.user('add', 'hal@example.org', '--password-stdin', input='the password of hal\n')
        self.user('set', 'hal@example.org', '--messages', '2/1h', '--recipients', '3/1h', '--message-size', '20KiB', '--sessions', '1')
        shown = self.server.json('user', 'show', 'hal@example.org')
        self.assertEqual(('2/1h', 1), (shown['messages'], shown['sessions']))
        self.soon(235, lambda: self.login('hal@example.org', 'the password of hal'))
        with self.house.smtp() as c, self.house.smtp() as other:
            c.login('hal@example.org', 'the password of hal')
            other.login('hal@example.org', 'the password of hal')
            self.assertEqual(450, other.mail('hal@example.org')[0])
            c.ehlo()
            self.assertEqual((552, b'5.3.4 The message is larger than you may send'), c.mail('hal@example.org', ['SIZE=30000']))
            self.assertEqual(250, c.mail('hal@example.org')[0])
            replies = [c.rcpt(a)[0] for a in ('alice@example.org', 'bob@example.org', 'sales@example.org', 'postmaster@example.org')]
            self.assertEqual([250, 250, 250, 450], replies)
            self.assertEqual(552, c.data(message('too large', 30_000).replace('sender@client.test', 'hal@example.org'))[0])
            self.assertEqual(250, c.mail('hal@example.org')[0])
            c.rset()
            self.assertEqual(450, c.mail('hal@example.org')[0])
        self.server.wait_log('hal@example.org has used the limit of messages it has of its own')
        shown = self.server.json('user', 'show', 'hal@example.org')
        self.assertIn({'kind': 'messages', 'used': 2, 'amount': 2, 'seconds': 3600}, shown['allowances'])
        self.user('set', 'hal@example.org', '--messages', 'usual', '--sessions', 'usual')
        self.assertNotIn('messages', self.server.json('user', 'show', 'hal@example.org'))
        self.assertIn('is no amount', self.user('set', 'hal@example.org', '--content', 'much', ok=False))

    def api(self, method, path, body=None):
        with open(os.path.join(self.server.data, 'admin.json')) as f:
            admin = json.load(f)
        request = urllib.request.Request(
            f'{admin["url"]}/v1/accounts{path}', method=method, data=None if body is None else json.dumps(body).encode(),
            headers={'Authorization': f'Bearer {admin["token"]}', 'Content-Type': 'application/json'})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as e:
            return e.code, json.load(e)

    def test_accounts_are_managed_by_the_api_and_are_there_at_once(self):
        status, made = self.api('POST', '', {'address': 'ida@example.org', 'generatePassword': True, 'aliases': ['i@example.org']})
        self.assertEqual(201, status, made)
        self.assertEqual(235, self.login('ida@example.org', made['password']))
        self.assertEqual(250, self.rcpt('i@example.org')[0])
        status, changed = self.api('PATCH', '/ida@example.org', {'password': 'another one', 'quotaBytes': 5_000_000, 'limits': {'messages': {'amount': 9, 'seconds': 60}}})
        self.assertEqual((200, 5_000_000), (status, changed['quotaBytes']), changed)
        self.assertEqual([535, 235], [self.login('ida@example.org', p) for p in (made['password'], 'another one')])
        self.assertEqual('9/1m', self.server.json('user', 'show', 'ida@example.org')['messages'])
        status, made = self.api('POST', '/ida@example.org/app-passwords', {'name': 'phone'})
        self.assertEqual(201, status, made)
        self.assertEqual(235, self.login('ida@example.org', made['password']))
        program = self.api('GET', '/ida@example.org')[1]['appPasswords'][0]
        self.assertEqual('phone', program['name'])
        self.assertRegex(program['lastUse'], '^20')
        self.assertEqual(200, self.api('DELETE', '/ida@example.org/app-passwords/phone')[0])
        self.assertEqual(535, self.login('ida@example.org', made['password']))
        self.assertEqual(409, self.api('PATCH', '/alice@example.org', {'disabled': True})[0])
        self.assertEqual(200, self.api('DELETE', '/ida@example.org')[0])
        self.assertEqual(550, self.rcpt('ida@example.org')[0])
        self.server.wait_log('action="account remove" subject=ida@example.org')

    def test_no_command_writes_accounts_that_the_server_would_refuse(self):
        self.user('add', 'gil@example.org', '--no-password')
        self.assertIn('is there already', self.user('add', 'GIL@example.org', '--no-password', ok=False))
        # The same address in another name of the domain.
        self.assertIn('belongs to gil@example.org already', self.user('add', 'gil@other.example.org', '--no-password', ok=False))
        self.soon(250, lambda: self.rcpt('gil@other.example.org')[0])
        self.assertNotIn('accounts-refused', text_of(os.path.join(self.server.data, 'mail.log')))


class Listeners(unittest.TestCase):
    """Limits of a listener, and what is done to addresses of those who log in there."""

    @classmethod
    def setUpClass(cls):
        cls.house = Submission('message-size = "20KiB"\nconnections = 2\nmessages = "4/1h"\n'
                               '\n[submission]\ncomplete-addresses = "example.org"\n'
                               '[auth]\nmechanisms = ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"]\n').__enter__()
        cls.server = cls.house.server

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__()

    def test_1_a_listener_has_a_size_of_its_own(self):
        with self.house.smtp(implicit=True) as c:
            c.ehlo()
            self.assertEqual('20480', c.esmtp_features['size'])
            c.login('carol@example.org', PASSWORD)
            self.assertEqual(552, c.mail('carol@example.org', ['SIZE=30000'])[0])
        with self.house.smtp() as c:
            c.ehlo()
            self.assertEqual('52428800', c.esmtp_features['size'])

    def test_2_a_listener_has_so_many_sessions(self):
        with self.house.smtp(implicit=True), self.house.smtp(implicit=True):
            with self.assertRaises((smtplib.SMTPException, OSError)):
                self.house.smtp(implicit=True).noop()
            with self.house.smtp() as c:
                self.assertEqual(250, c.noop()[0])

    def test_3_addresses_get_the_domain_that_is_set(self):
        with self.house.smtp() as c:
            c.login('carol@example.org', PASSWORD)
            c.sendmail('carol', ['alice'], 'From: Carol <carol>\r\nTo: alice, Bob <bob>\r\nSubject: completed\r\n\r\nhi\r\n')
            with self.assertRaises(smtplib.SMTPSenderRefused):
                c.sendmail('bob', ['alice'], 'hi\r\n')
        mail = self.server.wait_mails('alice', 1)[0]
        self.assertIn(b'Return-Path: <carol@example.org>', mail)
        self.assertIn(b'From: Carol <carol@example.org>\r\nTo: alice@example.org, Bob <bob@example.org>\r\n', mail)
        with self.server.smtp() as c:
            c.ehlo()
            self.assertNotEqual(250, c.mail('carol')[0])

    def test_4_scram_with_the_older_hash_where_it_is_switched_on(self):
        need('gsasl')
        for mechanism in ('SCRAM-SHA-1', 'SCRAM-SHA-256'):
            done = subprocess.run(
                ['gsasl', '--smtp', '--starttls', '--x509-ca-file=', '--no-cb', '--mechanism', mechanism,
                 '--authentication-id', 'carol@example.org', '--password', PASSWORD,
                 '--connect', f'127.0.0.1:{self.house.ports["submission"]}'],
                input='QUIT\n', capture_output=True, text=True, timeout=60)
            self.assertIn('authentication finished (server trusted)', (done.stdout + done.stderr).lower(), mechanism)

    def test_5_a_listener_takes_so_many_messages(self):
        with self.house.smtp(implicit=True) as c, self.house.smtp() as elsewhere:
            c.login('carol@example.org', PASSWORD)
            elsewhere.login('carol@example.org', PASSWORD)
            replies = []
            for _ in range(5):
                replies.append(c.mail('carol@example.org')[0])
                c.rset()
            self.assertEqual([250, 250, 250, 250, 450], replies)
            self.assertEqual(250, elsewhere.mail('carol@example.org')[0])
        self.server.wait_log('has used the limit of messages of this listener')

    def test_6_a_reload_changes_how_people_log_in(self):
        with open(self.server.config) as f:
            before = f.read()
        try:
            self.server.write_config(re.sub('mechanisms = .*', 'mechanisms = ["SCRAM-SHA-256"]', before))
            self.assertEqual(0, self.server.command('reload').returncode)
            with self.house.smtp(implicit=True) as c:
                c.ehlo()
                self.assertEqual({'SCRAM-SHA-256'}, set(c.esmtp_features['auth'].split()))
                self.assertEqual(504, c.docmd('AUTH PLAIN')[0])
        finally:
            self.server.write_config(before)
            self.assertEqual(0, self.server.command('reload').returncode)


if __name__ == '__main__':
    unittest.main()
