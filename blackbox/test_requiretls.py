"""REQUIRETLS (RFC 8689): rather not at all than without TLS, and the sender is told."""

import os
import smtplib
import ssl
import subprocess
import tempfile
import unittest

from harness import Server, message, need
from remotes import Taker

HERE = """
[relay]
networks = ["127.0.0.1"]

[[route]]
domain = "*"
to = "smtp://127.0.0.1:{port}"
"""

THERE = """hostname = "mx.there.test"

[tls]
certificate = "{pem}"

[[listener]]
address = "127.0.0.1:{port}"

[[domain]]
name = "there.test"

[[account]]
address = "bob@there.test"
"""


def context():
    made = ssl.create_default_context()
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


class RequireTls(unittest.TestCase):

    def send(self, server, to, options=('REQUIRETLS',), content='secret'):
        with server.smtp() as c:
            c.starttls(context=context())
            c.ehlo()
            self.assertTrue(c.has_extn('REQUIRETLS'))
            c.sendmail('alice@example.org', [to], message(content, 4000, to=to), mail_options=options)

    def test_it_is_offered_within_tls_only(self):
        with Server() as server, server.smtp() as c:
            c.ehlo()
            self.assertFalse(c.has_extn('REQUIRETLS'))
            self.assertEqual(530, c.docmd('MAIL FROM:<a@client.test> REQUIRETLS')[0])
            self.send(server, 'bob@example.org')
            self.assertEqual(1, len(server.wait_mails('bob', 1)))

    def test_without_tls_there_the_sender_is_told_and_gets_the_header_only(self):
        with Taker() as far, Server(HERE.format(port=far.port)) as server:
            self.send(server, 'eve@far.test', ('REQUIRETLS', 'RET=FULL'))
            notice = server.wait_mails('alice', 1)[0].decode()
            self.assertIn('Status: 5.7.10', notice)
            self.assertIn('Subject: secret', notice)
            self.assertNotIn('quick brown fox', notice)
            self.assertEqual([], far.recipients)
            self.send(server, 'eve@far.test', ())
            server.wait_log('event=settled')

    def test_it_goes_to_a_server_that_has_shown_who_it_is(self):
        need('openssl', 'keytool')
        with tempfile.TemporaryDirectory(prefix='depesche-rt-') as folder:
            pem, key, trust = (os.path.join(folder, name) for name in ('there.pem', 'key.pem', 'trust.p12'))
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj',
                            '/CN=there', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', pem], check=True, capture_output=True)
            subprocess.run(['keytool', '-importcert', '-noprompt', '-alias', 'there', '-file', pem, '-keystore', trust,
                            '-storetype', 'PKCS12', '-storepass', 'changeit'], check=True, capture_output=True)
            with open(pem, 'a') as both, open(key) as secret:
                both.write(secret.read())
            there = Server(config=THERE.replace('{pem}', pem))
            here = Server(HERE.format(port=there.port), java_opts=f'-Djavax.net.ssl.trustStore={trust} -Djavax.net.ssl.trustStorePassword=changeit')
            distrustful = Server(HERE.format(port=there.port))
            with there, here, distrustful:
                self.send(here, 'bob@there.test')
                self.assertIn(b'Subject: secret', there.wait_mails('bob', 1, domain='there.test')[0])
                self.send(distrustful, 'bob@there.test', content='too secret')
                self.assertIn('Status: 5.7.10', distrustful.wait_mails('alice', 1)[0].decode())
                self.assertEqual(1, len(there.mails('bob', 'there.test')))


if __name__ == '__main__':
    unittest.main()
