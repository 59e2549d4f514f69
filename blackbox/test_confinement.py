"""The server with the rights its systemd unit leaves it, and no others; what the unit keeps away, measured by systemd itself."""

import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import tempfile
import unittest

from harness import LAUNCHER, ROOT, Server, free_port, message, need, need_root

UNIT = os.path.join(ROOT, 'packaging/systemd/depesche.service')

# What `systemd-analyze security` of systemd 252 makes of the unit is 1.4, ten times which is the bound; 10 is no protection at all.
# Half of that is what a mail server is: it talks to the network.
MOST_EXPOSURE = 14

NOBODY = 65534

# As ProtectProc=invisible and NoExecPaths= are made of mounts.
MOUNTS = 'mount -t proc -o hidepid=invisible proc /proc && mount --bind "$0" "$0" && ' \
         'mount -o remount,bind,noexec,nosuid,nodev "$0" && exec "$@"'


def setting(name):
    """All values of a setting of the unit, in their order."""
    with open(UNIT) as f:
        return re.findall(rf'^{name}=(.*)$', f.read(), re.M)


def analyze(*args):
    return subprocess.run(['systemd-analyze', *args], capture_output=True, text=True)


def free_low_port():
    for port in range(1023, 700, -1):
        with socket.socket() as s:
            try:
                s.bind(('127.0.0.1', port))
                return port
            except OSError:
                continue
    raise unittest.SkipTest('no port below 1024 is free')


class Unit(unittest.TestCase):

    def setUp(self):
        need('systemd-analyze')

    def test_it_is_well_formed(self):
        with tempfile.TemporaryDirectory() as folder, open(UNIT) as f:
            here = os.path.join(folder, 'depesche.service')
            with open(here, 'w') as copy:
                copy.write(f.read().replace('ExecStart=/opt/depesche/depesche', 'ExecStart=' + LAUNCHER))
            done = analyze('verify', '--man=no', here)
        told = [line for line in (done.stdout + done.stderr).splitlines() if 'depesche' in line]
        self.assertEqual(told, [])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_its_exposure_is_low(self):
        done = analyze('security', '--offline=true', f'--threshold={MOST_EXPOSURE}', UNIT)
        if 'unrecognized option' in done.stderr:
            self.skipTest('systemd-analyze is too old to look at a unit offline')
        self.assertEqual(done.returncode, 0, done.stdout[-300:] + done.stderr)

    def test_it_waits_for_a_stop_as_long_as_a_stop_may_take(self):
        with open(os.path.join(ROOT, 'docs/operations/configuration.md')) as f:
            stop = int(re.search(r'^\| `stop` \|.*\| `"(\d+)s"` \|', f.read(), re.M)[1])
        # Sessions first, deliveries after them.
        self.assertGreater(int(setting('TimeoutStopSec')[0]), 2 * stop + 10)


