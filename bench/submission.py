#!/usr/bin/env python3
"""What a login and what encryption cost a built Depesche, in one run: sessions with and without AUTH PLAIN (Argon2id) over
TLS, and messages of 10 KiB over kept connections without TLS, with it, and after a login. usage: submission.py [SESSIONS [MESSAGES]]"""

import os
import smtplib
import ssl
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'blackbox'))
from harness import Server, free_port  # noqa: E402

SESSIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 400
MESSAGES = int(sys.argv[2]) if len(sys.argv) > 2 else 4000
CLIENTS = 4
TICK = os.sysconf('SC_CLK_TCK')
PASSWORD = 'correct horse battery'
MESSAGE = ('From: carol@example.org\r\nSubject: bench\r\n\r\n' + ('x' * 78 + '\r\n') * 128).encode()


def cpu(server):
    with open(f'/proc/{server.process.pid}/stat') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def at_once(count, work):
    threads = [threading.Thread(target=work, args=(count // CLIENTS,)) for _ in range(CLIENTS)]
    start = time.time()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return time.time() - start


def connect(port, tls, login):
    context = ssl._create_unverified_context()
    c = (smtplib.SMTP_SSL('127.0.0.1', port, 'client.test', timeout=60, context=context) if tls == 'at once'
         else smtplib.SMTP('127.0.0.1', port, 'client.test', timeout=60))
    if tls == 'starttls':
        c.starttls(context=context)
    c.ehlo_or_helo_if_needed()
    if login:
        c.user, c.password = 'carol@example.org', PASSWORD
        c.auth('PLAIN', c.auth_plain)
    return c


def measure(server, name, count, what, work):
    at_once(count, work)  # warm
    before = cpu(server)
    seconds = at_once(count, work)
    print(f'{name:44} {count / seconds:7.0f} {what}/s  {(cpu(server) - before) / count * 1000:7.2f} ms CPU each', flush=True)


def main():
    port = free_port()
    more = f'\n[[listener]]\naddress = "127.0.0.1:{port}"\nrole = "submissions"\n[limits]\nconnections-per-client = 0\n'
    server = Server(more)
    done = server.command('user', 'add', 'carol@example.org', '--password-stdin', input=PASSWORD + '\n')
    assert done.returncode == 0, done.stderr

    def sessions(login):
        def work(count):
            for _ in range(count):
                connect(port, 'at once', login).quit()
        return work

    def messages(to, tls, login):
        def work(count):
            c = connect(to, tls, login)
            for _ in range(count):
                c.sendmail('carol@example.org', ['alice@example.org'], MESSAGE)
            c.quit()
        return work

    with server:
        measure(server, 'session over TLS', SESSIONS, 'sessions', sessions(False))
        measure(server, 'session over TLS with AUTH PLAIN', SESSIONS, 'sessions', sessions(True))
        measure(server, 'message, mx, without TLS', MESSAGES, 'messages', messages(server.port, '', False))
        measure(server, 'message, mx, STARTTLS (BoringSSL)', MESSAGES, 'messages', messages(server.port, 'starttls', False))
        measure(server, 'message, submissions, TLS (JDK) and login', MESSAGES, 'messages', messages(port, 'at once', True))


main()
