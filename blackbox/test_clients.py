"""Real clients send, the packaged server receives, a real IMAP server reads."""

import email
import email.header
import glob
import imaplib
import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import time
import unittest

from harness import Server, depesche, free_port, message, need, need_root


class Clients(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def setUp(self):
        for user in ('alice', 'bob', 'postmaster'):
            for path in glob.glob(self.server.maildir(user) + '/new/*'):
                os.remove(path)

    def test_smtplib_sends_plain_text_with_trace_headers_on_top(self):
        with self.server.smtp() as c:
            c.sendmail('sender@client.test', ['alice@example.org'], message('smtplib'))
        mail = self.server.wait_mails('alice', 1)[0]
        lines = mail.split(b'\r\n')
        self.assertEqual(lines[0], b'Return-Path: <sender@client.test>')
        self.assertEqual(lines[1], b'Delivered-To: alice@example.org')
        self.assertTrue(lines[2].startswith(b'Received: from client.test'), lines[2])
        self.assertTrue(mail.endswith(message('smtplib').encode()), 'the content is as it was sent')
        self.assertIn('with ESMTP', email.message_from_bytes(mail)['Received'])

    def test_smtplib_sends_8bit_and_utf8_addresses(self):
        text = 'From: <jürgen@client.test>\r\nSubject: Grüße\r\n\r\näöü €\r\n'
        with self.server.smtp() as c:
            c.ehlo()
            c.mail('jürgen@client.test', ['SMTPUTF8', 'BODY=8BITMIME'])
            self.assertEqual(c.rcpt('alice@example.org')[0], 250)
            self.assertEqual(c.data(text.encode())[0], 250)
        mail = self.server.wait_mails('alice', 1)[0]
        self.assertTrue(mail.endswith(text.encode()))
        self.assertIn('UTF8SMTP', email.message_from_bytes(mail)['Received'])

    def test_swaks_sends_and_sees_every_extension(self):
        need('swaks')
        done = subprocess.run(['swaks', '--server', f'127.0.0.1:{self.server.port}', '--from', 's@client.test',
                               '--to', 'alice@example.org', '--pipeline', '--body', 'from swaks', '--helo', 'client.test'],
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stdout)
        for word in ('PIPELINING', 'SIZE', '8BITMIME', 'SMTPUTF8', 'CHUNKING', 'BINARYMIME', 'ENHANCEDSTATUSCODES', 'DSN', 'LIMITS'):
            self.assertIn(word, done.stdout)
        self.assertIn(b'from swaks', self.server.wait_mails('alice', 1)[0])

    def test_curl_sends(self):
        need('curl')
        with tempfile.NamedTemporaryFile('w', newline='') as f:
            f.write(message('curl'))
            f.flush()
            done = subprocess.run(['curl', '-s', '-S', f'smtp://127.0.0.1:{self.server.port}/client.test', '--mail-from', 's@client.test',
                                   '--mail-rcpt', 'bob@example.org', '--mail-rcpt', 'alice@example.org', '-T', f.name],
                                  capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b'Subject: curl', self.server.wait_mails('bob', 1)[0])
        self.assertIn(b'Subject: curl', self.server.wait_mails('alice', 1)[0])

    def test_our_own_send_with_dialogue_and_attachment(self):
        with tempfile.NamedTemporaryFile('wb', suffix='.bin') as f:
            f.write(bytes(range(256)) * 100)
            f.flush()
            done = depesche('send', '-v', '--server', f'127.0.0.1:{self.server.port}', '--from', 'me@client.test', '--to', 'alice@example.org',
                            '--subject', 'Grüße', '--body', 'Guten Tag', '--attach', f.name)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        self.assertIn('MAIL FROM:<me@client.test>', done.stdout + done.stderr)
        mail = email.message_from_bytes(self.server.wait_mails('alice', 1)[0])
        self.assertEqual(str(email.header.make_header(email.header.decode_header(mail['Subject']))), 'Grüße')
        parts = [p for p in mail.walk() if not p.is_multipart()]
        self.assertEqual(parts[-1].get_payload(decode=True), bytes(range(256)) * 100)

    def test_our_own_send_says_what_the_server_refused(self):
        done = depesche('send', '--server', f'127.0.0.1:{self.server.port}', '--from', 'me@client.test', '--to', 'nobody@example.org', '--body', 'x')
        self.assertEqual(done.returncode, 1)
        self.assertIn('5.1.1', done.stdout + done.stderr)

    def test_aliases_subaddresses_and_doubles_arrive_once(self):
        with self.server.smtp() as c:
            c.sendmail('s@client.test', ['alice@example.org', 'sales@example.org', 'ALICE+news@example.org', 'alice@example.org'], message('once'))
        time.sleep(1)
        self.assertEqual(len(self.server.wait_mails('alice', 1)), 1)

    def test_postmaster_is_reachable_without_a_domain(self):
        with self.server.smtp() as c:
            c.ehlo()
            c.docmd('MAIL FROM:<>')
            self.assertEqual(c.docmd('RCPT TO:<Postmaster>')[0], 250)
            c.docmd('RSET')

    def test_strangers_cannot_relay(self):
        with self.server.smtp() as c:
            c.ehlo()
            for rcpt in ('<x@elsewhere.test>', '<x%elsewhere.test@example.org>', '<"x@elsewhere.test"@example.org>',
                         '<@example.org:x@elsewhere.test>', '<x@[127.0.0.1]>', '<elsewhere.test!x@example.org>'):
                c.docmd('MAIL FROM:<s@client.test>')
                code, text = c.docmd('RCPT TO:' + rcpt)
                self.assertEqual(code // 100, 5, f'{rcpt}: {code} {text}')
                c.docmd('RSET')

    def test_postfix_hands_mail_on_to_us(self):
        need('postfix')
        need_root()
        with Postfix(self.server.port) as postfix:
            for i in range(20):
                postfix.sendmail('s@client.test', 'alice@example.org', message(f'postfix {i}').replace('\r\n', '\n'))
            found = self.server.wait_mails('alice', 20, 60)
        self.assertEqual(sorted(email.message_from_bytes(m)['Subject'] for m in found), sorted(f'postfix {i}' for i in range(20)))

    def test_dovecot_reads_the_maildir_over_imap(self):
        need('dovecot', 'doveadm')
        need_root()
        texts = [message(f'imap {i}', size=i * 5000) for i in range(5)]
        with self.server.smtp() as c:
            for text in texts:
                c.sendmail('s@client.test', ['bob@example.org'], text)
        self.server.wait_mails('bob', 5)
        with Dovecot(self.server.data) as dovecot:
            imap = imaplib.IMAP4('127.0.0.1', dovecot.port)
            imap.login('bob@example.org', 'secret')
            try:
                _, (count,) = imap.select('INBOX')
            except imaplib.IMAP4.abort:
                time.sleep(1)
                self.fail(dovecot.log())
            self.assertEqual(count, b'5')
            bodies = []
            for n in range(1, 6):
                _, parts = imap.fetch(str(n), '(RFC822.SIZE BODY.PEEK[])')
                bodies.append(parts[0][1])
            imap.logout()
        for text in texts:
            self.assertTrue(any(b.endswith(text.encode()) for b in bodies), 'IMAP gives the content byte for byte')


class Postfix:
    """A Postfix of our own in a folder of its own, that sends example.org to a port."""

    def __init__(self, port):
        self.port = port

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix='depesche-postfix-')
        os.chmod(self.dir, 0o755)
        etc, spool, data = (os.path.join(self.dir, d) for d in ('etc', 'spool', 'data'))
        for d in (etc, spool, data):
            os.mkdir(d, 0o755)
        shutil.chown(data, 'postfix')
        with open(etc + '/main.cf', 'w') as f:
            f.write(f'''compatibility_level = 3.6
queue_directory = {spool}
data_directory = {data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.client.test
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
transport_maps = inline:{{example.org=smtp:[127.0.0.1]:{self.port}}}
smtp_tls_security_level = none
smtp_host_lookup = native
disable_dns_lookups = yes
maillog_file = {self.dir}/log
maillog_file_prefixes = {self.dir}
alias_maps =
alias_database =
''')
        services = '''pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
'''
        with open(etc + '/master.cf', 'w') as f:
            f.write(services)
        self.etc = etc
        done = subprocess.run(['postfix', '-c', etc, 'start'], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return self

    def sendmail(self, sender, to, text):
        done = subprocess.run(['sendmail', '-C', self.etc, '-f', sender, '-i', to], input=text, capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    def __exit__(self, *exc):
        subprocess.run(['postfix', '-c', self.etc, 'stop'], capture_output=True, timeout=60)
        shutil.rmtree(self.dir, ignore_errors=True)


class Dovecot:
    """A Dovecot of our own that shows the mailboxes below a data folder."""

    def __init__(self, data):
        self.data = data

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix='depesche-dovecot-')
        os.chmod(self.dir, 0o755)
        port = free_port()
        # Dovecot reads as nobody but an ordinary user; the server, being root here, can write all the same.
        owner = pwd.getpwnam('mail')
        subprocess.run(['chown', '-R', f'{owner.pw_uid}:{owner.pw_gid}', os.path.dirname(self.data)], check=True)
        conf = self.dir + '/dovecot.conf'
        with open(conf, 'w') as f:
            f.write(f'''base_dir = {self.dir}/run
state_dir = {self.dir}/state
log_path = {self.dir}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{self.data}/mail/%d/%n/Maildir
default_internal_user = dovecot
default_login_user = dovenull
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={self.dir}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  chroot =
}}
''')
        self.process = subprocess.Popen(['dovecot', '-F', '-c', conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.time() + 20
        while time.time() < end:
            try:
                imaplib.IMAP4('127.0.0.1', port).logout()
                self.port = port
                return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError('Dovecot did not start: ' + self.log())

    def log(self):
        with open(self.dir + '/log') as f:
            return f.read()

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.dir, ignore_errors=True)


if __name__ == '__main__':
    unittest.main()
