"""Clients that are known by the certificates they show."""

import base64
import os
import smtplib
import ssl
import subprocess
import tempfile
import unittest

from harness import message, need
from remotes import Taker
from test_submission import Submission

SETTINGS = """
[[client-certificate]]
fingerprint = "{printer}"
account = "carol@example.org"

[[client-certificate]]
fingerprint = "{partner}"
relay = true

[[route]]
domain = "*"
to = "smtp://127.0.0.1:{port}"
"""


class Certificates(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        need('openssl')
        cls.folder = tempfile.TemporaryDirectory(prefix='depesche-certs-')
        prints = {name: cls.make(name) for name in ('printer', 'partner', 'stranger')}
        cls.far = Taker().__enter__()
        cls.house = Submission(SETTINGS.format(port=cls.far.port, **prints)).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__()
        cls.far.__exit__(None, None, None)
        cls.folder.cleanup()

    @classmethod
    def make(cls, name):
        """A certificate nobody has signed but its owner; its fingerprint, as openssl shows it."""
        pem = os.path.join(cls.folder.name, name + '.pem')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
                        '-subj', f'/CN={name}', '-keyout', pem + '.key', '-out', pem], check=True, capture_output=True)
        shown = subprocess.run(['openssl', 'x509', '-noout', '-fingerprint', '-sha256', '-in', pem],
                               check=True, capture_output=True, text=True).stdout
        return shown.strip().split('=')[1]

    def context(self, name):
        context = self.house.context()
        if name:
            pem = os.path.join(self.folder.name, name + '.pem')
            context.load_cert_chain(pem, pem + '.key')
        return context

    def submission(self, name, version=None):
        c = smtplib.SMTP('127.0.0.1', self.house.ports['submission'], local_hostname='client.test', timeout=20)
        context = self.context(name)
        if version:
            context.maximum_version = version
        c.starttls(context=context)
        c.ehlo()
        return c

    def external(self, c, act_as=''):
        return c.docmd('AUTH', 'EXTERNAL ' + (base64.b64encode(act_as.encode()).decode() or '='))

    def test_the_owner_of_a_certificate_logs_in_with_it(self):
        for version in (None, ssl.TLSVersion.TLSv1_2):
            with self.submission('printer', version) as c:
                self.assertIn('EXTERNAL', c.esmtp_features['auth'])
                self.assertEqual(235, self.external(c)[0])
                mail = message('scanned', to='far@far.test').replace('sender@client.test', 'carol@example.org')
                c.sendmail('carol@example.org', ['far@far.test'], mail)
        with self.submission('printer') as c:
            self.assertEqual(235, self.external(c, 'carol@example.org')[0])
        with self.submission('printer') as c:
            self.assertEqual(535, self.external(c, 'alice@example.org')[0])
        self.house.server.wait_log('auth=EXTERNAL account=carol@example.org')

    def test_others_are_not_offered_it(self):
        for name in (None, 'stranger', 'partner'):
            with self.submission(name) as c:
                self.assertNotIn('EXTERNAL', c.esmtp_features['auth'])
                self.assertEqual(504, self.external(c)[0])

    def test_a_partner_relays_and_nobody_else_does(self):
        for name, code in (('partner', 250), ('stranger', 550), ('printer', 550), (None, 550)):
            with self.subTest(name), self.house.server.smtp() as c:
                c.starttls(context=self.context(name))
                c.ehlo()
                self.assertEqual(250, c.mail('x@client.test')[0])
                self.assertEqual(code, c.rcpt('far@far.test')[0])
        with self.house.server.smtp() as c:
            c.starttls(context=self.context('partner'))
            c.sendmail('x@client.test', ['alice@example.org'], message('with a certificate'))
        self.assertRegex(self.house.server.wait_mails('alice', 1)[0], rb'client certificate [0-9a-f]{16}')
        with self.house.server.smtp() as c:
            c.ehlo()
            c.mail('x@client.test')
            self.assertEqual(550, c.rcpt('far@far.test')[0])


if __name__ == '__main__':
    unittest.main()