class Confined(unittest.TestCase):
    """One server with one right and one folder of its own; the tests are one story in their order."""

    @classmethod
    def setUpClass(cls):
        need_root()
        need('setpriv', 'unshare')
        cls.folder = tempfile.mkdtemp(prefix='depesche-test-')
        cls.data = os.path.join(cls.folder, 'data')
        cls.trace = os.path.join(cls.folder, 'trace')
        os.mkdir(cls.data, 0o700)
        try:
            cls.start()
        except BaseException:
            shutil.rmtree(cls.folder, ignore_errors=True)
            raise

    @classmethod
    def start(cls):
        mounts = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', MOUNTS, cls.data]
        cls.mounts = subprocess.run([*mounts, 'true'], capture_output=True).returncode == 0
        right = '-all,+' + setting('AmbientCapabilities')[0].removeprefix('CAP_').lower()
        policy = ['chrt', '--' + setting('CPUSchedulingPolicy')[0], '0']
        user = ['setpriv', f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups', '--no-new-privs',
                '--bounding-set=' + right, '--inh-caps=' + right, '--ambient-caps=' + right]
        traced = ['strace', '-f', '-c', '-o', cls.trace] if shutil.which('strace') else []
        cls.traced = bool(traced) and subprocess.run([*user, 'strace', '-o', '/dev/null', 'true'], capture_output=True).returncode == 0
        options = setting('Environment')[-1].removeprefix('DEPESCHE_JAVA_OPTS=')
        cls.server = Server(folder=cls.folder, data=cls.data, java_opts=f'-XX:TieredStopAtLevel=4 {options}',
                            wrap=[*policy, *(mounts if cls.mounts else []), *user, *(traced if cls.traced else [])],
                            more=f'[[listener]]\naddress = "127.0.0.1:{free_port()}"\nrole = "submissions"\n')
        cls.server.port = free_low_port()
        cls.server.write_config(re.sub(r'127\.0\.0\.1:\d+', f'127.0.0.1:{cls.server.port}', text(cls.server.config), count=1))
        os.chmod(cls.folder, 0o755)
        for path in (cls.folder, cls.data):
            os.chown(path, NOBODY, NOBODY)
        cls.server.start(60)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def java(self):
        """The process of the server: the launcher has become it."""
        pid = self.server.process.pid
        if self.traced:
            with open(f'/proc/{pid}/task/{pid}/children') as f:
                pid = int(f.read().split()[0])
        return pid

    def test_1_it_takes_and_delivers_mail_by_tls_at_a_port_below_1024(self):
        self.assertLess(self.server.port, 1024)
        with self.server.smtp() as c:
            c.starttls(context=ssl._create_unverified_context())
            c.sendmail('s@client.test', ['alice@example.org'], message('confined', 400_000))
        self.assertIn(b'Subject: confined', self.server.wait_mails('alice', 1)[0])

    def test_2_it_has_one_right_and_can_get_no_more(self):
        status = dict(line.split(':\t', 1) for line in text(f'/proc/{self.java()}/status').splitlines())
        self.assertEqual(status['Uid'].split(), [str(NOBODY)] * 4)
        net_bind_service = 1 << 10
        for name in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'):
            self.assertEqual(int(status[name], 16), net_bind_service, name)
        self.assertEqual(status['NoNewPrivs'].strip(), '1')
        self.assertNotIn('root', self.server.output())

    def test_3_what_it_keeps_is_nobody_elses_business(self):
        for folder, names, files in os.walk(self.data):
            for name in names + files:
                path = os.path.join(folder, name)
                mode = stat.S_IMODE(os.lstat(path).st_mode)
                if os.path.dirname(path) == self.data:
                    self.assertEqual(mode & 0o007, 0, f'{path} is open to everybody: {mode:o}')
        self.assertTrue(os.path.exists(os.path.join(self.data, 'history.db')), 'SQLite works where nothing in the data is run')
        self.assertNotIn('history', re.sub(r'\S*history\.db\S*', '', self.server.output()))

    def test_4_reload_and_stop_by_signal(self):
        os.kill(self.java(), signal.SIGHUP)
        self.server.wait_log('what=reloaded')
        os.kill(self.java(), signal.SIGTERM)
        self.assertEqual(self.server.process.wait(60), 0)

    def test_5_all_it_asks_of_the_kernel_is_what_the_unit_lets_through(self):
        if not self.traced:
            self.skipTest('strace is not installed, or not allowed')
        need('systemd-analyze')
        used = set(re.findall(r'^\s*[\d.]+\s+[\d.]+\s+\d+\s+\d+\s+(?:\d+\s+)?(\w+)$', text(self.trace), re.M)) - {'total'}
        self.assertIn('fdatasync', used)
        let_through, taken_away = set(), set()
        for filter in setting('SystemCallFilter'):
            (taken_away if filter.startswith('~') else let_through).update(calls(filter.removeprefix('~').split()))
        self.assertEqual(used - (let_through - taken_away), set())


def calls(names):
    """System calls, sets of them resolved."""
    out = set()
    for name in names:
        if name.startswith('@'):
            lines = analyze('syscall-filter', name).stdout.splitlines()[1:]
            out |= calls(line.strip() for line in lines if line.strip() and not line.strip().startswith('#'))
        else:
            out.add(name)
    return out


def text(path):
    with open(path, errors='replace') as f:
        return f.read()


if __name__ == '__main__':
    unittest.main()
