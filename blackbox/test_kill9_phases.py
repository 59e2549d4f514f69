"""Promise 1, struck where it hurts: while content comes in, while a group is committed, while a copy gets its name in a mailbox,
while segments are sealed, described by hints, emptied and freed, while the server starts and while it stops.

Segments are small. Half of the mail is small and for a domain whose server is away, the rest for mailboxes here: so every segment
soon holds little that is needed, and is emptied after the next start. In the end that server is there and has to get all it was
acknowledged for. That the phase was struck is read off the disk after the kill, and asserted over all rounds.
"""

import collections
import contextlib
import glob
import os
import random
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import traces
from harness import Server, freeze, need, text_of
from ledger import HERE, USERS, Ledger, Sender
from remotes import Taker

ROUNDS = int(os.environ.get('DEPESCHE_KILL_ROUNDS', 10))
SEED = int(os.environ.get('DEPESCHE_SEED', time.time_ns() % 1_000_000))

# After so many rounds the mail that waits is let go, and another spool begun.
TOGETHER = 10

# So many acknowledged messages fill a segment or two: how long that takes is up to the machine.
BUSY = 20

CONFIG = '''
[relay]
networks = ["127.0.0.0/8"]

[[route]]
domain = "away.test"
to = "smtp://127.0.0.1:{away}"

[queue]
retry = ["3s"]

[spool]
segment-size = "2MiB"

[limits]
connections-per-client = 0
'''


def mixed(chance):
    """Much for here that is soon gone, little for elsewhere that stays; now and then something that stays and has chunks."""
    if chance.random() < 0.5:
        return 'somebody@away.test', 300_000 if chance.random() < 0.01 else chance.choice((100, 1000))
    return f'{chance.choice(USERS)}@{HERE}', chance.choice((1000, 200_000, 400_000, 800_000))


def big(chance):
    return f'{chance.choice(USERS)}@{HERE}', 400_000


class Spool:
    """A server whose spool is always being cleared up, with the load on it and the ledger of both."""

    def __init__(self, test, name):
        self.test, self.chance, self.struck, self.name = test, test.chance, test.struck, name
        # Nobody else gets this port, and whoever connects to it is refused.
        self.away = socket.socket()
        self.away.bind(('127.0.0.1', 0))
        self.away_port = self.away.getsockname()[1]
        self.server = Server(CONFIG.replace('{away}', str(self.away_port)))
        self.ledger = Ledger()
        self.loads = 0

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.server.close()
        self.away.close()

    @contextlib.contextmanager
    def load(self):
        """Senders at work, one of which is always in the middle of a message; ends when the server is killed or gone."""
        self.loads += 1
        senders = [self.sender(i, mixed) for i in range(7)] + [self.sender(7, big, pause=0.03)]
        for s in senders:
            s.start()
        try:
            yield senders
        finally:
            self.server.kill()
            self.ledger.close(senders)
            cut = {phase for s in senders for _, _, phase in s.cut}
            self.struck['a message half sent'] += 'content' in cut
            self.struck['a message without its answer'] += 'answer' in cut
            self.struck.update(traces.of(self.server))

    def sender(self, number, pick, pause=0):
        name = f'{self.name}-{self.loads}-{number}'
        return Sender(self.server.port, name, random.Random(self.chance.random()), pick, pause)

    def settle(self):
        """Lets all mail go. What was acknowledged is where it belongs, whole and once, and nothing was ever damaged."""
        self.server.start()
        unseen = self.ledger.check_mailboxes(self.test, self.server)
        elsewhere = self.ledger.elsewhere()
        self.away.close()
        with Taker(self.away_port) as taker:
            waiting, end = None, time.time() + 60
            while waiting != 0 and time.time() < end:
                time.sleep(0.2)
                if not elsewhere - self.taken(taker).keys():
                    waiting = self.server.json('status')['queue']['messages']
            taken = self.taken(taker)
        self.test.assertEqual(elsewhere - taken.keys(), set(), f'lost on the way to elsewhere\n{self.server.output()}')
        # No kill came while that server was there, so nobody had a reason to send anything twice.
        self.test.assertEqual([k for k, n in taken.items() if n > 1], [], 'duplicates')
        self.test.assertEqual(waiting, 0)
        self.test.assertEqual(self.server.stop(), 0)
        verified = self.server.command('spool', 'verify')
        self.test.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        log = text_of(os.path.join(self.server.folder, 'server.log'))
        self.test.assertNotIn('Damage', log)
        self.test.assertNotIn('Exception', log)
        print(f'  {len(self.ledger.acknowledged)} acknowledged, {len(elsewhere)} of them for elsewhere: all there, once; '
              f'{len(unseen) + len(taken.keys() - elsewhere)} stored whose acknowledgement was cut off', flush=True)
        return len(self.ledger.acknowledged)

    def taken(self, taker):
        with taker.lock:
            return {subject.removeprefix('id '): n for subject, n in taker.taken.items()}


