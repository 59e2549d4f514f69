"""Mail of those who log in, over TLS, as their programs send it."""

import os
import smtplib
import socket
import ssl
import subprocess
import threading
import time
import unittest

from harness import CONFIG, Server, free_port, message, need, need_root, text_of
from remotes import PostfixReceiver, Taker

PASSWORD = 'correct horse battery'


class Submission:
    """A server with both ports of submission and an account that can log in."""

    def __init__(self, more='', aliases=''):
        self.ports = {'submission': free_port(), 'submissions': free_port()}
        listeners = ''.join(f'\n[[listener]]\naddress = "127.0.0.1:{p}"\nrole = "{r}"\n' for r, p in self.ports.items())
        self.server = Server(listeners + more, CONFIG.replace('name = "example.org"\n', f'name = "example.org"\n{aliases}\n', 1))
        done = self.server.command('user', 'add', 'carol@example.org', '--password-stdin', '--alias', 'c@example.org',
                                   '--send-as', '@lists.example.org', input=PASSWORD + '\n')
        assert done.returncode == 0, done.stderr

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *exc):
        self.server.close()

    def context(self):
        """A client's that trusts the server's own certificate, and no other."""
        context = ssl.create_default_context(cafile=self.server.certificate())
        context.check_hostname = False
        return context

    def smtp(self, implicit=False):
        if implicit:
            return smtplib.SMTP_SSL('127.0.0.1', self.ports['submissions'], local_hostname='client.test',
                                    context=self.context(), timeout=20)
        c = smtplib.SMTP('127.0.0.1', self.ports['submission'], local_hostname='client.test', timeout=20)
        c.starttls(context=self.context())
        return c


