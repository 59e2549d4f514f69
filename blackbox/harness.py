"""Runs the packaged server as a user would, on loopback, in a folder of its own. Used by the tests beside it."""

import contextlib
import glob
import json
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LAUNCHER = os.path.join(ROOT, 'depesche')


# Most servers here live for seconds: what the optimising compiler does would never pay. A later option goes before it.
SHORT_LIVED = '-XX:TieredStopAtLevel=1'


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def need(*programs):
    """Skips a test, by name, where a program it needs is not installed."""
    for program in programs:
        if not shutil.which(program, path=os.environ.get('PATH', '') + ':/usr/sbin:/usr/lib/dovecot'):
            raise unittest.SkipTest(f'{program} is not installed')


def need_root():
    if os.geteuid() != 0:
        raise unittest.SkipTest('needs root')


CONFIG = '''hostname = "mx.example.org"

[[listener]]
address = "127.0.0.1:{port}"
role = "mx"

[[domain]]
name = "example.org"

[[account]]
address = "alice@example.org"
aliases = ["sales@example.org"]

[[account]]
address = "bob@example.org"

[[account]]
address = "postmaster@example.org"
{more}
'''


def depesche(*args, timeout=60, env=None, input=None):
    """Runs a command of ./depesche to its end."""
    return subprocess.run([LAUNCHER, *args], capture_output=True, text=True, timeout=timeout,
                          env=dict(os.environ, DEPESCHE_NO_BUILD='1', **(env or {})), input=input)


def text_of(path):
    with open(path, errors='replace') as f:
        return f.read()


