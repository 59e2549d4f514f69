"""Other servers for the tests: real ones started in folders of their own, and one that writes down what it took."""

import fcntl
import os
import pwd
import re
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
import unittest

from harness import free_port


RECEIVED_ID = re.compile(rb'(?:Received: |[ \t]).*\bid ([0-9a-z]{13})\b')


class Taker:
    """A server that takes everything and remembers the Subject of what it answered 250 for.

    `taken` counts messages whose end it has seen, `answered` those whose answer it could send; the difference is what a
    client cannot know of (RFC 1047). Of one that offers nothing, `eight_bit` are the subjects of what came in octets beyond
    ASCII all the same."""

    def __init__(self, port=0, refuse=(), delay=0, broken_tls=False, offers=('PIPELINING', '8BITMIME', 'SMTPUTF8')):
        self.broken_tls = broken_tls
        self.offers = offers
        self.eight_bit = set()
        self.refuse = refuse
        self.delay = delay
        self.taken = {}
        self.answered = {}
        self.moments = {}
        self.ids = {}  # what the server that sent it calls it, from its Received field
        self.recipients = []
        self.senders = []
        self.connections = 0
        self.lock = threading.Lock()
        taker = self

        class Session(socketserver.StreamRequestHandler):
            timeout = 60

            def say(self, line):
                self.wfile.write(line.encode() + b'\r\n')

            def handle(self):
                try:
                    self.dialogue()
                except OSError:
                    pass

            def dialogue(self):
                with taker.lock:
                    taker.connections += 1
                self.say('220 taker.test ESMTP')
                accepted = []
                while True:
                    line = self.rfile.readline(2000)
                    if not line:
                        return
                    verb = line.decode('utf-8', 'replace').strip()
                    word = verb[:4].upper()
                    if word == 'EHLO':
                        lines = ['taker.test', *taker.offers, *(['STARTTLS'] if taker.broken_tls else [])]
                        for line in lines[:-1]:
                            self.say('250-' + line)
                        self.say('250 ' + lines[-1])
                    elif word == 'STAR':
                        self.say('220 go ahead')
                        self.say('this is no handshake, whatever it was that was promised')
                        return
                    elif word == 'MAIL':
                        accepted = []
                        with taker.lock:
                            taker.senders.append(verb[verb.index('<') + 1:verb.index('>')])
                        self.say('250 ok')
                    elif word == 'RCPT':
                        rcpt = verb[verb.index('<') + 1:verb.index('>')]
                        reply = next((r for start, r in taker.refuse if rcpt.startswith(start)), None)
                        if not reply:
                            accepted.append(rcpt)
                        self.say(reply or '250 ok')
                    elif word == 'DATA':
                        if not accepted:
                            self.say('554 no recipients')
                            continue
                        self.say('354 go on')
                        subject = self.content()
                        if subject is None:
                            return
                        time.sleep(taker.delay)
                        with taker.lock:
                            taker.taken[subject] = taker.taken.get(subject, 0) + 1
                            taker.moments.setdefault(subject, []).append(time.time())
                            taker.ids[subject] = self.id
                            taker.recipients.extend(accepted)
                        self.say('250 taken')
                        with taker.lock:
                            taker.answered[subject] = taker.answered.get(subject, 0) + 1
                    elif word == 'QUIT':
                        self.say('221 bye')
                        return
                    else:
                        self.say('250 ok' if word in ('RSET', 'NOOP', 'HELO') else '500 what?')

            def content(self):
                subject = self.id = ''
                ascii = True
                while True:
                    line = self.rfile.readline(100_000)
                    if not line:
                        return None
                    if line == b'.\r\n':
                        if not ascii:
                            taker.eight_bit.add(subject)
                        return subject
                    ascii = ascii and line.isascii()
                    if line.startswith(b'Subject: ') and not subject:
                        subject = line[9:].decode('utf-8', 'replace').strip()
                    its = RECEIVED_ID.match(line)
                    if its and not self.id:
                        self.id = its[1].decode()

        class Listener(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 256

        self.server = Listener(('127.0.0.1', port), Session)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def wait(self, count, seconds=30):
        end = time.time() + seconds
        while time.time() < end:
            with self.lock:
                if len(self.taken) >= count:
                    return dict(self.taken)
            time.sleep(0.05)
        raise AssertionError(f'{len(self.taken)} of {count} messages after {seconds} s: {sorted(self.taken)[:20]}')

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


class PostfixReceiver:
    """A real Postfix that takes mail for relay.test into Maildirs and knows the users given; mail for example.org it hands
    on to `smarthost`, a port or the path of an LMTP socket."""

    utf8 = True

    def __init__(self, users, smarthost=None, tls=False):
        self.users = users
        self.next_hop = f'lmtp:unix:{smarthost}' if isinstance(smarthost, str) else f'smtp:[127.0.0.1]:{smarthost or 1}'
        self.tls = tls

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix='depesche-postfix-')
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        etc, spool, data, self.mail = (os.path.join(self.dir, d) for d in ('etc', 'spool', 'data', 'mail'))
        for d in (etc, spool, data, self.mail):
            os.mkdir(d, 0o755)
        shutil.chown(data, 'postfix')
        owner = pwd.getpwnam('mail')
        os.chown(self.mail, owner.pw_uid, owner.pw_gid)
        boxes = ', '.join(f'{{{u}@relay.test = {u}/}}' for u in self.users)
        with open(etc + '/main.cf', 'w') as f:
            f.write(f'''compatibility_level = 3.6
queue_directory = {spool}
data_directory = {data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.relay.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtputf8_enable = yes
smtpd_peername_lookup = no
disable_dns_lookups = yes
virtual_mailbox_domains = relay.test
virtual_mailbox_base = {self.mail}
virtual_mailbox_maps = inline:{{ {boxes} }}
virtual_uid_maps = static:{owner.pw_uid}
virtual_gid_maps = static:{owner.pw_gid}
virtual_minimum_uid = 1
smtpd_relay_restrictions = reject_unauth_destination
relay_domains = example.org
transport_maps = inline:{{ {{example.org = {self.next_hop}}} }}
minimal_backoff_time = 1s
queue_run_delay = 2s
maillog_file = {self.dir}/log
maillog_file_prefixes = {self.dir}
alias_maps =
alias_database =
''')
        if self.tls:
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=postfix.relay.test',
                            '-keyout', etc + '/key.pem', '-out', etc + '/cert.pem'], check=True, capture_output=True)
            with open(etc + '/main.cf', 'a') as f:
                f.write(f'smtpd_tls_security_level = may\nsmtpd_tls_cert_file = {etc}/cert.pem\nsmtpd_tls_key_file = {etc}/key.pem\n'
                        'smtpd_tls_received_header = yes\n')
        with open(etc + '/master.cf', 'w') as f:
            f.write(f'''127.0.0.1:{self.port} inet n - n - - smtpd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
''')
        self.etc = etc
        done = subprocess.run(['postfix', '-c', etc, 'start'], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return self

    def log(self):
        with open(self.dir + '/log', errors='replace') as f:
            return f.read()[-4000:]

    def mails(self, user):
        folder = os.path.join(self.mail, user, 'new')
        if not os.path.isdir(folder):
            return []
        found = []
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), 'rb') as f:
                found.append(f.read())
        return found

    def wait_mails(self, user, count, seconds=30):
        end = time.time() + seconds
        while time.time() < end:
            found = self.mails(user)
            if len(found) >= count:
                return found
            time.sleep(0.1)
        raise AssertionError(f'{len(self.mails(user))} of {count} in {user}:\n' + self.log())

    def __exit__(self, *exc):
        subprocess.run(['postfix', '-c', self.etc, 'stop'], capture_output=True, timeout=60)
        shutil.rmtree(self.dir, ignore_errors=True)


