"""Mixed load with faults for a long time: memory, threads and descriptors stay flat, and nothing acknowledged is lost.

    python3 blackbox/soak.py [--minutes 30] [--folder target/soak]

./check --full runs it. Leaves samples.tsv and soak.svg in the folder, one line and three curves a second. Exit 0 when everything held.
"""

import argparse
import collections
import contextlib
import os
import random
import re
import signal
import socket
import ssl
import statistics
import sys
import threading
import time

from harness import ROOT, Server, free_port, message, reply, say

SEED = int(os.environ.get('DEPESCHE_SEED', time.time_ns() % 1_000_000))

# What may be more in the last third than in the second; the first is for warming up.
MOST_GROWTH = {'memory MiB': lambda before: max(0.15 * before, 40), 'threads': lambda _: 8, 'descriptors': lambda _: 40}


class Worker(threading.Thread):
    """Does one thing after the other until it is told to stop; what goes wrong on the way is counted."""

    def __init__(self, soak, number):
        super().__init__(daemon=True)
        self.soak, self.rng = soak, random.Random(SEED * 100 + number)

    def run(self):
        while not self.soak.over.is_set():
            try:
                self.once()
            except OSError as e:
                self.soak.troubles[type(self).__name__ + ' ' + type(e).__name__] += 1
                time.sleep(0.05)


class Sender(Worker):
    """A connection, some messages, to here and elsewhere, at times by TLS."""

    def once(self):
        s = self.soak.server.raw()
        try:
            say(s, 'EHLO client.test')
            if self.rng.random() < 0.3:
                say(s, 'STARTTLS')
                s = ssl._create_unverified_context().wrap_socket(s)
                say(s, 'EHLO client.test')
            for _ in range(self.rng.randint(1, 10)):
                self.message(s)
                time.sleep(self.soak.pause)
        finally:
            s.close()

    def message(self, s):
        local = self.rng.random() < 0.7
        to = 'alice@example.org' if local else f'u{self.rng.randint(0, 50)}@far{self.rng.randint(0, 5)}.test'
        key = self.soak.key()
        for line in ('MAIL FROM:<bob@example.org>', f'RCPT TO:<{to}>', 'DATA'):
            answer = say(s, line)
            if answer[0] not in '23':
                self.soak.replies[answer[:3]] += 1
                say(s, 'RSET')
                return
        size = self.rng.choice((100, 1000, 10_000, 10_000, 300_000))
        s.sendall(message('id ' + key, size, to).encode() + b'.\r\n')
        answer = reply(s)
        self.soak.replies[answer[:3]] += 1
        if answer.startswith('250') and local:
            self.soak.expected.add(key)


class Nuisance(Worker):
    """A client that does no good."""

    def once(self):
        s = self.soak.server.raw()
        s.settimeout(2)
        with contextlib.suppress(OSError), s:
            kind = self.rng.randrange(4)
            if kind == 0:
                s.sendall(self.rng.randbytes(self.rng.randint(1, 5000)))
            elif kind == 1:
                s.sendall(b'EHLO c.test\r\nMAIL FROM:<a@c.test>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\nhalf')
            elif kind == 2:
                s.sendall(b'EHLO c.test\r\nSTARTTLS\r\n\x16\x03\x01nonsense' * 5)
            else:
                s.sendall(b'NOOP\r\n' * 3000)
            s.recv(4096)
        time.sleep(0.05)


class NextHop(Worker):
    """A server that takes mail, or does not: for now, for ever, by hanging up; and for whole stretches not at all."""

    def __init__(self, soak, number):
        super().__init__(soak, number)
        self.listening = socket.create_server(('127.0.0.1', soak.hop_port), backlog=50)
        self.taken = 0

    def once(self):
        self.listening.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            s, _ = self.listening.accept()
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, s):
        s.settimeout(30)
        with contextlib.suppress(OSError), s:
            if self.soak.stretch() == 'away':
                s.sendall(b'421 4.3.2 not now\r\n')
                return
            s.sendall(b'220 far.test\r\n')
            lines = s.makefile('rb')
            while line := lines.readline():
                verb, chance = line[:4].upper(), self.rng.random()
                if verb == b'EHLO':
                    s.sendall(b'250-far.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n')
                elif verb == b'RCPT' and chance < 0.05:
                    s.sendall(b'451 4.2.1 later\r\n')
                elif verb == b'RCPT' and chance < 0.08:
                    s.sendall(b'550 5.1.1 nobody\r\n')
                elif verb == b'DATA':
                    s.sendall(b'354 go\r\n')
                    while lines.readline() not in (b'.\r\n', b''):
                        pass
                    if chance < 0.03:
                        return
                    self.taken += 1
                    s.sendall(b'250 2.0.0 taken\r\n')
                elif verb == b'QUIT':
                    s.sendall(b'221 bye\r\n')
                    return
                else:
                    s.sendall(b'250 2.0.0 ok\r\n')


class Reader(Worker):
    """Reads mailboxes and empties them."""

    def once(self):
        time.sleep(0.5)
        for user in ('alice', 'bob'):
            folder = self.soak.server.maildir(user) + '/new'
            with contextlib.suppress(FileNotFoundError):
                for name in os.listdir(folder):
                    path = os.path.join(folder, name)
                    with open(path, 'rb') as f:
                        key = re.search(rb'^Subject: id (\S+)\r$', f.read(3000), re.M)
                    if key and user == 'alice':
                        self.soak.found.add(key[1].decode())
                    os.unlink(path)