class Server:
    """One server process with its configuration and data."""

    def __init__(self, more='', config=None, folder=None, data=None, java_opts='', wrap=()):
        self.folder = folder or tempfile.mkdtemp(prefix='depesche-test-')
        self.own = folder is None
        self.port = free_port()
        self.data = data or os.path.join(self.folder, 'data')
        self.config = os.path.join(self.folder, 'depesche.toml')
        self.java_opts = java_opts
        self.wrap = list(wrap)  # what the launcher is run by, such as setpriv
        self.process = None
        self.log = None
        self.said_before = 0
        self.write_config(self.own_config(more, config))

    def own_config(self, more='', config=None):
        """The configuration of the tests, with more at its end."""
        return (config or CONFIG).replace('{port}', str(self.port)).replace('{more}', more)

    def write_config(self, text):
        with open(self.config, 'w') as f:
            f.write(text)

    def launch(self):
        """Starts the process and waits for nothing."""
        if self.log:
            self.log.close()
        self.log = open(os.path.join(self.folder, 'server.log'), 'ab')
        self.said_before = self.log.tell()
        self.process = subprocess.Popen(
            [*self.wrap, LAUNCHER, 'serve', '--config', self.config, '--data', self.data],
            stdout=self.log, stderr=self.log, cwd=self.folder,
            env=dict(os.environ, DEPESCHE_NO_BUILD='1', DEPESCHE_JAVA_OPTS=f'{SHORT_LIVED} {self.java_opts}'),
            # Whoever runs the tests with nohup does not mean the server.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
        return self

    def start(self, wait=30):
        self.launch()
        end = time.time() + wait
        while time.time() < end:
            if self.process.poll() is not None:
                raise AssertionError(f'the server ended with {self.process.returncode}:\n{self.output()}')
            with contextlib.suppress(OSError):
                with socket.create_connection(('127.0.0.1', self.port), 1) as s:
                    s.settimeout(5)
                    if s.recv(4) == b'220 ':
                        return self
            time.sleep(0.05)
        raise AssertionError(f'no greeting within {wait} s:\n{self.output()}')

    def output(self):
        with open(os.path.join(self.folder, 'server.log'), errors='replace') as f:
            return f.read()[-6000:]

    def said(self):
        """What the process has said since it was launched."""
        with open(os.path.join(self.folder, 'server.log'), 'rb') as f:
            f.seek(self.said_before)
            return f.read().decode(errors='replace')

    def kill(self):
        """As the power button of a process: SIGKILL."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self, wait=40):
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(wait)

    def close(self):
        self.kill()
        if self.log:
            self.log.close()
        if self.own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()  # nobody else will: without an entry there is no exit
            raise

    def __exit__(self, *exc):
        self.close()

    def smtp(self, timeout=20):
        return smtplib.SMTP('127.0.0.1', self.port, local_hostname='client.test', timeout=timeout)

    def raw(self, timeout=20):
        """A socket that has read the greeting."""
        s = socket.create_connection(('127.0.0.1', self.port), timeout)
        reply(s)
        return s

    def maildir(self, user, domain='example.org'):
        return os.path.join(self.data, 'mail', domain, user, 'Maildir')

    def mails(self, user, domain='example.org'):
        """Contents of a mailbox, as bytes."""
        out = []
        for path in sorted(glob.glob(self.maildir(user, domain) + '/new/*')):
            with open(path, 'rb') as f:
                out.append(f.read())
        return out

    def wait_mails(self, user, count, seconds=20, domain='example.org'):
        end = time.time() + seconds
        while True:
            found = self.mails(user, domain)
            if len(found) >= count:
                return found
            if time.time() > end:
                raise AssertionError(f'{len(found)} of {count} messages in {user} after {seconds} s:\n{self.output()}')
            time.sleep(0.05)

    def wait_log(self, text, seconds=10):
        """The mail log, once it has this text: it is written behind the mail's back."""
        end = time.time() + seconds
        path = os.path.join(self.data, 'mail.log')
        # A server that has just been started may not have begun it.
        while text not in (log := text_of(path) if os.path.exists(path) else ''):
            assert time.time() < end, f'{text} is not in the log:\n{log}'
            time.sleep(0.05)
        return log

    def certificate(self, seconds=10):
        """Where its own certificate lies, once it is there: it is made behind the first start."""
        end = time.time() + seconds
        path = os.path.join(self.data, 'self-signed.pem')
        while not os.path.exists(path):
            assert time.time() < end, f'there is no {path}'
            time.sleep(0.02)
        return path

    def memory_kib(self):
        """Proportional set size of the process."""
        with open(f'/proc/{self.process.pid}/smaps_rollup') as f:
            return int(next(line for line in f if line.startswith('Pss:')).split()[1])

    def command(self, *args, **kw):
        return depesche(*args, '--config', self.config, '--data', self.data, **kw)

    def json(self, *args):
        done = self.command(*args, '--json')
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def states(process):
    """The states of its threads; one that ends meanwhile has none."""
    found = set()
    for path in glob.glob(f'/proc/{process.pid}/task/*/stat'):
        with contextlib.suppress(OSError):
            found.add(text_of(path).rsplit(')', 1)[1].split()[0])
    return found


def freeze(process):
    """SIGSTOP, and waits until it has taken hold: a thread that was about to run may answer once more."""
    process.send_signal(signal.SIGSTOP)
    end = time.time() + 10
    while process.poll() is None and states(process) != {'T'}:
        assert time.time() < end, 'it does not stop'
        time.sleep(0.01)


def reply(s):
    """One whole reply as text."""
    data = b''
    while True:
        piece = s.recv(4096)
        if not piece:
            return data.decode('latin-1')
        data += piece
        lines = data.split(b'\r\n')
        if lines[-1] == b'' and len(lines) > 1 and lines[-2][3:4] != b'-':
            return data.decode('latin-1')


def say(s, line):
    s.sendall(line.encode() + b'\r\n')
    return reply(s)


def message(subject, size=0, to='alice@example.org'):
    body = ''
    line = 'The quick brown fox jumps over the lazy dog, again and again and again.\r\n'
    while len(body) < size:
        body += line
    return f'From: <sender@client.test>\r\nTo: <{to}>\r\nSubject: {subject}\r\n\r\n{body}ok\r\n'