class Programs(unittest.TestCase):
    """Every program that people submit mail with, on both ports."""

    @classmethod
    def setUpClass(cls):
        cls.house = Submission().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__()

    def arrived(self, subject):
        end = time.time() + 20
        while time.time() < end:
            found = [m for m in self.house.server.mails('alice') if f'Subject: {subject}'.encode() in m]
            if found:
                return found[0]
            time.sleep(0.1)
        self.fail(f'{subject} did not arrive:\n' + self.house.server.output())

    def run_program(self, *args, input=None):
        done = subprocess.run(args, capture_output=True, text=True, timeout=60, input=input)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_smtplib_on_both_ports(self):
        for implicit in (False, True):
            with self.house.smtp(implicit) as c:
                c.login('carol@example.org', PASSWORD)
                c.sendmail('carol@example.org', ['alice@example.org'],
                           f'From: carol@example.org\r\nSubject: smtplib {implicit}\r\n\r\nhi\r\n')
            mail = self.arrived(f'smtplib {implicit}')
            self.assertRegex(mail, rb'with ESMTPSA\s+\(TLSv1.3 TLS_')
            self.assertIn(b'\nMessage-ID: <', mail)

    def test_swaks_by_each_mechanism(self):
        need('swaks')
        if subprocess.run(['perl', '-MNet::SSLeay', '-e1'], capture_output=True).returncode != 0:
            self.skipTest('Net::SSLeay is not installed')
        for mechanism in ('PLAIN', 'LOGIN'):
            for port, tls in ((self.house.ports['submission'], '-tls'),
                              (self.house.ports['submissions'], '--tls-on-connect')):
                subject = f'swaks {mechanism} {tls}'
                self.run_program('swaks', '--server', f'127.0.0.1:{port}', tls, '--auth', mechanism, '--auth-user',
                                 'carol@example.org', '--auth-password', PASSWORD, '--from', 'carol@example.org',
                                 '--to', 'alice@example.org', '--header', f'Subject: {subject}')
                self.arrived(subject)

    def test_curl(self):
        need('curl')
        for url in (f'smtp://127.0.0.1:{self.house.ports["submission"]}', f'smtps://127.0.0.1:{self.house.ports["submissions"]}'):
            self.run_program('curl', '-sS', '--ssl-reqd', '-k', '--url', url, '--user', f'carol@example.org:{PASSWORD}',
                             '--mail-from', 'carol@example.org', '--mail-rcpt', 'alice@example.org', '-T', '-',
                             input=f'From: carol@example.org\r\nSubject: curl {url[:5]}\r\n\r\nhi\r\n')
            self.arrived(f'curl {url[:5]}')

    def test_msmtp_by_each_mechanism(self):
        need('msmtp')
        for mechanism in ('plain', 'login', 'scram-sha-256'):
            for port, starttls in ((self.house.ports['submission'], 'on'), (self.house.ports['submissions'], 'off')):
                subject = f'msmtp {mechanism} {starttls}'
                self.run_program('msmtp', '--host=127.0.0.1', f'--port={port}', f'--auth={mechanism}',
                                 '--user=carol@example.org', f'--passwordeval=echo {PASSWORD}', '--tls=on',
                                 f'--tls-starttls={starttls}', '--tls-certcheck=off', '--from=carol@example.org',
                                 'alice@example.org', input=f'From: carol@example.org\nSubject: {subject}\n\nhi\n')
                self.arrived(subject)

    def test_gsasl_with_and_without_channel_binding(self):
        need('gsasl')
        for mechanism, more in (('PLAIN', []), ('LOGIN', []), ('SCRAM-SHA-256', ['--no-cb']), ('SCRAM-SHA-256-PLUS', [])):
            said = self.run_program(
                'gsasl', '--smtp', '--starttls', '--x509-ca-file=', '--mechanism',
                mechanism, '--authentication-id', 'carol@example.org', '--password', PASSWORD, '--connect',
                f'127.0.0.1:{self.house.ports["submission"]}', *more, input='QUIT\n')
            self.assertIn('authentication finished (server trusted)', said.lower(), mechanism)

    def test_nodemailer_on_both_ports(self):
        need('node')
        environment = dict(os.environ, NODE_PATH='/usr/share/nodejs')
        if subprocess.run(['node', '-e', 'require("nodemailer")'], env=environment, capture_output=True).returncode != 0:
            self.skipTest('node-nodemailer is not installed')
        for method in ('PLAIN', 'LOGIN'):
            for port, secure in ((self.house.ports['submission'], 'false'), (self.house.ports['submissions'], 'true')):
                subject = f'nodemailer {method} {secure}'
                done = subprocess.run(['node', '-e', f'''
                    const transport = require("nodemailer").createTransport({{host: "127.0.0.1", port: {port},
                        secure: {secure}, requireTLS: true, authMethod: "{method}", pool: true, tls: {{rejectUnauthorized: false}},
                        auth: {{user: "carol@example.org", pass: "{PASSWORD}"}}}});
                    Promise.all(["", " again"].map(more => transport.sendMail({{from: "carol@example.org",
                        to: "alice@example.org", subject: "{subject}" + more, text: "Gr\u00fc\u00dfe\\n.\\n",
                        attachments: [{{filename: "a.txt", content: "x".repeat(100000)}}]}})))
                      .then(sent => {{ console.log(sent[0].response); transport.close(); }},
                            error => {{ console.error(error); process.exit(1); }});
                    '''], env=environment, capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn('250 2.0.0 Queued as', done.stdout)
                self.arrived(subject)
                self.arrived(subject + ' again')

    def test_our_own_log_names_account_mechanism_and_cipher(self):
        with self.house.smtp() as c:
            c.login('c' + 'arol', PASSWORD)
        time.sleep(1)
        log = text_of(self.house.server.data + '/mail.log')
        self.assertRegex(log, r'event=logged-in .*tls="TLSv1\.3 TLS_\w+" auth=\S+ account=carol@example\.org')
        self.assertNotIn(PASSWORD, log)


class Rules(unittest.TestCase):

    def test_nobody_sends_without_a_login_or_a_password_without_tls(self):
        with Submission() as house:
            for port in house.ports.values():
                context = house.context()
                raw = socket.create_connection(('127.0.0.1', port), 10)
                if port == house.ports['submissions']:
                    raw = context.wrap_socket(raw)
                s = smtplib.SMTP(local_hostname='client.test')
                s.sock, s.file = raw, None
                self.assertEqual(s.getreply()[0], 220)
                s.ehlo()
                self.assertEqual(s.docmd('MAIL FROM:<carol@example.org>')[0], 530)
                s.close()
            c = smtplib.SMTP('127.0.0.1', house.ports['submission'], local_hostname='client.test', timeout=20)
            c.ehlo()
            self.assertEqual(c.esmtp_features['auth'].strip(), 'SCRAM-SHA-256')
            self.assertEqual(c.docmd('AUTH', 'PLAIN AGNhcm9sAHg=')[0], 538)
            c.close()

    def test_who_may_send_as_whom(self):
        with Submission() as house, house.smtp() as c:
            c.login('carol@example.org', PASSWORD)

            def send(envelope, header):
                return c.sendmail(envelope, ['alice@example.org'], f'From: {header}\r\nSubject: x\r\n\r\nhi\r\n')

            for good in (('carol@example.org', 'Carol <carol@example.org>'), ('c@example.org', 'c@example.org'),
                         ('news@lists.example.org', 'news@lists.example.org'), ('<>', 'carol@example.org')):
                self.assertEqual(send(*good), {})
            for bad in (('alice@example.org', 'carol@example.org'), ('carol@example.org', 'alice@example.org'),
                        ('carol@example.org', '"carol@example.org" <alice@example.org>')):
                with self.assertRaises(smtplib.SMTPResponseException) as refused:
                    send(*bad)
                self.assertIn(refused.exception.smtp_code, (550, 553))
                self.assertIn(b'5.7.1', refused.exception.smtp_error)
                c.rset()

    def test_wrong_passwords_and_unknown_users_are_told_apart_in_the_log_only(self):
        with Submission() as house:
            answers = set()
            for user, password in (('carol@example.org', 'wrong'), ('nobody@example.org', PASSWORD), ('alice@example.org', 'x')):
                with house.smtp() as c:
                    with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
                        c.login(user, password)
                    answers.add((refused.exception.smtp_code, refused.exception.smtp_error))
            self.assertEqual(answers, {(535, b'5.7.8 Authentication credentials invalid')})

    def test_guessing_is_slowed_down_and_locked_out_until_somebody_unlocks(self):
        with Submission('\n[auth]\nlock-network-after = 3\n') as house:

            def log_in(password):
                with house.smtp() as c:
                    try:
                        return c.login('carol@example.org', password)[0]
                    except smtplib.SMTPAuthenticationError as e:
                        return e.smtp_code

            start = time.time()
            self.assertEqual([log_in(p) for p in ('a', 'b', 'b', 'b')], [535] * 4, 'a repeated mistake counts once')
            self.assertEqual(log_in(PASSWORD), 235)
            self.assertLess(time.time() - start, 15)
            # smtplib tries PLAIN and then LOGIN with the same password.
            self.assertEqual([log_in(p) for p in ('c', 'd', 'e')], [535, 535, 454])
            start = time.time()
            self.assertEqual(log_in(PASSWORD), 454)
            self.assertLess(time.time() - start, 3, 'refused at once')
            locks = house.server.json('logins')['locks']
            self.assertEqual([lock['key'] for lock in locks], ['127.0.0.1'])
            self.assertEqual(house.server.json('logins', '--unlock', '127.0.0.1')['locks'], [])
            self.assertEqual(log_in(PASSWORD), 235)

    def test_an_account_sends_so_much_in_a_time_and_a_restart_does_not_forget(self):
        with Submission('\n[limits]\naccount-messages = "3/1h"\naccount-recipients = "5/1h"\naccount-data = "10KiB/1h"\n'
                        'client-messages = "2/1h"\n') as house:

            def send(to=('alice@example.org',), size=100):
                with house.smtp() as c:
                    c.login('carol@example.org', PASSWORD)
                    try:
                        return c.sendmail('carol@example.org', list(to), 'From: carol@example.org\r\nSubject: counted\r\n\r\n'
                                          + 'counted\r\n' * (size // 9))
                    except smtplib.SMTPResponseException as e:
                        return e.smtp_code, e.smtp_error

            self.assertEqual(send(), {})
            self.assertEqual(send(['alice@example.org', 'bob@example.org'], 20_000)[0], 450, 'too much content')
            used = {a['kind']: a['used'] for a in house.server.json('user', 'show', 'carol@example.org')['allowances']}
            self.assertEqual((used['messages'], used['recipients']), (2, 3))
            house.server.stop()
            house.server.start()
            self.assertEqual(send(['alice@example.org', 'bob@example.org']), {})
            code, text = send()
            self.assertEqual(code, 450)
            self.assertRegex(text, rb'^4\.7\.1 Too much mail lately, try again in (19|20) minutes$')
            for cause in ('limits.account-data', 'limits.account-messages'):
                house.server.wait_log(cause)
            said = house.server.command('user', 'show', 'carol@example.org').stdout
            self.assertRegex(said, r'messages +3 of 3 used, in 1')
            self.assertRegex(said, r'aliases +c@example\.org\nsend-as +@lists\.example\.org\n')
            self.assertEqual(house.server.command('user', 'show', 'nobody@example.org').returncode, 1)
            with house.server.smtp() as c:
                c.ehlo()
                answers = []
                for _ in range(3):
                    answers.append(c.mail('s@client.test')[0])
                    c.rset()
            self.assertEqual(answers, [250, 250, 450], 'a client without a login')

    def test_versions_of_tls(self):
        need('openssl')
        with Submission() as house:
            for version, good in (('-tls1_3', True), ('-tls1_2', True), ('-tls1_1', False)):
                for role, how in (('submission', ['-starttls', 'smtp']), ('submissions', [])):
                    done = subprocess.run(
                        ['openssl', 's_client', '-connect', f'127.0.0.1:{house.ports[role]}', version, '-cipher',
                         'ALL:@SECLEVEL=0', *how], capture_output=True, text=True, timeout=20, input='QUIT\n')
                    self.assertEqual('Cipher is (NONE)' not in done.stdout and 'Cipher    : 0000' not in done.stdout,
                                     good, version + role + done.stdout[-600:] + done.stderr[-300:])

    def test_sessions_are_resumed(self):
        with Submission() as house:
            context = house.context()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            session = None
            for again in (False, True):
                with socket.create_connection(('127.0.0.1', house.ports['submissions']), 10) as s:
                    with context.wrap_socket(s, session=session) as t:
                        t.recv(4)
                        self.assertEqual(t.session_reused, again)
                        session = t.session

    def test_certificates_are_changed_under_load_and_chosen_by_name(self):
        need('openssl')
        with Submission() as house:
            folder = house.server.folder

            def certificate(name, serial):
                subprocess.run(
                    ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
                     '-set_serial', str(serial), '-subj', f'/CN={name}', '-addext', f'subjectAltName=DNS:{name}', '-keyout',
                     f'{folder}/{name}.key', '-out', f'{folder}/{name}.pem'], check=True, capture_output=True)

            def shown(name):
                context = ssl._create_unverified_context()
                with socket.create_connection(('127.0.0.1', house.ports['submissions']), 10) as s:
                    with context.wrap_socket(s, server_hostname=name) as t:
                        return ssl.DER_cert_to_PEM_cert(t.getpeercert(True))

            certificate('mx.example.org', 11)
            certificate('mail.other.test', 12)
            first = shown('mx.example.org')
            text = text_of(house.server.config)
            house.server.write_config(text + f'''
[tls]
certificate = "{folder}/mx.example.org.pem"
key = "{folder}/mx.example.org.key"
[[certificate]]
certificate = "{folder}/mail.other.test.pem"
key = "{folder}/mail.other.test.key"
''')
            problems = []
            stop = threading.Event()

            def load():
                while not stop.is_set():
                    try:
                        with smtplib.SMTP_SSL('127.0.0.1', house.ports['submissions'], local_hostname='c.test', timeout=20,
                                              context=ssl._create_unverified_context()) as c:
                            c.ehlo()
                    except Exception as e:  # every failure counts
                        problems.append(repr(e))

            clients = [threading.Thread(target=load) for _ in range(4)]
            for each in clients:
                each.start()
            time.sleep(0.5)
            done = house.server.command('reload')
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            time.sleep(0.5)
            stop.set()
            for each in clients:
                each.join()
            self.assertEqual(problems, [])
            ours = shown('mx.example.org')
            self.assertNotEqual(ours, first)
            self.assertEqual(ours, text_of(f'{folder}/mx.example.org.pem'))
            self.assertEqual(shown('mail.other.test'), text_of(f'{folder}/mail.other.test.pem'))
            self.assertEqual(shown('unknown.test'), ours)
            house.server.write_config(text + '\n[tls]\ncertificate = "/nowhere.pem"\n')
            done = house.server.command('reload')
            self.assertEqual(done.returncode, 1)
            self.assertIn('/nowhere.pem', done.stdout + done.stderr)
            self.assertEqual(shown('mx.example.org'), ours)

    def test_a_certificate_that_runs_out_soon_is_complained_of(self):
        need('openssl')
        with Submission() as house:
            folder = house.server.folder
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '5',
                            '-subj', '/CN=mx.example.org', '-keyout', folder + '/old.key', '-out', folder + '/old.pem'],
                           check=True, capture_output=True)
            self.assertNotIn('good until', house.server.output())
            house.server.stop()
            house.server.write_config(text_of(house.server.config) +
                                      f'\n[tls]\ncertificate = "{folder}/old.pem"\nkey = "{folder}/old.key"\n')
            house.server.start()
            time.sleep(1)
            self.assertIn('A certificate is good until', house.server.output())
            self.assertIn('what=certificate-expires', text_of(house.server.data + '/mail.log'))

    def test_where_a_sender_sits_can_be_kept_out(self):
        with Submission('\n[submission]\nhide-client = true\n') as house:
            with house.smtp() as c:
                c.login('carol@example.org', PASSWORD)
                c.sendmail('carol@example.org', ['alice@example.org'], message('private').replace('sender@client.test', 'carol@example.org'))
            mail = house.server.wait_mails('alice', 1)[0]
            self.assertNotIn(b'127.0.0.1', mail)
            self.assertNotIn(b'client.test', mail)
            self.assertIn(b'Received: by mx.example.org with ESMTPSA', mail)