class Soak:

    def __init__(self, minutes, folder):
        self.seconds, self.folder = minutes * 60, folder
        os.makedirs(folder, exist_ok=True)
        self.hop_port = free_port()
        self.server = Server(more=f'[relay]\nnetworks = ["127.0.0.1/32"]\n[[route]]\ndomain = "*"\nto = "smtp://127.0.0.1:{self.hop_port}"\n'
                                  '[queue]\nretry = ["2s", "5s"]\ngive-up-after = "60s"\nwarn-after = "20s"\n'
                                  '[limits]\nconnections-per-client = 0\n[timeouts]\ncommand = "5s"\ndata = "5s"\n'
                                  '[history]\nkeep = "1m"\n[spool]\nsegment-size = "8MiB"\n', java_opts='-Xmx192m -XX:TieredStopAtLevel=4')
        self.over = threading.Event()
        self.pause = 0.01
        self.numbers = 0
        self.lock = threading.Lock()
        self.expected, self.found = set(), set()
        self.replies, self.troubles = collections.Counter(), collections.Counter()
        self.samples = []
        self.started = time.time()

    def key(self):
        with self.lock:
            self.numbers += 1
            return f'k{self.numbers}'

    def stretch(self):
        """The next hop is away for ten seconds of every minute."""
        return 'away' if (time.time() - self.started) % 60 > 50 else 'there'

    def sample(self):
        pid = self.server.process.pid
        return (time.time() - self.started, self.server.memory_kib() / 1024,
                len(os.listdir(f'/proc/{pid}/task')), len(os.listdir(f'/proc/{pid}/fd')))

    def run(self):
        print(f'soak: {self.seconds / 60:g} minutes, seed {SEED}', flush=True)
        try:
            self.server.start()
            workers = [Sender(self, i) for i in range(6)] + [Nuisance(self, 10), Nuisance(self, 11), NextHop(self, 20), Reader(self, 30)]
            for w in workers:
                w.start()
            while (passed := time.time() - self.started) < self.seconds:
                time.sleep(1)
                self.samples.append(self.sample())
                if len(self.samples) % 20 == 0:
                    self.server.process.send_signal(signal.SIGHUP)
                if len(self.samples) % 60 == 0:
                    print(f'  {passed / 60:.0f} min: {len(self.expected)} local messages acknowledged, {self.samples[-1][1]:.0f} MiB, '
                          f'{self.samples[-1][2]} threads, {self.samples[-1][3]} descriptors', flush=True)
            return self.verdict(workers)
        finally:
            self.over.set()
            self.server.close()

    def verdict(self, workers):
        wrong = []
        self.write()
        self.pause = 1e6  # senders are done; readers and the next hop go on until all has arrived
        end = time.time() + 150
        while (self.expected - self.found or self.server.json('status')['queue']['messages']) and time.time() < end:
            time.sleep(1)
        missing = self.expected - self.found
        if missing:
            wrong.append(f'{len(missing)} of {len(self.expected)} acknowledged messages are lost')
        if left := self.server.json('status')['queue']['messages']:
            wrong.append(f'{left} messages are still in the queue')
        wrong += self.growth()
        self.over.set()
        if (code := self.server.stop()) != 0:
            wrong.append(f'it stopped with {code}')
        taken = sum(w.taken for w in workers if isinstance(w, NextHop))
        print(f'  {len(self.expected)} local messages, all found: {not missing}; {taken} taken by the next hop; replies {dict(self.replies)}; '
              f'troubles {dict(self.troubles)}', flush=True)
        return wrong

    def growth(self):
        third = len(self.samples) // 3
        wrong = []
        for i, (name, most) in enumerate(MOST_GROWTH.items(), 1):
            before = statistics.median(s[i] for s in self.samples[third:2 * third])
            after = statistics.median(s[i] for s in self.samples[2 * third:])
            print(f'  {name}: {before:.0f} in the second third, {after:.0f} in the last', flush=True)
            if after - before > most(before):
                wrong.append(f'{name} went from {before:.0f} to {after:.0f}')
        return wrong

    def write(self):
        with open(os.path.join(self.folder, 'samples.tsv'), 'w') as f:
            f.write('second\t' + '\t'.join(MOST_GROWTH) + '\n')
            f.writelines(f'{s[0]:.0f}\t{s[1]:.1f}\t{s[2]}\t{s[3]}\n' for s in self.samples)
        with open(os.path.join(self.folder, 'soak.svg'), 'w') as f:
            f.write(svg(self.samples, list(MOST_GROWTH)))


def svg(samples, names):
    """Three curves over time, each from zero to its own maximum."""
    width, height, left = 900, 140, 110
    span = max(samples[-1][0], 1)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{len(names) * height + 20}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>']
    for i, name in enumerate(names):
        top, most = i * height + 10, max(s[i + 1] for s in samples) or 1
        points = ' '.join(f'{left + s[0] / span * (width - left - 10):.1f},{top + (height - 20) * (1 - s[i + 1] / most):.1f}' for s in samples)
        out += [f'<text x="5" y="{top + 12}">{name}</text>', f'<text x="5" y="{top + 28}" fill="#666">at most {most:.0f}</text>',
                f'<line x1="{left}" y1="{top + height - 20}" x2="{width - 10}" y2="{top + height - 20}" stroke="#999"/>',
                f'<polyline points="{points}" fill="none" stroke="#1f5f99" stroke-width="1.5"/>']
    out.append(f'<text x="{width - 10}" y="{len(names) * height + 12}" text-anchor="end" fill="#666">{span / 60:.1f} minutes</text></svg>')
    return '\n'.join(out)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('--minutes', type=float, default=30)
    arguments.add_argument('--folder', default=os.path.join(ROOT, 'target/soak'))
    given = arguments.parse_args()
    wrong = Soak(given.minutes, given.folder).run()
    for what in wrong:
        print('soak: ' + what)
    print('soak: ' + ('FAILED' if wrong else 'everything held') + f', {given.folder}/soak.svg')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
