"""Real servers that keep accounts: OpenLDAP and Dovecot, each in a folder of its own, on loopback."""

import contextlib
import os
import pwd
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time

from harness import Server, free_port


class Directory:
    """What both kinds of directories are tested with."""

    def start(self, settings):
        self.submission = free_port()
        self.server = Server(settings.replace('{port}', str(self.submission))).__enter__()
        self.addCleanup(self.server.close)

    def rcpt(self, address):
        with self.server.smtp() as c:
            c.helo()
            c.mail('sender@client.test')
            return c.rcpt(address)[0]

    def submit(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        c = smtplib.SMTP('127.0.0.1', self.submission, local_hostname='client.test', timeout=30)
        c.starttls(context=context)
        c.ehlo()
        return c

    def login(self, name, password):
        with self.submit() as c:
            c.user, c.password = name, password
            return c.auth('PLAIN', c.auth_plain)[0]

    def refused(self, name, password):
        with self.assertRaises(smtplib.SMTPAuthenticationError) as caught:
            self.login(name, password)
        return caught.exception.smtp_code

    def wait_for(self, what, wanted, seconds=20):
        """Until the directory is asked again."""
        end = time.time() + seconds
        while (got := what()) != wanted and time.time() < end:
            time.sleep(0.2)
        self.assertEqual(got, wanted, self.server.output())

OPENLDAP = '''include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/misc.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {dir}/pid
TLSCertificateFile {dir}/cert.pem
TLSCertificateKeyFile {dir}/key.pem
# Nobody says anything before TLS.
security ssf=64
database mdb
suffix "dc=example,dc=org"
directory {dir}/db
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=depesche,dc=example,dc=org" read by * none
'''

LDIF = '''dn: dc=example,dc=org
objectClass: domain
dc: example

dn: cn=depesche,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: depesche
userPassword: open sesame

dn: uid=ann,dc=example,dc=org
objectClass: inetOrgPerson
objectClass: inetLocalMailRecipient
uid: ann
cn: Ann
sn: Example
mail: ann@example.org
mailLocalAddress: anna@example.org
userPassword: correct horse

dn: uid=ben,dc=example,dc=org
objectClass: inetOrgPerson
uid: ben
cn: Ben
sn: Example
mail: ben@example.org
userPassword: battery staple

dn: cn=team,dc=example,dc=org
objectClass: groupOfNames
objectClass: extensibleObject
cn: team
mail: team@example.org
member: uid=ann,dc=example,dc=org
member: uid=ben,dc=example,dc=org
'''


class OpenLdap:
    """A real OpenLDAP with two people and a group; the password of its reader is in a file."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix='depesche-slapd-')
        self.port = free_port()
        self.password_file = self.dir + '/password'
        self.authority = self.dir + '/ca.pem'
        self.process = None

    def __enter__(self):
        os.mkdir(self.dir + '/db')
        self.certificates()
        for name, text in (('slapd.conf', OPENLDAP.replace('{dir}', self.dir)), ('data.ldif', LDIF),
                           ('password', 'open sesame\n')):
            with open(f'{self.dir}/{name}', 'w') as f:
                f.write(text)
        subprocess.run(['/usr/sbin/slapadd', '-f', self.dir + '/slapd.conf', '-l', self.dir + '/data.ldif'], check=True,
                       capture_output=True, timeout=60)
        return self.start()

    def certificates(self):
        def openssl(*args):
            subprocess.run(['openssl', *args], check=True, capture_output=True, timeout=60, cwd=self.dir)

        key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
        openssl('req', '-x509', *key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=authority', '-days', '2')
        openssl('req', *key, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=localhost',
                '-addext', 'subjectAltName=DNS:localhost')
        openssl('x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
                '-out', 'cert.pem', '-days', '1', '-copy_extensions', 'copy')

    def start(self):
        self.log = open(self.dir + '/log', 'ab')
        self.process = subprocess.Popen(['/usr/sbin/slapd', '-d', '0', '-f', self.dir + '/slapd.conf',
                                         '-h', f'ldap://127.0.0.1:{self.port}'], stdout=self.log, stderr=self.log)
        end = time.time() + 20
        while time.time() < end:
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        with open(self.dir + '/log', errors='replace') as f:
            raise AssertionError('slapd did not start: ' + f.read()[-4000:])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self.log.close()

    def __exit__(self, *exc):
        if self.process and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)


DOVECOT = '''base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
protocols =
ssl = no
first_valid_uid = 1
default_internal_user = dovecot
default_login_user = dovenull
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {dir}/users
}
userdb {
  driver = passwd-file
  args = username_format=%u {dir}/users
}
service auth {
  unix_listener {dir}/auth-client {
    mode = 0666
  }
  unix_listener {dir}/auth-userdb {
    mode = 0777
  }
}
'''


class DovecotAuth:
    """A real Dovecot that answers for logins and users, and does nothing else."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix='depesche-auth-')
        self.process = None

    def __enter__(self):
        os.chmod(self.dir, 0o755)
        owner = pwd.getpwnam('mail')
        with open(self.dir + '/dovecot.conf', 'w') as f:
            f.write(DOVECOT.replace('{dir}', self.dir))
        with open(self.dir + '/users', 'w') as f:
            for name, password in (('ann', 'correct horse'), ('ben', 'battery staple')):
                f.write(f'{name}@example.org:{password}:{owner.pw_uid}:{owner.pw_gid}::{self.dir}/{name}::'
                        'userdb_quota_rule=*:storage=1M\n')
        return self.start()

    def start(self):
        self.process = subprocess.Popen(['dovecot', '-F', '-c', self.dir + '/dovecot.conf'], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        end = time.time() + 20
        while time.time() < end:
            try:
                with socket.socket(socket.AF_UNIX) as s:
                    s.settimeout(5)
                    s.connect(self.dir + '/auth-userdb')
                    if s.recv(100).startswith(b'VERSION'):
                        return self
            except OSError:
                time.sleep(0.1)
        with open(self.dir + '/log', errors='replace') as f:
            raise AssertionError('Dovecot did not start: ' + f.read()[-4000:])

    def stop(self):
        """At once: by itself it would answer those who are connected for half a minute more."""
        with open(f'/proc/{self.process.pid}/task/{self.process.pid}/children') as f:
            children = [int(pid) for pid in f.read().split()]
        self.process.terminate()
        self.process.wait(20)
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def __exit__(self, *exc):
        if self.process and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