class Chrooted:
    """A real server in a Debian root of its own (tools/test-peers), which takes mail for u1 and u2 at relay.test into
    Maildirs and hands on mail for example.org to `smarthost`, a port. One at a time for each root."""

    name = ''

    def __init__(self, smarthost):
        self.smarthost = smarthost
        self.root = os.path.join(os.environ.get('DEPESCHE_PEERS', '/var/cache/depesche-peers'), self.name)
        if not os.path.exists(self.root + '/.ready'):
            raise unittest.SkipTest(f'{self.name} is not installed (tools/test-peers)')

    def __enter__(self):
        self.lock = open(self.root + '/.lock', 'w')
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.port = free_port()
        self.mail = self.root + '/srv/mail'
        shutil.rmtree(self.mail, ignore_errors=True)
        os.makedirs(self.mail, 0o755)
        for number, user in enumerate(('u1', 'u2'), 1):
            os.mkdir(f'{self.mail}/{user}')
            os.chown(f'{self.mail}/{user}', 5000 + number, 5000 + number)
        self.configure()
        self.output = open(self.root + '/tmp/output', 'wb')
        self.process = subprocess.Popen(['chroot', self.root, *self.command], stdout=self.output, stderr=self.output)
        end = time.time() + 20
        while time.time() < end:
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f'{self.name} did not start: ' + self.log())

    def log(self):
        with open(self.root + '/tmp/output', errors='replace') as f:
            return f.read()[-4000:]

    def mails(self, user):
        folder = f'{self.mail}/{user}/Maildir/new'
        if not os.path.isdir(folder):
            return []
        found = []
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), 'rb') as f:
                found.append(f.read())
        return found

    def wait_mails(self, user, count, seconds=30):
        end = time.time() + seconds
        while time.time() < end:
            found = self.mails(user)
            if len(found) >= count:
                return found
            time.sleep(0.1)
        raise AssertionError(f'{len(self.mails(user))} of {count} in {user}:\n' + self.log())

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait(20)
        self.output.close()
        self.lock.close()


