"""Mail of honest clients beside a storm of others: how much of its rate is left, as a ratio within one run.

The storm is bounded, because on a small machine its own CPU is taken from everybody: so many connections a second, of four kinds
by turns, from many addresses. DEPESCHE_FULL (./check --full) makes the phases longer.
"""

import contextlib
import multiprocessing
import os
import random
import socket
import ssl
import statistics
import threading
import time
import unittest

from harness import Server, free_port, message, reply

PHASE = 6.0 if os.environ.get('DEPESCHE_FULL') else 1.2
ROUNDS = 4
A_SECOND = 200
HELD = 200


def storm(port, tls_port, blowing, over):
    """Opens connections from all over 127.0.0.0/8 and does no good with them, holding the last ones open."""
    rng = random.Random(1)
    with contextlib.suppress(ssl.SSLWantReadError):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        ssl._create_unverified_context().wrap_bio(incoming, outgoing).do_handshake()
    hello = outgoing.read()
    held, count = [], 0
    while not over.is_set():
        if not blowing.wait(0.1):
            while held:
                held.pop().close()
            continue
        for _ in range(A_SECOND // 50):
            count += 1
            kind = count % 4
            with contextlib.suppress(OSError):
                s = socket.socket()
                held.append(s)
                s.bind((f'127.{rng.randint(1, 200)}.{rng.randint(0, 3)}.1', 0))
                s.settimeout(0.2)
                s.connect(('127.0.0.1', tls_port if kind == 0 else port))
                s.settimeout(0)
                s.sendall((hello, b'EHLO c.te', b'FOO\r\n' * 50, b'EHLO c.test\r\n' + b'NOOP\r\n' * 200)[kind])
        while len(held) > HELD:
            held.pop(0).close()
        time.sleep(0.02)


class Honest(threading.Thread):
    """Sends a message after the other over a connection that it keeps."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.sent, self.running = port, 0, True

    def run(self):
        with socket.create_connection(('127.0.0.1', self.port), 20) as s:
            reply(s)
            s.sendall(b'EHLO honest.test\r\n')
            reply(s)
            lines = s.makefile('rb')
            envelope = b'MAIL FROM:<s@honest.test>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n'
            content = message('honest', 4000).encode() + b'.\r\n'
            while self.running:
                s.sendall(envelope)
                answers = [lines.readline() for _ in range(3)]
                s.sendall(content)
                answers.append(lines.readline())
                assert [a[:3] for a in answers] == [b'250', b'250', b'354', b'250'], answers
                self.sent += 1


class Storm(unittest.TestCase):

    def test_honest_mail_keeps_half_of_its_rate(self):
        # Half, with room for a machine on which others work too; the best of three, because what they do has no part in it.
        best = max(self.tries(3))
        self.assertGreater(best, 0.5)

    def tries(self, most):
        for _ in range(most):
            ratio = self.measure()
            yield ratio
            if ratio > 0.5:
                return

    def measure(self):
        tls_port = free_port()
        more = f'[limits]\nconnections-per-client = 20\n[[listener]]\naddress = "127.0.0.1:{tls_port}"\nrole = "submissions"\n'
        # A server that runs out of memory ends at once (ExitOnOutOfMemoryError), so this is a bound too.
        with Server(more=more, java_opts='-Xmx256m') as server:
            blowing, over = multiprocessing.Event(), multiprocessing.Event()
            attacker = multiprocessing.Process(target=storm, args=(server.port, tls_port, blowing, over), daemon=True)
            attacker.start()
            honest = [Honest(server.port) for _ in range(3)]
            for h in honest:
                h.start()
            try:
                time.sleep(1.5)  # what runs for the first time is slow for itself
                before, most = server.memory_kib(), 0
                calm, stormy = [], []
                for _ in range(ROUNDS):
                    # By turns, so that whatever else goes on falls upon both.
                    calm.append(self.rate(honest))
                    blowing.set()
                    stormy.append(self.rate(honest))
                    most = max(most, server.memory_kib())
                    blowing.clear()
                    time.sleep(0.2)
            finally:
                over.set()
                for h in honest:
                    h.running = False
                for h in honest:
                    h.join(20)
                attacker.join(20)
                attacker.kill()
            ratio = statistics.median(stormy) / statistics.median(calm)
            print(f'\nstorm: {statistics.median(calm):.0f} messages/s calm, {statistics.median(stormy):.0f} beside it, ratio {ratio:.2f}; '
                  f'{before // 1024} MiB, at most {most // 1024}', flush=True)
            self.assertLess(most, 500 * 1024)
            return ratio

    def rate(self, honest):
        sent, start = sum(h.sent for h in honest), time.time()
        time.sleep(PHASE)
        self.assertTrue(all(h.is_alive() for h in honest), 'no honest client was thrown out')
        return (sum(h.sent for h in honest) - sent) / (time.time() - start)


if __name__ == '__main__':
    unittest.main()
