"""Disks that are full, cannot be written to, or give back something else than was written."""

import collections
import glob
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from harness import Server, free_port, message, need_root, reply, say, text_of
from remotes import Taker


class SmallDisk:
    """A server whose data is on a disk of its own, which can be filled."""

    def __init__(self, megabytes, more):
        need_root()
        self.folder = tempfile.mkdtemp(prefix='depesche-tmpfs-')
        mount = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={megabytes}m', 'tmpfs', self.folder], capture_output=True, text=True)
        if mount.returncode != 0:
            os.rmdir(self.folder)
            raise unittest.SkipTest('cannot mount a tmpfs: ' + mount.stderr.strip())
        self.config = tempfile.mkdtemp(prefix='depesche-test-')
        self.server = Server(more=more, folder=self.config, data=self.folder + '/data')

    def __enter__(self):
        try:
            self.server.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc):
        self.server.close()
        subprocess.run(['umount', self.folder], capture_output=True)
        os.rmdir(self.folder)
        shutil.rmtree(self.config, ignore_errors=True)

    def fill(self):
        # Without a buffer, which would be written once more at the end.
        with open(self.folder + '/ballast', 'ab', buffering=0) as f:
            try:
                while True:
                    f.write(b'\0' * 65536)
            except OSError:
                pass

    def free(self):
        os.remove(self.folder + '/ballast')


class Sender(threading.Thread):
    """Sends numbered messages without a pause; remembers which were acknowledged, and what else it was told."""

    def __init__(self, port, label, size):
        super().__init__(daemon=True)
        self.port, self.label, self.size = port, label, size
        self.acknowledged, self.told, self.running = [], collections.Counter(), True

    def run(self):
        number = 0
        with socket.create_connection(('127.0.0.1', self.port), 20) as s:
            reply(s)
            say(s, 'EHLO client.test')
            while self.running:
                number += 1
                key = f'{self.label}-{number}'
                answer = self.one(s, key)
                self.told[answer[:9]] += 1
                if answer.startswith('250'):
                    self.acknowledged.append(key)
                else:
                    say(s, 'RSET')
                    time.sleep(0.02)

    def one(self, s, key):
        for line in ('MAIL FROM:<s@client.test>', 'RCPT TO:<alice@example.org>', 'DATA'):
            answer = say(s, line)
            if answer[0] not in '23':
                return answer
        s.sendall(message('id ' + key, self.size).encode() + b'.\r\n')
        return reply(s)


class FullDisk(unittest.TestCase):

    def test_a_full_disk_is_452_and_recovers_without_restart(self):
        with SmallDisk(96, '[spool]\nlow-space = "16MiB"\nsegment-size = "8MiB"\n') as disk:
            server = disk.server
            with server.smtp() as c:
                c.sendmail('s@client.test', ['alice@example.org'], message('before', 10_000))
            server.wait_mails('alice', 1)
            disk.fill()
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
            disk.free()
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

    def test_mail_goes_out_to_other_servers_from_a_full_disk(self):
        port = free_port()
        more = '[spool]\nlow-space = "4MiB"\nsegment-size = "2MiB"\n[relay]\nnetworks = ["127.0.0.1"]\n' \
               f'[[route]]\ndomain = "*"\nto = "smtp://127.0.0.1:{port}"\n'
        with SmallDisk(64, more) as disk:
            server = disk.server
            with server.smtp() as c:
                for number in range(100):
                    c.sendmail('s@client.test', ['one@far.test'], message(f'id {number}', 2_000))
            disk.fill()
            # When it notices that the disk is full, the server frees segments it had kept for later.
            time.sleep(1)
            disk.fill()
            # Nothing that is written on the way to another server may need room that was not set aside before.
            with Taker(port) as taker:
                self.assertEqual(server.command('queue', 'retry', '--all').returncode, 0)
                taker.wait(100)
            disk.free()
            self.assertEqual(server.stop(), 0)

    def test_nothing_acknowledged_is_lost_while_the_disk_is_full_again_and_again(self):
        # Without space kept back, so that writes and syncs themselves fail: of the spool, of mailboxes, of the history.
        more = '[spool]\nlow-space = "0B"\nsegment-size = "4MiB"\n[queue]\nretry = ["1s"]\n[limits]\nidle-commands = 1000000\n'
        # Large enough that what is delivered meanwhile does not fill the disk by itself.
        with SmallDisk(256, more) as disk:
            server = disk.server
            senders = [Sender(server.port, str(i), size) for i, size in enumerate((300, 300, 10_000, 200_000))]
            for s in senders:
                s.start()
            for _ in range(3):
                time.sleep(0.4)
                disk.fill()
                time.sleep(1)
                disk.free()
            time.sleep(0.3)
            for s in senders:
                s.running = False
            for s in senders:
                s.join(20)
            told = sum((s.told for s in senders), collections.Counter())
            acknowledged = [key for s in senders for key in s.acknowledged]
            print(f'\nfull disk: {dict(told)}', flush=True)
            self.assertGreater(told['452 4.3.1'], 0, 'the disk was full')
            self.assertEqual(set(told) - {'250 2.0.0', '452 4.3.1', '451 4.3.0', '451 4.3.2'}, set())
            with server.smtp() as c:
                c.sendmail('s@client.test', ['bob@example.org'], message('still the same process'))
            server.wait_mails('bob', 1)
            self.check(server, acknowledged)
            self.assertEqual(server.stop(), 0)
            verified = server.command('spool', 'verify')
            self.assertEqual(verified.returncode, 0, verified.stdout)

    def check(self, server, acknowledged):
        end = time.time() + 40
        while True:
            found = [re.search(rb'^Subject: id (\S+)\r$', mail, re.M)[1].decode() for mail in server.mails('alice')]
            missing = set(acknowledged) - set(found)
            if not missing:
                return
            if time.time() > end:
                self.fail(f'{len(missing)} of {len(acknowledged)} acknowledged messages are lost:\n{server.output()}')
            time.sleep(0.3)

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
            self.salvage(server)
            found = server.json('status')['spool']['messages']
            self.assertGreaterEqual(found + len(server.mails('alice')), 19)
        finally:
            server.close()

    def salvage(self, server):
        """The message whose subject has changed can be had, beside the running server."""
        told = server.command('spool', 'salvage')
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn('alice@example.org', told.stdout)
        folder = os.path.join(server.data, 'spool/salvaged')
        self.assertEqual(os.stat(folder).st_mode & 0o077, 0)
        mails = [text_of(path) for path in glob.glob(folder + '/*.eml')]
        self.assertEqual(len(mails), 1, told.stdout)
        self.assertIn('Subject: Xumber 7', mails[0])
        self.assertTrue(mails[0].startswith('Received: from client.test'), mails[0][:200])

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
