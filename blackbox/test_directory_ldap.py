"""Accounts, passwords and groups of a real OpenLDAP."""

import signal
import smtplib
import time
import unittest

from directories import Directory, OpenLdap
from harness import freeze, message, need

SETTINGS = '''
[[listener]]
address = "127.0.0.1:{port}"
role = "submission"

[[ldap]]
url = "ldap://localhost:{ldap}"
ca-certificates = "{authority}"
bind-dn = "cn=depesche,dc=example,dc=org"
password-file = "{password}"
base = "dc=example,dc=org"
account = "(&(objectClass=inetOrgPerson)(|(mail=:address)(mailLocalAddress=:address)))"
other-addresses = "mailLocalAddress"
alias = "(&(objectClass=groupOfNames)(mail=:address))"
timeout = "2s"
'''


class Ldap(Directory, unittest.TestCase):

    def setUp(self):
        need('slapd', 'openssl')
        self.ldap = OpenLdap()
        self.addCleanup(self.ldap.__exit__)
        self.ldap.__enter__()

    def serve(self):
        self.start(SETTINGS.replace('{ldap}', str(self.ldap.port)).replace('{authority}', self.ldap.authority)
                   .replace('{password}', self.ldap.password_file))

    def test_mail_and_logins_of_people_in_the_directory(self):
        self.serve()
        self.assertEqual(self.rcpt('ann@example.org'), 250)
        self.assertEqual(self.rcpt('anna+tag@example.org'), 250)
        self.assertEqual(self.rcpt('alice@example.org'), 250)
        for nobody in ('nobody@example.org', '*@example.org', 'a*@example.org', '"*)(uid=*"@example.org',
                       '"ann)(mail=*"@example.org'):
            self.assertEqual(self.rcpt(nobody), 550, nobody)

        self.assertEqual(self.login('ann@example.org', 'correct horse'), 235)
        self.assertEqual(self.login('anna@example.org', 'correct horse'), 235)
        for wrong in ('wrong', 'battery staple', '*'):
            self.assertEqual(self.refused('ann@example.org', wrong), 535)
        self.assertEqual(self.login('ben@example.org', 'battery staple'), 235)

        with self.submit() as c:
            c.login('ann@example.org', 'correct horse')
            c.sendmail('anna@example.org', ['team@example.org'],
                       message('to all', to='team@example.org').replace('sender@client.test', 'anna@example.org'))
            with self.assertRaises(smtplib.SMTPException):
                c.sendmail('ben@example.org', ['team@example.org'], message('not mine'))
        self.server.wait_mails('ann', 1)
        self.server.wait_mails('ben', 1)

    def test_an_empty_password_is_no_login(self):
        self.serve()
        with self.submit() as c:
            code, _ = c.docmd('AUTH', 'PLAIN AGFubkBleGFtcGxlLm9yZwA=')
            self.assertIn(code, (501, 535))
        with self.submit() as c:
            self.assertEqual(c.docmd('AUTH', 'LOGIN YW5uQGV4YW1wbGUub3Jn')[0], 334)
            self.assertIn(c.docmd('')[0], (501, 535))

    def test_a_directory_that_is_away_makes_nobody_unknown(self):
        self.serve()
        self.assertEqual(self.rcpt('ann@example.org'), 250)
        self.ldap.stop()
        self.assertEqual(self.rcpt('ann@example.org'), 250)
        self.assertEqual(self.rcpt('ben@example.org'), 451)
        self.assertEqual(self.rcpt('nobody@example.org'), 451)
        self.assertEqual(self.rcpt('alice@example.org'), 250)
        self.assertEqual(self.refused('ann@example.org', 'correct horse'), 454)
        self.server.wait_log('does not answer')

        self.ldap.start()
        self.wait_for(lambda: self.rcpt('ben@example.org'), 250)
        self.assertEqual(self.rcpt('nobody@example.org'), 550)
        self.assertEqual(self.login('ann@example.org', 'correct horse'), 235)
        self.server.wait_log('answers again')

    def test_a_directory_that_hangs_is_not_waited_for(self):
        self.serve()
        self.assertEqual(self.rcpt('ann@example.org'), 250)
        freeze(self.ldap.process)
        try:
            start = time.time()
            self.assertEqual(self.rcpt('ben@example.org'), 451)
            self.assertEqual(self.rcpt('ann@example.org'), 250)
            self.assertLess(time.time() - start, 15, 'two time-outs of 2s, and what the machine is busy with')
        finally:
            self.ldap.process.send_signal(signal.SIGCONT)
        self.wait_for(lambda: self.rcpt('ben@example.org'), 250)

    def test_a_server_starts_without_its_directory(self):
        self.ldap.stop()
        self.serve()
        self.assertEqual(self.rcpt('alice@example.org'), 250)
        self.assertEqual(self.rcpt('ann@example.org'), 451)
        self.ldap.start()
        self.wait_for(lambda: self.rcpt('ann@example.org'), 250)


if __name__ == '__main__':
    unittest.main()