class Exim(Chrooted):

    name = 'exim'
    utf8 = True
    command = ['/usr/sbin/exim4', '-bdf', '-q2s', '-C', '/etc/exim4/depesche.conf']

    def configure(self):
        queue = self.root + '/var/spool/exim4'
        for part in ('input', 'msglog', 'db'):
            shutil.rmtree(f'{queue}/{part}', ignore_errors=True)
        with open(self.root + '/etc/exim4/depesche.conf', 'w') as f:
            f.write(f'''primary_hostname = exim.relay.test
domainlist local_domains = relay.test
daemon_smtp_ports = {self.port}
local_interfaces = 127.0.0.1
disable_ipv6 = true
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
smtputf8_advertise_hosts = *
chunking_advertise_hosts = *
dsn_advertise_hosts = *
log_file_path = /tmp/exim-%slog
deliver_drop_privilege = true
qualify_domain = relay.test
never_users =
begin acl
acl_rcpt:
  require verify = recipient
  accept
acl_data:
  accept
begin routers
onward:
  driver = manualroute
  domains = example.org
  route_list = * 127.0.0.1 byname
  self = send
  transport = onward
  no_more
local:
  driver = accept
  domains = +local_domains
  local_parts = u1:u2
  transport = maildir
begin transports
onward:
  driver = smtp
  port = {self.smarthost}
  allow_localhost
  hosts_avoid_tls = *
maildir:
  driver = appendfile
  directory = /srv/mail/$local_part_data/Maildir
  maildir_format
  create_directory
  user = Debian-exim
begin retry
*  *  F,1h,1s
''')
        os.chmod(self.root + '/etc/exim4/depesche.conf', 0o644)
        subprocess.run(['chroot', self.root, 'chown', '-R', 'Debian-exim:', '/srv/mail', '/var/spool/exim4'], check=True)
        os.chmod(self.root + '/tmp', 0o1777)

    def log(self):
        found = super().log()
        for kind in ('main', 'panic', 'reject'):
            path = f'{self.root}/tmp/exim-{kind}log'
            if os.path.exists(path):
                with open(path, errors='replace') as f:
                    found += f.read()[-3000:]
        return found


