"""Logging in with the tokens of an OAuth 2.0 provider."""

import base64
import http.server
import json
import os
import subprocess
import tempfile
import threading
import time
import unittest

from harness import message, need
from test_submission import Submission


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


class Asked(http.server.BaseHTTPRequestHandler):
    """A provider that knows one token (RFC 7662)."""

    def do_POST(self):
        form = self.rfile.read(int(self.headers['Content-Length']))
        answer = {'active': False}
        if b'token=good' in form.split(b'&'):
            answer = {'active': True, 'email': 'carol@example.org'}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def login(house, mechanism, text):
    with house.smtp() as c:
        c.ehlo()
        answer = c.docmd('AUTH', mechanism + ' ' + base64.b64encode(text.encode()).decode())
        # RFC 7628 §3.2.3: the client ends a failed exchange.
        return (c.docmd('AQ==') if answer[0] == 334 else answer)[0]


def bearer(house, token, user='carol@example.org'):
    return login(house, 'OAUTHBEARER', f'n,a={user},\1auth=Bearer {token}\1\1')


class Introspection(unittest.TestCase):

    def test_a_token_logs_in_when_its_provider_says_so(self):
        need('curl')
        provider = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Asked)
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        with tempfile.NamedTemporaryFile('w') as secret, tempfile.NamedTemporaryFile('w') as mail:
            secret.write('secret')
            secret.flush()
            mail.write(message('by token').replace('sender@client.test', 'carol@example.org'))
            mail.flush()
            more = (f'\n[oauth]\nintrospection-url = "http://127.0.0.1:{provider.server_port}/"\n'
                    f'client-id = "mail"\nclient-secret-file = "{secret.name}"\n')
            with Submission(more) as house:
                self.assertEqual(235, bearer(house, 'good'))
                self.assertEqual(235, login(house, 'XOAUTH2', 'user=carol@example.org\1auth=Bearer good\1\1'))
                self.assertEqual(535, bearer(house, 'good', 'alice@example.org'))
                self.assertEqual(535, bearer(house, 'bad'))
                sent = subprocess.run(
                    ['curl', '-sS', '-k', '--ssl-reqd', f'smtp://127.0.0.1:{house.ports["submission"]}/client.test', '--user', 'carol@example.org',
                     '--oauth2-bearer', 'good', '--mail-from', 'carol@example.org', '--mail-rcpt', 'alice@example.org', '-T', mail.name],
                    capture_output=True, text=True, timeout=60)
                self.assertEqual(0, sent.returncode, sent.stderr)
                self.assertIn(b'Subject: by token', house.server.wait_mails('alice', 1)[0])
                provider.shutdown()
                provider.server_close()
                self.assertEqual(454, bearer(house, 'other'))


class Signed(unittest.TestCase):

    def setUp(self):
        need('openssl')
        folder = tempfile.TemporaryDirectory(prefix='depesche-tokens-')
        self.addCleanup(folder.cleanup)
        self.key = os.path.join(folder.name, 'key.pem')
        self.jwks = os.path.join(folder.name, 'jwks.json')
        self.openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', self.key)
        modulus = self.openssl('rsa', '-in', self.key, '-noout', '-modulus').decode().strip().split('=')[1]
        with open(self.jwks, 'w') as f:
            json.dump({'keys': [{'kty': 'RSA', 'kid': 'one', 'use': 'sig', 'n': b64url(bytes.fromhex(modulus)), 'e': 'AQAB'}]}, f)

    def openssl(self, *args, data=b''):
        return subprocess.run(['openssl', *args], input=data, capture_output=True, check=True).stdout

    def token(self, header=None, **claims):
        now = int(time.time())
        body = dict({'iss': 'https://id.test', 'aud': 'mail', 'exp': now + 300, 'iat': now, 'email': 'carol@example.org'}, **claims)
        head = header or {'alg': 'RS256', 'kid': 'one', 'typ': 'JWT'}
        text = b64url(json.dumps(head).encode()) + '.' + b64url(json.dumps(body).encode())
        signature = b'' if head['alg'] == 'none' else self.openssl('dgst', '-sha256', '-sign', self.key, data=text.encode())
        return text + '.' + b64url(signature)

    def test_a_signed_token_logs_in_while_it_is_good(self):
        more = f'\n[oauth]\nissuer = "https://id.test"\naudience = "mail"\njwks-file = "{self.jwks}"\n'
        with Submission(more) as house:
            self.assertEqual(235, bearer(house, self.token()))
            for bad in (self.token(exp=int(time.time()) - 3600), self.token(aud='other'), self.token(iss='https://other.test'),
                        self.token(email='nobody@example.org'), self.token({'alg': 'none'}), self.token()[:-8] + 'AAAAAAAA'):
                self.assertEqual(535, bearer(house, bad))


if __name__ == '__main__':
    unittest.main()
