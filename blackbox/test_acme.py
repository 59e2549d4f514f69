"""Certificates from an authority (RFC 8555): Debian's pebble is the authority, and looks at us from outside."""

import contextlib
import json
import glob
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import tempfile
import time
import unittest

from harness import Server, free_port, need

NAMES = ('mx.example.org', 'mail.example.org')
MAC_KEY = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W'


def in_folder(server, file):
    """A file of the one authority that was asked."""
    return glob.glob(os.path.join(server.data, 'acme', '*', file))[0]


class Pebble:
    """An authority that finds every name at 127.0.0.1."""

    def __init__(self, folder, binding=False, seconds=0):
        self.folder = folder
        self.ports = {name: free_port() for name in ('acme', 'management', 'http', 'tls', 'dns', 'dns-management')}
        self.processes = []
        self.certificate = os.path.join(folder, 'ca.pem')
        key = os.path.join(folder, 'ca-key.pem')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out',
                        self.certificate, '-subj', '/CN=pebble', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
                       check=True, capture_output=True)
        settings = {
            'listenAddress': f'127.0.0.1:{self.ports["acme"]}',
            'managementListenAddress': f'127.0.0.1:{self.ports["management"]}',
            'certificate': self.certificate, 'privateKey': key,
            'httpPort': self.ports['http'], 'tlsPort': self.ports['tls'], 'ocspResponderURL': '',
            'externalAccountBindingRequired': binding, 'externalAccountMACKeys': {'kid-1': MAC_KEY} if binding else {}}
        if seconds:
            settings['certificateValidityPeriod'] = seconds
        self.config = os.path.join(folder, 'pebble.json')
        with open(self.config, 'w') as f:
            json.dump({'pebble': settings}, f)
        self.log = os.path.join(folder, 'pebble.log')

    @property
    def url(self):
        return f'https://localhost:{self.ports["acme"]}/dir'

    def run(self, *args, **env):
        with open(self.log, 'ab') as log:
            self.processes.append(subprocess.Popen(args, stdout=log, stderr=log, env=dict(os.environ, **env)))

    def __enter__(self):
        dns = f'127.0.0.1:{self.ports["dns"]}'
        self.run('pebble-challtestsrv', '-defaultIPv6', '', '-http01', '', '-https01', '', '-tlsalpn01', '',
                 '-dns01', dns, '-management', f'127.0.0.1:{self.ports["dns-management"]}')
        # Without the sleeps, refused nonces and forgotten authorizations that are pebble's for developers of clients.
        self.run('pebble', '-config', self.config, '-dnsserver', dns, PEBBLE_VA_NOSLEEP='1', PEBBLE_AUTHZREUSE='0')
        end = time.time() + 15
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(('127.0.0.1', self.ports['acme']), 1).close()
                return self
            assert time.time() < end, 'pebble does not start:\n' + self.text()
            time.sleep(0.05)

    def __exit__(self, *exc):
        for process in self.processes:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.processes = []

    def text(self):
        with open(self.log, errors='replace') as f:
            return f.read()[-4000:]