class OpenSmtpd(Chrooted):

    name = 'opensmtpd'
    utf8 = False
    command = ['/usr/sbin/smtpd', '-d', '-f', '/etc/depesche.conf']

    def configure(self):
        for part in ('queue', 'incoming', 'purge', 'temporary', 'corrupt', 'offline'):
            folder = f'{self.root}/var/spool/smtpd/{part}'
            for name in os.listdir(folder) if os.path.isdir(folder) else ():
                shutil.rmtree(f'{folder}/{name}', ignore_errors=True)
        with open(self.root + '/etc/depesche.conf', 'w') as f:
            f.write(f'''listen on 127.0.0.1 port {self.port} hostname opensmtpd.relay.test
action "local" maildir
action "onward" relay host smtp://127.0.0.1:{self.smarthost}
match from any for domain "relay.test" action "local"
match from any for domain "example.org" action "onward"
''')
        os.chmod(self.root + '/etc/depesche.conf', 0o644)


class DovecotLmtp:
    """A real Dovecot that takes mail by LMTP, on a port and on a socket, for any user of mailboxes.test."""

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix='depesche-lmtp-')
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        self.socket = self.dir + '/lmtp.sock'
        owner = pwd.getpwnam('mail')
        os.mkdir(self.dir + '/mail')
        os.chown(self.dir + '/mail', owner.pw_uid, owner.pw_gid)
        with open(self.dir + '/dovecot.conf', 'w') as f:
            f.write(f'''base_dir = {self.dir}/run
state_dir = {self.dir}/state
log_path = {self.dir}/log
protocols = lmtp
ssl = no
first_valid_uid = 1
mail_location = maildir:{self.dir}/mail/%n
default_internal_user = dovecot
default_login_user = dovenull
postmaster_address = postmaster@mailboxes.test
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={self.dir} allow_all_users=yes
}}
service lmtp {{
  chroot =
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.port}
  }}
  unix_listener {self.socket} {{
    mode = 0666
  }}
}}
''')
        self.process = subprocess.Popen(['dovecot', '-F', '-c', self.dir + '/dovecot.conf'],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.time() + 20
        while time.time() < end:
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError('Dovecot did not start: ' + self.log())

    def log(self):
        with open(self.dir + '/log', errors='replace') as f:
            return f.read()[-4000:]

    def wait_mails(self, user, count, seconds=30):
        folder = os.path.join(self.dir, 'mail', user, 'new')
        end = time.time() + seconds
        while time.time() < end:
            if os.path.isdir(folder) and len(os.listdir(folder)) >= count:
                return len(os.listdir(folder))
            time.sleep(0.1)
        raise AssertionError(f'not {count} messages for {user}:\n' + self.log())

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.dir, ignore_errors=True)


class Nsd:
    """A real name server with one zone, by default `test.`, given as the lines of its file."""

    def __init__(self, lines, zone='test'):
        self.lines = lines
        self.zone = zone

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix='depesche-nsd-')
        self.port = free_port()
        with open(self.dir + '/zone', 'w') as f:
            f.write(f'$ORIGIN {self.zone}.\n$TTL 5\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\nns A 127.0.0.1\n')
            f.write('\n'.join(self.lines) + '\n')
        with open(self.dir + '/nsd.conf', 'w') as f:
            f.write(f'''server:
  ip-address: 127.0.0.1@{self.port}
  username: ""
  chroot: ""
  zonesdir: "{self.dir}"
  database: ""
  pidfile: "{self.dir}/pid"
  xfrdfile: "{self.dir}/xfrd"
  zonelistfile: "{self.dir}/zones.list"
  logfile: "{self.dir}/log"
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: "{self.zone}"
  zonefile: "zone"
''')
        self.process = subprocess.Popen(['nsd', '-d', '-c', self.dir + '/nsd.conf'], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        end = time.time() + 10
        while time.time() < end:
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError('nsd did not start: ' + open(self.dir + '/log').read())

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.dir, ignore_errors=True)
