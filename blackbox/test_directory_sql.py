"""Accounts that are kept in a database: PostgreSQL with tables as other mail servers use them."""

import glob
import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import time
import unittest

from harness import Server, free_port, message, need_root
from test_submission import Submission

SCHEMA = '''
CREATE TABLE domain (domain text PRIMARY KEY, active boolean DEFAULT true);
CREATE TABLE mailbox (username text PRIMARY KEY, password text, quota bigint DEFAULT 0, active boolean DEFAULT true);
CREATE TABLE alias (address text PRIMARY KEY, goto text, active boolean DEFAULT true);
INSERT INTO domain VALUES ('shop.test', true), ('off.test', false);
INSERT INTO mailbox VALUES
    ('dave@shop.test', '{SHA512-CRYPT}%s', 0, true), ('erin@shop.test', '{SHA512-CRYPT}%s', 0, false);
INSERT INTO alias VALUES
    ('dave@shop.test', 'dave@shop.test', true), ('orders@shop.test', 'dave@shop.test,alice@example.org', true),
    ('off@shop.test', 'dave@shop.test', false);
'''

SETTINGS = '''
[directory]
cache = "1s"
keep = "3s"
postmaster = "postmaster@example.org"

[[sql]]
url = "jdbc:postgresql://127.0.0.1:{port}/mail"
user = "depesche"
password-file = "{password}"
timeout = "2s"
domain = "SELECT domain AS name FROM domain WHERE domain = ':domain' AND active"
account = "SELECT username AS address, password, quota, active FROM mailbox WHERE username = ':address'"
alias = "SELECT goto FROM alias WHERE address = :address AND active"
'''


class Postgres:
    """A database server of its own."""

    def __init__(self):
        found = sorted(glob.glob('/usr/lib/postgresql/*/bin/initdb'))
        if not found:
            raise unittest.SkipTest('postgresql is not installed')
        need_root()
        self.bin = os.path.dirname(found[-1])
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix='depesche-pg-')
        self.data = os.path.join(self.folder, 'data')
        shutil.chown(self.folder, 'postgres')
        self.password = os.path.join(self.folder, 'password')
        with open(self.password, 'w') as f:
            f.write('secret of the database\n')
        os.chmod(self.password, 0o644)
        self.run('initdb', '-D', self.data, '-U', 'depesche', '--auth=scram-sha-256', f'--pwfile={self.password}', '-N')
        with open(os.path.join(self.data, 'postgresql.conf'), 'a') as f:
            f.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n")

    def run(self, program, *args):
        user = pwd.getpwnam('postgres')
        done = subprocess.run([os.path.join(self.bin, program), *args], capture_output=True, text=True, timeout=60,
                              user=user.pw_uid, group=user.pw_gid, cwd=self.folder,
                              env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C', 'PGPASSWORD': 'secret of the database'})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self):
        self.run('pg_ctl', '-D', self.data, '-l', os.path.join(self.folder, 'log'), '-w', 'start')

    def stop(self):
        self.run('pg_ctl', '-D', self.data, '-m', 'immediate', '-w', 'stop')

    def sql(self, text, database='mail'):
        self.run('psql', '-h', '127.0.0.1', '-p', str(self.port), '-U', 'depesche', '-v', 'ON_ERROR_STOP=1', '-q', '-c', text, database)

    def close(self):
        try:
            self.stop()
        except AssertionError:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)


def crypted(password):
    done = subprocess.run(['openssl', 'passwd', '-6', password], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class InPostgres(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.db = Postgres()
        cls.db.start()
        cls.db.sql('CREATE DATABASE mail', 'postgres')
        kept = crypted('dave knows it')
        cls.db.sql(SCHEMA % (kept, kept))
        cls.house = Submission(SETTINGS.format(port=cls.db.port, password=cls.db.password)).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__()
        cls.db.close()

    def rcpt(self, address):
        with self.house.server.smtp() as c:
            c.ehlo()
            c.mail('x@client.test')
            return c.rcpt(address)

    def login(self, name, password):
        with self.house.smtp() as c:
            try:
                return c.login(name, password)[0]
            except smtplib.SMTPAuthenticationError as e:
                return e.smtp_code

    def test_mail_for_accounts_and_aliases_arrives_and_others_are_refused(self):
        with self.house.server.smtp() as c:
            c.sendmail('x@client.test', ['orders@shop.test'], message('one order'))
        self.assertIn(b'one order', self.house.server.wait_mails('dave', 1, domain='shop.test')[0])
        self.assertTrue(any(b'one order' in m for m in self.house.server.wait_mails('alice', 1)))
        self.assertEqual(250, self.rcpt('DAVE+tag@Shop.Test')[0])
        self.assertEqual(250, self.rcpt('postmaster@shop.test')[0])
        self.assertEqual((550, b'5.1.1 No such mailbox here'), self.rcpt('nobody@shop.test'))
        self.assertEqual(550, self.rcpt("\"x' or '1'='1\"@shop.test")[0])
        self.assertEqual(550, self.rcpt('off@shop.test')[0])
        self.assertEqual((550, b'5.2.1 This mailbox takes no mail at present'), self.rcpt('erin@shop.test'))
        self.assertEqual((550, b'5.7.1 Relaying is not permitted'), self.rcpt('dave@off.test'))

    def test_the_password_in_the_table_logs_in_and_a_new_one_at_once(self):
        self.assertEqual(235, self.login('dave@shop.test', 'dave knows it'))
        self.assertEqual(535, self.login('dave@shop.test', 'dave does not'))
        self.assertEqual(535, self.login('erin@shop.test', 'dave knows it'))
        self.db.sql("UPDATE mailbox SET password = '{SHA512-CRYPT}%s' WHERE username LIKE 'dave%%'" % crypted('changed'))
        self.assertEqual(235, self.login('dave@shop.test', 'changed'))
        with self.house.smtp() as c:
            c.login('dave@shop.test', 'changed')
            c.sendmail('dave@shop.test', ['alice@example.org'], message('from dave').replace('sender@client.test', 'dave@shop.test'))
            with self.assertRaises(smtplib.SMTPSenderRefused) as refused:
                c.sendmail('alice@example.org', ['alice@example.org'], message('not dave'))
            self.assertEqual(553, refused.exception.smtp_code)

    def test_while_the_database_is_away_nobody_is_refused_for_good(self):
        self.assertEqual(250, self.rcpt('dave@shop.test')[0])
        self.db.stop()
        try:
            self.assertEqual(250, self.rcpt('alice@example.org')[0])
            self.assertEqual(451, self.rcpt('never-seen@shop.test')[0])
            self.assertEqual(454, self.login('dave@shop.test', 'whatever'))
            time.sleep(3.5)
            self.assertEqual((451, b'4.3.0 Cannot check this recipient now, try again later'), self.rcpt('dave@shop.test'))
            self.house.server.wait_log('the directory does not answer')
        finally:
            self.db.start()
        end = time.time() + 20
        while self.rcpt('dave@shop.test')[0] != 250:
            self.assertLess(time.time(), end)
            time.sleep(0.3)
        self.assertEqual(550, self.rcpt('never-seen@shop.test')[0])
        self.house.server.wait_log('the directory answers again')


if __name__ == '__main__':
    unittest.main()