class Acme(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        need('pebble', 'pebble-challtestsrv', 'openssl')

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='depesche-acme-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.port = free_port()

    def house(self, pebble, challenge='http-01', more=''):
        listen = pebble.ports['http' if challenge == 'http-01' else 'tls']
        return Server(f'''
[[listener]]
address = "127.0.0.1:{self.port}"
role = "submissions"

[acme]
agree-to-terms = true
directory-url = "{pebble.url}"
ca-certificates = "{pebble.certificate}"
domains = ["{NAMES[0]}", "{NAMES[1]}"]
email = "postmaster@example.org"
challenge = "{challenge}"
listen = ["127.0.0.1:{listen}"]
{more}''')

    def served(self):
        """The certificate of the listener, as openssl shows it."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(('127.0.0.1', self.port), 10) as raw:
            with context.wrap_socket(raw, server_hostname=NAMES[0]) as s:
                pem = ssl.DER_cert_to_PEM_cert(s.getpeercert(True))
        return subprocess.run(['openssl', 'x509', '-noout', '-issuer', '-serial', '-ext', 'subjectAltName'], input=pem,
                              capture_output=True, text=True, check=True).stdout

    def wait_served(self, text, server, seconds=40, other_than=''):
        end = time.time() + seconds
        failed = server.output().count('Certificate failed')
        while text not in (now := self.served()) or now == other_than:
            assert time.time() < end and server.output().count('Certificate failed') == failed, (
                f'{text} is not in {now}\n{server.output()}')
            time.sleep(0.2)
        return now

    def obtains(self, challenge, pebble, more=''):
        with pebble, self.house(pebble, challenge, more) as server:
            certificate = self.wait_served('Pebble', server)
            for name in NAMES:
                self.assertIn('DNS:' + name, certificate)
            log = server.wait_log('what=certificate-obtained')
            self.assertNotIn('certificate-failed', log)
            for file in ('account.pem', 'certificate.pem'):
                mode = os.stat(in_folder(server, file)).st_mode
                self.assertEqual(stat.S_IMODE(mode), 0o600, file)
            with self.assertRaises(OSError, msg='the port is open only while it is needed'):
                port = pebble.ports['http' if challenge == 'http-01' else 'tls']
                socket.create_connection(('127.0.0.1', port), 2).close()

    def test_a_certificate_by_a_page(self):
        self.obtains('http-01', Pebble(self.folder))

    def test_a_certificate_by_a_handshake(self):
        self.obtains('tls-alpn-01', Pebble(self.folder))

    def test_an_account_that_the_authority_knows_already(self):
        key = os.path.join(self.folder, 'mac-key')
        with open(key, 'w') as f:
            f.write(MAC_KEY + '\n')
        self.obtains('http-01', Pebble(self.folder, binding=True),
                     f'external-account-key-id = "kid-1"\nexternal-account-key = "{key}"\n')

    def test_it_is_renewed_and_open_sessions_stay(self):
        pebble = Pebble(self.folder, seconds=30)
        with pebble, self.house(pebble) as server:
            first = self.wait_served('Pebble', server)
            with server.smtp() as session:
                second = self.wait_served('Pebble', server, 40, other_than=first)
                self.assertNotEqual(first, second)
                self.assertEqual(session.noop()[0], 250)
            server.wait_log('what=certificate-renewed')

    def test_account_and_certificate_outlive_a_restart(self):
        pebble = Pebble(self.folder)
        with pebble, self.house(pebble) as server:
            first = self.wait_served('Pebble', server)
            server.wait_log('what=certificate-obtained')
            with open(in_folder(server, 'account.pem')) as f:
                account = f.read()
            self.assertEqual(server.stop(), 0)
            server.start()
            self.assertEqual(self.served(), first, 'served from the start')
            with open(in_folder(server, 'account.pem')) as f:
                self.assertEqual(f.read(), account)
            # Other names are a reason to ask again, with the account that is there.
            with open(server.config) as f:
                text = f.read()
            text = text.replace(f', "{NAMES[1]}"]', ', "other.example.org"]')
            server.write_config(text)
            server.stop()
            server.start()
            self.wait_served('DNS:other.example.org', server)
            self.assertEqual(server.wait_log('what=certificate-renewed').count('certificate-failed'), 0)
            with open(in_folder(server, 'account.pem')) as f:
                self.assertEqual(f.read(), account)

    def test_without_the_authority_it_serves_what_it_has_and_tries_again(self):
        pebble = Pebble(self.folder)
        with self.house(pebble) as server:
            server.wait_log('what=certificate-failed')
            self.assertIn('next try at', server.wait_log('certificate-failed'))
            self.assertNotIn('Pebble', self.served())
            self.assertEqual(server.smtp().noop()[0], 250)
            with pebble:
                # What was wrong has been mended; nobody has to wait for the next try.
                self.assertEqual(server.command('reload').returncode, 0)
                self.wait_served('Pebble', server)

    def test_who_cannot_prove_a_name_is_told_why(self):
        pebble = Pebble(self.folder)
        with pebble:
            server = self.house(pebble)
            with open(server.config) as f:
                text = f.read()
            server.write_config(text.replace(f'listen = ["127.0.0.1:{pebble.ports["http"]}"]',
                                             f'listen = ["127.0.0.1:{free_port()}"]'))
            with server:
                log = server.wait_log('what=certificate-failed', 40)
                self.assertIn('was not proven to be ours', log)
                self.assertNotIn('Pebble', self.served())


if __name__ == '__main__':
    unittest.main()