class Phases(unittest.TestCase):

    def setUp(self):
        self.chance = random.Random(SEED)
        self.struck = collections.Counter()

    def play(self, rounds, phases, play_round):
        """Rounds, on one spool after the other; some more when there is a phase that none of them came upon."""
        print(f'\nkill -9, {self.id().rsplit(".", 1)[1]}: {rounds} rounds, seed {SEED}', flush=True)
        number = 0
        while number < rounds:
            with Spool(self, str(number)) as spool:
                first, last = number, min(number + TOGETHER, rounds)
                while number < last or last == rounds and number < rounds + TOGETHER and self.missed(phases):
                    play_round(number, spool)
                    number += 1
                self.assertGreater(spool.settle(), 3 * (number - first), 'the load was real')
        print('  struck: ' + ', '.join(f'{n} x {what}' for what, n in self.struck.most_common()), flush=True)
        self.assertEqual(self.missed(phases), [], 'never struck')

    def missed(self, phases):
        return [phase for phase in phases if not self.struck[phase]]


class AtAnyMoment(Phases):

    # As far as is known before the first one.
    start_takes = 1.5

    def test_taking_mail_starting_and_stopping(self):
        # A copy is without its name too short a time to be met for certain; the steps below meet it.
        self.play(max(3, 3 * ROUNDS // 10), [
            'a message half sent', 'a message without its answer', 'several segments', 'a segment without its end',
            'a sealed segment without hints', 'a message moved out of a sparse segment', 'a segment freed',
            'a start', 'a start that had the spool open', 'a stop'], self.round)

    def round(self, number, spool):
        for _ in range(self.chance.randint(1, 2)):
            self.kill_a_start(spool.server)
        began = time.time()
        spool.server.start()
        self.start_takes = time.time() - began
        with spool.load() as senders:
            end = time.time() + 60
            while sum(len(s.acknowledged) for s in senders) < BUSY and time.time() < end:
                time.sleep(0.01)
            time.sleep(self.chance.uniform(0, 0.8))
            if number % 2:
                self.kill_a_stop(spool.server)

    def kill_a_start(self, server):
        """At any moment between the beginning of the process and shortly after it begins to listen."""
        server.launch()
        if self.chance.random() < 0.5:
            end = time.time() + 10
            while not self.has_spool(server) and time.time() < end:
                time.sleep(0.002)
            time.sleep(self.chance.uniform(0, 0.3 * self.start_takes))
        else:
            time.sleep(self.chance.uniform(0, 1.1 * self.start_takes))
        freeze(server.process)
        # Who stands still cannot begin to listen: what is seen now is true when the kill comes.
        if not listens(server.port):
            self.struck['a start'] += 1
            self.struck['a start that had the spool open'] += self.has_spool(server)
        server.kill()
        self.struck.update(f'{what}, in a start' for what in traces.of(server))

    def has_spool(self, server):
        return any(path.endswith('/spool/lock') for path in traces.open_files(server.process))

    def kill_a_stop(self, server):
        server.process.send_signal(signal.SIGTERM)
        time.sleep(self.chance.uniform(0, 0.5 * self.start_takes))
        freeze(server.process)
        said = server.said()
        self.struck['a stop'] += server.process.poll() is None and 'Stopping' in said and 'Stopped.' not in said


