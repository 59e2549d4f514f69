"""Bad input against the packaged server: it stays up, bounded, and honest to everybody else."""

import os
import random
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from harness import Server, free_port, message, need_root, reply, say

MIB = 1024


class Hostile(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Server(more='[limits]\nconnections-per-client = 0\nconnections = 11000\n').start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def still_serves(self):
        with self.server.smtp() as c:
            c.sendmail('s@client.test', ['bob@example.org'], message('still here'))

    def test_a_gigabyte_without_a_line_end_as_a_command(self):
        before = self.server.memory_kib()
        sent = self.flood(self.server.raw(), b'A' * 65536, 1 << 30)
        self.assertLess(sent, 1 << 30, 'the server hangs up long before')
        self.assertLess(self.server.memory_kib() - before, 60 * MIB)
        self.still_serves()

    def test_a_gigabyte_without_a_line_end_as_data(self):
        s = self.server.raw(timeout=120)
        for line in ('EHLO c.test', 'MAIL FROM:<a@c.test>', 'RCPT TO:<alice@example.org>', 'DATA'):
            say(s, line)
        before = self.server.memory_kib()
        self.flood(s, b'A' * 65536, 1 << 30)
        self.assertLess(self.server.memory_kib() - before, 100 * MIB)
        self.assertEqual(self.spool_messages(), 0)
        self.still_serves()

    def flood(self, s, piece, total):
        sent = 0
        try:
            while sent < total:
                s.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        finally:
            s.close()
        return sent

    def spool_messages(self):
        end = time.time() + 20
        while True:
            n = self.server.json('status')['spool']['messages']
            if n == 0 or time.time() > end:
                return n
            time.sleep(0.2)

    def test_a_hundred_thousand_recipients(self):
        s = self.server.raw(timeout=60)
        say(s, 'EHLO c.test')
        say(s, 'MAIL FROM:<a@c.test>')
        accepted = refused = 0
        f = s.makefile('rb')
        try:
            for _ in range(100):
                s.sendall(b'RCPT TO:<alice@example.org>\r\n' * 1000)
                for _ in range(1000):
                    code = f.readline()[:3]
                    accepted += code == b'250'
                    refused += code == b'452'
                    if code not in (b'250', b'452'):
                        raise ConnectionResetError
        except ConnectionError:
            pass
        s.close()
        self.assertEqual(accepted, 1000, 'limits.recipients')
        self.assertGreater(refused, 0)
        self.still_serves()

    def test_random_bytes(self):
        rng = random.Random(1)
        for _ in range(200):
            s = self.server.raw()
            try:
                s.sendall(rng.randbytes(rng.randint(1, 4000)))
                s.shutdown(socket.SHUT_WR)
                while s.recv(4096):
                    pass
            except OSError:
                pass
            s.close()
        self.still_serves()

    def test_a_reader_that_never_reads_its_replies(self):
        s = self.server.raw()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(3)
        try:
            for _ in range(2000):
                s.sendall(b'NOOP\r\n' * 500)
        except OSError:
            pass
        self.still_serves()
        s.close()

    def test_slow_writers_do_not_hinder_others(self):
        slow = [self.server.raw() for _ in range(200)]
        done = threading.Event()

        def trickle():
            while not done.wait(0.2):
                for s in slow:
                    try:
                        s.send(b'E')
                    except OSError:
                        pass
        t = threading.Thread(target=trickle)
        t.start()
        try:
            start = time.time()
            for _ in range(50):
                self.still_serves()
            self.assertLess(time.time() - start, 20)
        finally:
            done.set()
            t.join()
            for s in slow:
                s.close()

    def test_a_client_that_connects_too_often_gets_421_until_time_has_passed(self):
        with Server(more='[limits]\nclient-connections = "10/30s"\n') as server:
            answers = []
            for _ in range(15):
                s = socket.create_connection(('127.0.0.1', server.port), 10)
                answers.append(reply(s))
                s.close()
            # The start of the server has been looked for by connecting.
            self.assertTrue(answers[0].startswith('220'), answers)
            self.assertTrue(answers[-1].startswith('421 4.7.0'), answers)
            server.wait_log('limits.client-connections')
            end = time.time() + 20
            while not answers[-1].startswith('220') and time.time() < end:
                time.sleep(1)
                s = socket.create_connection(('127.0.0.1', server.port), 10)
                answers.append(reply(s))
                s.close()
            self.assertTrue(answers[-1].startswith('220'), answers[-1])

    def test_connections_beyond_the_limit_get_421_with_a_reason(self):
        with Server(more='[limits]\nconnections-per-client = 2\n') as server:
            end = time.time() + 10
            while server.json('status')['sessions'] and time.time() < end:
                time.sleep(0.05)  # the connection that waited for the start is still being taken leave of
            a, b = server.raw(), server.raw()
            s = socket.create_connection(('127.0.0.1', server.port), 10)
            answer = reply(s)
            self.assertTrue(answer.startswith('421 4.7.0'), answer)
            self.assertEqual(s.recv(10), b'', 'and is closed')
            a.close()
            b.close()


class Idle(unittest.TestCase):

    def test_ten_thousand_idle_connections(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        if hard < 11_000:
            self.skipTest(f'only {hard} open files allowed')
        server = Server(more='[limits]\nconnections-per-client = 0\nconnections = 11000\n').start()
        self.addCleanup(server.close)
        before = server.memory_kib()
        held = []
        try:
            for i in range(10_000):
                s = socket.socket()
                s.bind((f'127.0.{i // 5000 + 1}.1', 0))
                s.settimeout(20)
                s.connect(('127.0.0.1', server.port))
                held.append(s)
            for s in held:
                self.assertTrue(reply(s).startswith('220'))
            with server.smtp() as c:
                c.sendmail('s@client.test', ['bob@example.org'], message('beside ten thousand'))
            after = server.memory_kib()
            print(f'\n10,000 idle: {after // MIB} MiB in all, {(after - before) / 10_000:.1f} KiB each', flush=True)
            self.assertLess(after, 200 * MIB)
        finally:
            for s in held:
                s.close()


class FullDisk(unittest.TestCase):

    def test_a_full_disk_is_452_and_recovers_without_restart(self):
        need_root()
        folder = tempfile.mkdtemp(prefix='depesche-tmpfs-')
        mount = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', folder], capture_output=True, text=True)
        if mount.returncode != 0:
            os.rmdir(folder)
            self.skipTest('cannot mount a tmpfs: ' + mount.stderr.strip())
        config = tempfile.mkdtemp(prefix='depesche-test-')
        server = Server(more='[spool]\nlow-space = "16MiB"\nsegment-size = "8MiB"\n', folder=config, data=folder + '/data')
        ballast = folder + '/ballast'
        try:
            server.start()
            with server.smtp() as c:
                c.sendmail('s@client.test', ['alice@example.org'], message('before', 10_000))
            server.wait_mails('alice', 1)
            with open(ballast, 'wb') as f:
                try:
                    while True:
                        f.write(b'\0' * 65536)
                        f.flush()
                except OSError:
                    pass
            time.sleep(1.5)
            s = server.raw()
            say(s, 'EHLO c.test')
            say(s, 'MAIL FROM:<a@c.test>')
            say(s, 'RCPT TO:<alice@example.org>')
            answer = say(s, 'DATA')
            if answer.startswith('354'):
                s.sendall(message('full', 100_000).encode() + b'.\r\n')
                answer = reply(s)
            self.assertTrue(answer.startswith('452 4.3.1'), answer)
            s.close()
            os.remove(ballast)
            end = time.time() + 20
            while True:
                try:
                    with server.smtp() as c:
                        c.sendmail('s@client.test', ['alice@example.org'], message('after', 10_000))
                    break
                except Exception:
                    if time.time() > end:
                        raise
                    time.sleep(0.5)
            self.assertIn(b'Subject: after', b''.join(server.wait_mails('alice', 2)))
            self.assertEqual(server.stop(), 0)
        finally:
            server.kill()
            subprocess.run(['umount', folder], capture_output=True)
            os.rmdir(folder)
            shutil.rmtree(config, ignore_errors=True)

    def test_a_mailbox_that_cannot_be_written_defers_and_loses_nothing(self):
        server = Server(more='[queue]\nretry = ["1s"]\n')
        try:
            box = server.maildir('alice')
            os.makedirs(os.path.dirname(box))
            open(box, 'w').close()  # a file where the folder should be
            server.start()
            with server.smtp() as c:
                c.sendmail('s@client.test', ['alice@example.org'], message('patience'))
            time.sleep(2)
            self.assertEqual(server.json('status')['queue']['messages'], 1)
            os.remove(box)
            self.assertIn(b'Subject: patience', server.wait_mails('alice', 1)[0])
        finally:
            server.close()


class DamagedSpool(unittest.TestCase):

    def test_damage_is_told_and_the_rest_is_kept(self):
        # Nothing is delivered, so that everything stays in the spool.
        server = Server(more='[queue]\nretry = ["1h"]\n')
        try:
            for user in ('alice',):
                os.makedirs(os.path.dirname(server.maildir(user)))
                open(server.maildir(user), 'w').close()
            server.start()
            with server.smtp() as c:
                for i in range(20):
                    c.sendmail('s@client.test', ['alice@example.org'], message(f'number {i}', 2000))
            time.sleep(1)
            self.assertEqual(server.stop(), 0)
            clean = server.command('spool', 'verify')
            self.assertEqual(clean.returncode, 0, clean.stdout)
            self.damage(server.data, b'Subject: number 7\r\n')
            damaged = server.command('spool', 'verify')
            self.assertEqual(damaged.returncode, 1)
            self.assertIn('damage', (damaged.stdout + damaged.stderr).lower())
            os.remove(server.maildir('alice'))
            server.start()
            # A start reads an index only; the content is read through behind it.
            end = time.time() + 20
            while 'damage' not in server.output().lower():
                self.assertLess(time.time(), end, server.output())
                time.sleep(0.1)
            self.assertEqual(server.command('queue', 'retry', '--all').returncode, 0)
            found = server.json('status')['spool']['messages']
            self.assertGreaterEqual(found + len(server.mails('alice')), 19)
        finally:
            server.close()

    def damage(self, data, needle):
        for folder, _, names in os.walk(os.path.join(data, 'spool')):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, 'rb') as f:
                    content = f.read()
                at = content.find(needle)
                if at >= 0:
                    with open(path, 'r+b') as f:
                        f.seek(at + 9)
                        f.write(b'X')
                    return
        self.fail('the message is not in the spool')


if __name__ == '__main__':
    unittest.main()