class Outwards(unittest.TestCase):
    """TLS to other servers."""

    def relay(self, port, tls='', more=''):
        return (f'\n[relay]\nnetworks = ["127.0.0.0/8"]\n[queue]\nretry = ["1s"]\n{more}\n[[route]]\ndomain = "relay.test"\n'
                f'to = "smtp://127.0.0.1:{port}"\n' + (f'tls = "{tls}"\n' if tls else ''))

    def test_postfix_gets_mail_encrypted_when_it_offers_that(self):
        need('postfix', 'openssl')
        need_root()
        with PostfixReceiver(['u1'], tls=True) as postfix, Server(self.relay(postfix.port)) as server:
            with server.smtp() as c:
                c.sendmail('alice@example.org', ['u1@relay.test'], message('encrypted'))
            mail = postfix.wait_mails('u1', 1)[0]
            self.assertRegex(mail, rb'using TLSv1.3 with cipher')
            time.sleep(1)
            self.assertRegex(text_of(server.data + '/mail.log'), r'event=delivered .*reply=".*\(TLSv1\.3 TLS_')

    def test_a_certificate_nobody_vouches_for_will_not_do_where_it_is_verified(self):
        need('postfix', 'openssl')
        need_root()
        with PostfixReceiver(['u1'], tls=True) as postfix, Server(self.relay(postfix.port, 'verified')) as server:
            with server.smtp() as c:
                c.sendmail('alice@example.org', ['u1@relay.test'], message('verified'))
            self.waits(server, 'TLS handshake failed')
            self.assertEqual(postfix.mails('u1'), [])

    def test_no_mail_goes_without_tls_where_it_is_required(self):
        with Taker() as taker, Server(self.relay(taker.port, 'required')) as server:
            with server.smtp() as c:
                c.sendmail('alice@example.org', ['u1@relay.test'], message('required'))
            self.waits(server, 'TLS is required, and the server does not offer it')
            self.assertEqual(taker.taken, {})

    def test_a_server_that_offers_tls_and_cannot_gets_mail_without(self):
        with Taker(broken_tls=True) as taker, Server(self.relay(taker.port)) as server:
            with server.smtp() as c:
                c.sendmail('alice@example.org', ['u1@relay.test'], message('opportunistic'))
            taker.wait(1)
            time.sleep(1)
            self.assertRegex(text_of(server.data + '/mail.log'), r'event=delivered .*\(without TLS: ')

    def waits(self, server, words):
        end = time.time() + 20
        while not server.json('queue', 'list', '--reply', words)['messages']:
            self.assertLess(time.time(), end, server.command('queue', 'list').stdout)
            time.sleep(0.2)


if __name__ == '__main__':
    unittest.main()