def listens(port):
    with contextlib.suppress(OSError):
        socket.create_connection(('127.0.0.1', port), 1).close()
        return True
    return False


# What is struck; whose thread; in which system call, and on what; how many calls of this thread are let pass, at most.
STEPS = [
    ('a group is synced', 'spool-commit', 'fdatasync', r'/spool/\w+\.log>', 60),
    ('a segment after a sealed one gets its name', 'spool-commit', '/^rename', r'\.spare", ".*\.log"', 3),
    ('a copy gets its name in a mailbox', 'maildir-sync', '/^rename', r'/new/', 60),
    ('a start ends what a kill has left', 'java', 'pwrite64', r'/spool/\w+\.(log|hint)>', 2),
    ('hints are written', 'spool-house', 'pwrite64', r'\.hint>', 3),
    ('a message is read to be moved', 'spool-house', 'pread64', r'/spool/\w+\.log>', 40),
    ('a free segment becomes a spare one', 'spool-house', '/^rename', r'\.log", ".*\.spare"', 3),
    # With more rounds these too.
    ('a group is written', 'spool-commit', 'pwrite64', r'/spool/\w+\.log>', 60),
    ('copies are synced', 'maildir-sync', 'syncfs,fdatasync', '', 20),
    ('hints of a free segment go', 'spool-house', '/^unlink', r'\.hint"', 3),
    ('the names of free segments are synced', 'spool-house', 'fsync', r'/spool>', 3),
]


class BetweenTwoSteps(Phases):
    """The kernel kills the process at the entry of a chosen system call: what came before it has happened, the call has not."""

    def test_every_step_of_the_spool_and_of_a_delivery(self):
        need('strace')
        rounds = max(7, 7 * ROUNDS // 10)
        self.play(rounds, [name for name, *_ in STEPS[:rounds]], self.round)

    def round(self, number, spool):
        name, *step = STEPS[number % len(STEPS)]
        before = self.struck[name]
        for _ in range(3):
            # Some of what is done to the spool is done while the server starts: nobody waits for its greeting.
            spool.server.launch()
            with spool.load():
                self.struck[name] += self.strike(spool.server, *step)
            if self.struck[name] > before:
                break

    def strike(self, server, thread, calls, what, most):
        """True when the process died in the call, which had to do with what it should."""
        with tempfile.NamedTemporaryFile('r', prefix='depesche-strace-') as trace:
            tracer = subprocess.Popen(
                ['strace', '-q', '-y', '-o', trace.name, '-p', thread_of(server.process, thread), '-e', f'trace={calls}',
                 '-e', f'inject={calls}:signal=SIGKILL:when={self.chance.randint(1, most)}'],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    tracer.wait(15)
            finally:
                tracer.kill()
                tracer.wait()
            if tracer.returncode > 0:
                self.skipTest('strace is not allowed to look into a process')
            last = re.search(r'^(.*)= \?\n.*killed by SIGKILL', trace.read(), re.M)
            return bool(last and re.search(what, last[1]))


def thread_of(process, name):
    """The id of a thread, as soon as there is one of this name."""
    end = time.time() + 20
    while time.time() < end:
        for path in glob.glob(f'/proc/{process.pid}/task/*/comm'):
            with contextlib.suppress(OSError):
                if text_of(path).strip() == name and path.split('/')[-2] != str(process.pid):
                    return path.split('/')[-2]
        time.sleep(0.002)
    raise AssertionError(f'no thread {name}')


if __name__ == '__main__':
    unittest.main()
