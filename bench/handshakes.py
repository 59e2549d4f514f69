#!/usr/bin/env python3
"""CPU of a TLS handshake, as the server pays it: many sessions of EHLO, STARTTLS, EHLO, QUIT against a Postfix and against
both kinds of listeners of a built Depesche, in one run. Needs root, postfix and openssl. usage: handshakes.py [SESSIONS]"""

import glob
import os
import smtplib
import ssl
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'blackbox'))
from harness import Server, free_port  # noqa: E402
from remotes import PostfixReceiver  # noqa: E402

SESSIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
TICK = os.sysconf('SC_CLK_TCK')


def cpu(pids):
    """Seconds of CPU of processes and of those children they have seen end."""
    total = 0
    for pid in pids:
        try:
            with open(f'/proc/{pid}/stat') as f:
                fields = f.read().rsplit(')', 1)[1].split()
            total += sum(int(fields[i]) for i in (11, 12, 13, 14))
        except OSError:
            pass
    return total / TICK


def postfix_pids(folder):
    found = []
    for path in glob.glob('/proc/[0-9]*/environ'):
        try:
            with open(path, 'rb') as f:
                if folder.encode() in f.read():
                    found.append(path.split('/')[2])
        except OSError:
            pass
    return found


def run(port, sessions, tls, resume):
    left = [sessions]
    lock = threading.Lock()

    def client():
        context = ssl._create_unverified_context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2 if resume else ssl.TLSVersion.TLSv1_3
        session = None
        while True:
            with lock:
                if left[0] <= 0:
                    return
                left[0] -= 1
            c = smtplib.SMTP('127.0.0.1', port, local_hostname='client.test', timeout=30)
            c.ehlo()
            if tls:
                c.docmd('STARTTLS')
                c.sock = context.wrap_socket(c.sock, session=session if resume else None)
                c.file = None
                session = c.sock.session
                c.ehlo()
            c.quit()

    threads = [threading.Thread(target=client) for _ in range(4)]
    start = time.time()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return sessions / (time.time() - start)


def measure(name, port, pids):
    run(port, 5 * SESSIONS, True, False)  # warm
    rows = []
    for label, tls, resume in (('without TLS', False, False), ('full, TLS 1.3', True, False), ('resumed, TLS 1.2', True, True)):
        before = cpu(pids())
        rate = run(port, SESSIONS, tls, resume)
        rows.append((label, rate, (cpu(pids()) - before) / SESSIONS * 1000))
    plain = rows[0][2]
    for label, rate, millis in rows:
        print(f'{name:24} {label:18} {rate:7.0f} sessions/s  {millis:6.2f} ms CPU a session  {millis - plain:6.2f} ms more than without')


def main():
    port = free_port()
    more = f'\n[[listener]]\naddress = "127.0.0.1:{port}"\nrole = "submission"\n[limits]\nconnections-per-client = 0\n'
    with PostfixReceiver(['u1'], tls=True) as postfix:
        measure('Postfix', postfix.port, lambda: postfix_pids(postfix.dir))
    with Server(more) as server:
        pids = lambda: [server.process.pid]  # noqa: E731
        measure('Depesche mx', server.port, pids)
        measure('Depesche submission', port, pids)


main()
