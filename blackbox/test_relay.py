"""The second half of the way of a message: handed on to other servers, or told to its sender."""

import email
import json
import os
import random
import re
import shutil
import smtplib
import socket
import stat
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from harness import Server, free_port, message, need, need_root, reply, say, text_of
from remotes import DovecotLmtp, Exim, Nsd, OpenSmtpd, PostfixReceiver, Taker

RELAY = '''
[relay]
networks = ["127.0.0.0/8"]

[queue]
retry = ["1s", "2s", "4s"]
give-up-after = "{give_up}"
warn-after = "{warn}"
{more}
'''


def relay(routes=(), give_up='5d', warn='0s', more=''):
    tables = '\n'.join(f'[[route]]\ndomain = "{d}"\nto = "{t}"' for d, t in routes)
    return RELAY.format(give_up=give_up, warn=warn, more=more) + tables


class Relay(unittest.TestCase):

    def send(self, server, to, subject, sender='alice@example.org', size=0, **options):
        with server.smtp() as c:
            c.sendmail(sender, to, message(subject, size), **options)

    def notification(self, server, count=1, seconds=30):
        """The parts of the newest notification in alice's mailbox: text, status, what came back."""
        mails = server.wait_mails('alice', count, seconds)
        report = email.message_from_bytes(mails[-1])
        self.assertEqual(report.get_content_type(), 'multipart/report')
        self.assertEqual(report.get_param('report-type'), 'delivery-status')
        self.assertEqual(report['Return-Path'], '<>')
        self.assertEqual(report['Auto-Submitted'], 'auto-replied')
        text, status, back = report.get_payload()
        return text.get_payload(), [dict(block.items()) for block in status.get_payload()], back, report

    def test_postfix_takes_what_we_hand_on_byte_for_byte(self):
        need('postfix')
        need_root()
        with PostfixReceiver(['u1', 'u2']) as postfix, \
                Server(relay([('relay.test', f'smtp://127.0.0.1:{postfix.port}')])) as server:
            for i in range(10):
                self.send(server, ['u1@relay.test', 'u2@relay.test'], f'to postfix {i}', size=i * 20_000)
            found = postfix.wait_mails('u1', 10)
            self.assertEqual(len(postfix.wait_mails('u2', 10)), 10)
            for i in range(10):
                # Postfix adds header fields that are missing, and keeps lines with LF.
                sent = message(f'to postfix {i}', i * 20_000).replace('\r\n', '\n').encode()
                header, body = sent.split(b'\n\n', 1)
                arrived = [m.split(b'\n\n', 1) for m in found if f'Subject: to postfix {i}\n'.encode() in m]
                self.assertEqual(len(arrived), 1)
                self.assertEqual(arrived[0][1], body, f'message {i} as it was sent')
                for line in header.split(b'\n'):
                    self.assertIn(line, arrived[0][0].split(b'\n'))

    def test_postfix_refuses_a_user_and_the_sender_hears_why(self):
        need('postfix')
        need_root()
        with PostfixReceiver(['u1']) as postfix, \
                Server(relay([('relay.test', f'smtp://127.0.0.1:{postfix.port}')])) as server:
            self.send(server, ['u1@relay.test', 'nobody@relay.test'], 'half of it')
            postfix.wait_mails('u1', 1)
            text, blocks, back, report = self.notification(server)
        self.assertIn('nobody@relay.test', text)
        self.assertIn('no mailbox with this address', text)
        self.assertNotIn('u1@relay.test', text)
        self.assertEqual(blocks[0]['Reporting-MTA'], 'dns; mx.example.org')
        self.assertEqual(len(blocks), 2)
        self.assertEqual(blocks[1]['Final-Recipient'], 'rfc822; nobody@relay.test')
        self.assertEqual(blocks[1]['Action'], 'failed')
        self.assertEqual(blocks[1]['Status'], '5.1.1')
        self.assertTrue(blocks[1]['Diagnostic-Code'].startswith('smtp; 550 5.1.1'), blocks[1])
        self.assertEqual(back.get_content_type(), 'text/rfc822-headers')
        self.assertIn('Subject: half of it', back.get_payload())
        self.assertEqual(report['Subject'], 'Not delivered: half of it')

    def test_dovecot_takes_mail_by_lmtp_on_a_port_and_on_a_socket(self):
        need('dovecot', 'lmtp')
        need_root()
        with DovecotLmtp() as dovecot, Server(relay([
                ('port.test', f'lmtp://127.0.0.1:{dovecot.port}'),
                ('socket.test', f'lmtp+unix://{dovecot.socket}')])) as server:
            self.send(server, ['a@port.test', 'b@port.test'], 'by port')
            self.send(server, ['c@socket.test'], 'by socket', size=200_000)
            for user in 'abc':
                dovecot.wait_mails(user, 1)

    def test_an_alias_leads_to_several_here_and_elsewhere(self):
        with Taker() as taker, Server(relay([('elsewhere.test', f'smtp://127.0.0.1:{taker.port}')], more='''
[[alias]]
address = "team@example.org"
to = ["alice@example.org", "everybody@example.org", "eve@elsewhere.test"]

[[alias]]
address = "everybody@example.org"
to = ["bob@example.org", "team@example.org"]
''')) as server:
            self.send(server, ['Team@example.org', 'bob@example.org'], 'to the team', sender='s@client.test')
            taker.wait(1)
            self.assertEqual(taker.recipients, ['eve@elsewhere.test'])
            self.assertEqual(len(server.wait_mails('alice', 1)), 1)
            self.assertEqual(len(server.wait_mails('bob', 1)), 1, 'once, though named twice')

    def test_lmtp_is_spoken_as_a_server_too(self):
        port = free_port()
        with Server(f'''
[[listener]]
address = "127.0.0.1:{port}"
role = "lmtp"
''') as server:
            with smtplib.LMTP('127.0.0.1', port, local_hostname='client.test') as c:
                c.ehlo()
                c.mail('s@client.test')
                self.assertEqual([c.rcpt(f'{u}@example.org')[0] for u in ('alice', 'nobody', 'bob')], [250, 550, 250])
                c.putcmd('DATA')
                self.assertEqual(c.getreply()[0], 354)
                c.send(message('by lmtp') + '.\r\n')
                self.assertEqual([c.getreply()[0] for _ in range(2)], [250, 250])
                self.assertEqual(c.noop()[0], 250)
            self.assertIn(b'with LMTP', server.wait_mails('alice', 1)[0])
            server.wait_mails('bob', 1)

    def test_postfix_delivers_by_lmtp_over_a_socket(self):
        need('postfix')
        need_root()
        folder = tempfile.mkdtemp(prefix='depesche-socket-')
        os.chmod(folder, 0o755)
        path = os.path.join(folder, 'lmtp')
        try:
            with Server(f'[[listener]]\naddress = "unix:{path}"\nrole = "lmtp"\nsocket-mode = "0666"\n') as server, \
                    PostfixReceiver(['u1'], path) as postfix:
                with smtplib.SMTP('127.0.0.1', postfix.port, local_hostname='client.test') as c:
                    c.sendmail('s@client.test', ['alice@example.org', 'bob@example.org'], message('by lmtp', 100_000))
                mail = server.wait_mails('alice', 1)[0]
                self.assertIn(b'with LMTP', mail)
                self.assertIn(b'by postfix.relay.test', mail)
                self.assertEqual(len(server.wait_mails('bob', 1)), 1)
        finally:
            shutil.rmtree(folder)

    def test_a_socket_for_lmtp_comes_and_goes_with_the_server(self):
        folder = tempfile.mkdtemp(prefix='depesche-socket-')
        path = os.path.join(folder, 'lmtp')
        try:
            with Server(f'''
[[listener]]
address = "unix:{path}"
role = "lmtp"

[limits]
client-connections = "5/1h"
''') as server:
                for _ in range(2):
                    self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o660)
                    for _ in range(8):
                        with socket.socket(socket.AF_UNIX) as s:
                            s.settimeout(10)
                            s.connect(path)
                            self.assertEqual(reply(s), '220 mx.example.org LMTP\r\n')
                            for line, code in (('LHLO local', '250'), ('MAIL FROM:<s@client.test>', '250'),
                                               ('RCPT TO:<alice@example.org>', '250'), ('RCPT TO:<nobody@example.org>', '550'),
                                               ('DATA', '354'), ('Subject: local\r\n\r\nhi\r\n.', '250'), ('QUIT', '221')):
                                self.assertTrue(say(s, line).startswith(code), line)
                    self.assertIn(f'unix:{path}', server.output())
                    server.kill()
                    self.assertTrue(os.path.exists(path), 'whoever is killed cleans up nothing')
                    server.start()
                self.assertEqual(len(server.wait_mails('alice', 16)), 16)
                self.assertEqual(server.json('status')['listeners'][1]['address'], f'unix:{path}')
                self.assertEqual(server.stop(), 0)
                self.assertEqual(os.listdir(folder), [])
        finally:
            shutil.rmtree(folder)

    def test_mx_records_of_a_real_name_server_are_followed(self):
        need('nsd')
        with Taker() as taker, Nsd([
                'mx MX 10 dead', 'mx MX 20 host', 'dead A 127.0.0.99', 'host A 127.0.0.1',
                'implicit A 127.0.0.1', 'alias CNAME mx', 'null MX 0 .', 'nowhere TXT "no address"',
                'lost MX 10 gone', 'us MX 5 mx.example.org.', 'us MX 10 host']) as nsd, \
                Server(relay(more=f'''[dns]
servers = ["127.0.0.1:{nsd.port}"]
timeout = "500ms"
[delivery]
mx-port = {taker.port}
''')) as server:
            self.send(server, ['a@mx.test', 'b@implicit.test', 'c@alias.test'], 'three ways')
            taker.wait(1)
            end = time.time() + 20
            while len(taker.recipients) < 3 and time.time() < end:
                time.sleep(0.1)
            self.assertEqual(sorted(taker.recipients), ['a@mx.test', 'b@implicit.test', 'c@alias.test'])
            expected = {'null.test': '5.1.10', 'missing.test': '5.1.2', 'nowhere.test': '5.4.4', 'lost.test': '5.4.4',
                        'us.test': '5.4.6'}
            for count, (domain, status) in enumerate(expected.items(), 1):
                self.send(server, [f'x@{domain}'], f'to {domain}')
                _, blocks, _, _ = self.notification(server, count)
                self.assertEqual(blocks[1]['Status'], status, domain)
            preview = server.json('explain', '--to', 'x@mx.test', '--client', '127.0.0.1')
            self.assertEqual([h.split()[1] for h in preview['ways'][0]['hosts']], ['dead.test', 'host.test'])

    def test_a_dead_next_hop_is_tried_again_and_the_sender_is_warned_and_told(self):
        with Server(relay([('dead.test', f'smtp://127.0.0.1:{free_port()}')], give_up='9s', warn='3s')) as server:
            self.send(server, ['x@dead.test'], 'to nobody')
            text, blocks, _, report = self.notification(server, 1)
            self.assertEqual(blocks[1]['Action'], 'delayed')
            self.assertIn('You need not do anything', text)
            self.assertIn('Will-Retry-Until', blocks[1])
            text, blocks, _, report = self.notification(server, 2)
            self.assertEqual(blocks[1]['Action'], 'failed')
            self.assertEqual(blocks[1]['Status'], '4.4.7')
            self.assertIn('Connection refused', text)
            time.sleep(1)
            self.assertEqual(len(server.mails('alice')), 2)

    def test_success_is_told_when_asked_and_nothing_when_never(self):
        with Taker(refuse=[('no', '550 5.1.1 nobody here')]) as taker, \
                Server(relay([('taker.test', f'smtp://127.0.0.1:{taker.port}')])) as server:
            self.send(server, ['yes@taker.test'], 'tell me', mail_options=['ENVID=QQ+2B1', 'RET=HDRS'],
                      rcpt_options=['NOTIFY=SUCCESS', 'ORCPT=rfc822;Other@taker.test'])
            _, blocks, _, _ = self.notification(server, 1)
            self.assertEqual(blocks[0]['Original-Envelope-Id'], 'QQ+1')
            self.assertEqual(blocks[1]['Action'], 'relayed')
            self.assertEqual(blocks[1]['Original-Recipient'], 'rfc822;Other@taker.test')
            self.send(server, ['no@taker.test'], 'tell me not', rcpt_options=['NOTIFY=NEVER'])
            self.send(server, ['no@taker.test'], 'from nobody', sender='<>')
            self.send(server, ['yes@taker.test'], 'in silence')
            taker.wait(2)
            self.assertEqual(len(server.mails('alice')), 1)

    def test_a_restart_resumes_where_it_was(self):
        port = free_port()
        with Server(relay([('later.test', f'smtp://127.0.0.1:{port}')])) as server:
            for i in range(50):
                self.send(server, [f'u{i}@later.test'], f'later {i}')
            listing = server.json('queue', 'list')
            self.assertEqual(listing['messages'], 50)
            server.kill()
            server.start()
            self.assertEqual(server.json('queue', 'list')['messages'], 50)
            with Taker(port) as taker:
                taken = taker.wait(50)
            self.assertEqual(set(taken.values()), {1})

    def test_connections_are_used_for_several_messages_and_recipients_share_a_transaction(self):
        with Taker(delay=0.02) as taker, Server(relay([('taker.test', f'smtp://127.0.0.1:{taker.port}')])) as server:
            with server.smtp() as c:
                for i in range(100):
                    c.sendmail('alice@example.org', ['a@taker.test', 'b@taker.test', 'c@taker.test'], message(f'many {i}'))
            taken = taker.wait(100)
            self.assertEqual(set(taken.values()), {1}, 'one transaction for the three recipients')
            self.assertEqual(len(taker.recipients), 300)
            self.assertLess(taker.connections, 50)

    def test_a_stalled_server_delays_nobody_else(self):
        with Taker(delay=60) as stalled, Taker() as quick, Server(relay([
                ('stalled.test', f'smtp://127.0.0.1:{stalled.port}'),
                ('quick.test', f'smtp://127.0.0.1:{quick.port}')])) as server:
            for i in range(60):
                self.send(server, [f'u{i}@stalled.test'], f'stalled {i}')
            start = time.time()
            self.send(server, ['u@quick.test'], 'quick')
            self.send(server, ['alice@example.org'], 'local')
            quick.wait(1, 5)
            server.wait_mails('alice', 1, 5)
            self.assertLess(time.time() - start, 5)

    def test_backup_mx_takes_its_domains_and_knows_their_recipients(self):
        with Taker() as taker, Server(f'''
[[relay-domain]]
name = "any.test"
[[relay-domain]]
name = "listed.test"
recipients = ["known@listed.test"]
[[route]]
domain = "any.test"
to = "smtp://127.0.0.1:{taker.port}"
[[route]]
domain = "listed.test"
to = "smtp://127.0.0.1:{taker.port}"
''') as server:
            with server.smtp() as c:
                c.ehlo()
                for rcpt, code in {'x@any.test': 250, 'known@listed.test': 250, 'postmaster@listed.test': 250,
                                   'unknown@listed.test': 550, 'x@other.test': 550, 'x%other.test@any.test': 550,
                                   '"x@other.test"@any.test': 550, 'other.test!x@any.test': 550,
                                   '@any.test:x@other.test': 550, 'x@[127.0.0.1]': 550, 'x@sub.any.test': 550}.items():
                    c.docmd('MAIL FROM:<s@client.test>')
                    self.assertEqual(c.docmd(f'RCPT TO:<{rcpt}>')[0], code, rcpt)
                    c.docmd('RSET')
                c.sendmail('s@client.test', ['x@any.test', 'known@listed.test'], message('for both'))
            taker.wait(1)


class BothWays(unittest.TestCase):
    """Real servers take mail from us and hand mail on to us."""

    def both_ways(self, make):
        need_root()
        ours = Server()
        with make(ours.port) as peer:
            ours.write_config(ours.own_config(relay([('relay.test', f'smtp://127.0.0.1:{peer.port}')])))
            with ours as server:
                self.outwards(server, peer)
                self.inwards(server, peer)
                self.refused_outwards(server, peer)
                self.refused_inwards(server, peer)
                if peer.utf8:
                    self.international(server, peer)

    def assertArrived(self, sent, mails, subject):
        """One copy, the body as it was sent but for the line ends of the mailbox, no header field lost."""
        sent = sent.replace(b'\r\n', b'\n')
        header, body = sent.split(b'\n\n', 1)
        mails = [m.replace(b'\r\n', b'\n') for m in mails]
        arrived = [m.split(b'\n\n', 1) for m in mails if b'Subject: ' + subject + b'\n' in m]
        self.assertEqual(len(arrived), 1, subject)
        self.assertEqual(arrived[0][1], body, subject)
        for line in header.split(b'\n'):
            self.assertIn(line, arrived[0][0].split(b'\n'))

    BODIES = {
        b'plain': b'At noon?\r\n',
        b'dots': b'.\r\n..\r\n...\r\n.x\r\n\r\n.\r\n',
        b'long line': b'x' * 990 + b'\r\n',
        b'8bit': 'Grüße aus Köln\r\n'.encode(),
        b'big': b'The quick brown fox jumps over the lazy dog.\r\n' * 50_000,
        b'blank end': b'text\r\n\r\n\r\n',
    }

    @staticmethod
    def content(subject, body, to):
        return (b'From: <u1@relay.test>\r\nTo: <' + to + b'>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n'
                b'Message-ID: <' + subject.replace(b' ', b'-') + b'@relay.test>\r\nMIME-Version: 1.0\r\n'
                b'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n'
                b'Subject: ' + subject + b'\r\n\r\n' + body)

    def outwards(self, server, peer):
        with server.smtp() as c:
            for subject, body in self.BODIES.items():
                c.sendmail('alice@example.org', ['u1@relay.test', 'u2@relay.test'],
                           self.content(subject, body, b'u1@relay.test'), mail_options=['BODY=8BITMIME'])
        for user in ('u1', 'u2'):
            found = peer.wait_mails(user, len(self.BODIES))
            for subject, body in self.BODIES.items():
                self.assertArrived(self.content(subject, body, b'u1@relay.test'), found, subject)

    def inwards(self, server, peer):
        with smtplib.SMTP('127.0.0.1', peer.port, local_hostname='client.test', timeout=30) as c:
            for subject, body in self.BODIES.items():
                c.sendmail('u1@relay.test', ['alice@example.org', 'bob@example.org'],
                           self.content(subject, body, b'alice@example.org'),
                           mail_options=['BODY=8BITMIME'] if c.has_extn('8bitmime') else [])
        for user in ('alice', 'bob'):
            found = server.wait_mails(user, len(self.BODIES))
            for subject, body in self.BODIES.items():
                self.assertArrived(self.content(subject, body, b'alice@example.org'), found, subject)

    def refused_outwards(self, server, peer):
        before = len(server.mails('alice'))
        with server.smtp() as c:
            c.sendmail('alice@example.org', ['missing@relay.test'], message('to nobody'))
        report = email.message_from_bytes(server.wait_mails('alice', before + 1)[-1])
        self.assertEqual(report.get_content_type(), 'multipart/report')
        status = report.get_payload()[1].get_payload()[1]
        self.assertEqual(status['Final-Recipient'], 'rfc822; missing@relay.test')
        self.assertEqual(status['Action'], 'failed')
        self.assertTrue(status['Status'].startswith('5.'), status.as_string())

    def refused_inwards(self, server, peer):
        before = len(peer.mails('u1'))
        with smtplib.SMTP('127.0.0.1', peer.port, local_hostname='client.test', timeout=30) as c:
            c.sendmail('u1@relay.test', ['nobody@example.org'], message('to nobody here'))
        bounce = peer.wait_mails('u1', before + 1)
        self.assertTrue(any(b'5.1.1' in m and b'nobody@example.org' in m for m in bounce), bounce)

    def international(self, server, peer):
        before = len(peer.mails('u2'))
        text = 'From: <Günther@example.org>\r\nTo: <u2@relay.test>\r\nSubject: Grüße\r\n\r\nok\r\n'.encode()
        with server.smtp() as c:
            c.ehlo()
            c.sendmail('Günther@example.org', ['u2@relay.test'], text, mail_options=['SMTPUTF8', 'BODY=8BITMIME'])
        self.assertIn('Subject: Grüße'.encode(), b'\n'.join(peer.wait_mails('u2', before + 1)))

    def test_postfix(self):
        need('postfix')
        self.both_ways(lambda port: PostfixReceiver(['u1', 'u2'], port))

    def test_exim(self):
        self.both_ways(Exim)

    def test_opensmtpd(self):
        self.both_ways(OpenSmtpd)


class Operators(unittest.TestCase):
    """What an operator types about the queue."""

    def setUp(self):
        self.taker = Taker()
        self.dead = free_port()
        self.server = Server(relay([('dead.test', f'smtp://127.0.0.1:{self.dead}')]).replace('"1s", "2s", "4s"', '"1h"')).start()
        with self.server.smtp() as c:
            for i in range(3):
                c.sendmail('alice@example.org', [f'u{i}@dead.test'], message(f'dead {i}', size=i * 100_000))
        end = time.time() + 20
        while self.server.json('status')['queue']['running'] or not self.listed('--reply', 'refused'):
            self.assertLess(time.time(), end, 'no attempt was made')
            time.sleep(0.1)

    def tearDown(self):
        self.server.close()
        self.taker.close()

    def listed(self, *filters):
        return self.server.json('queue', 'list', *filters)['messages']

    def change(self, *args):
        return self.server.json('queue', *args)['messages']

    def test_filters(self):
        self.assertEqual(self.listed(), 3)
        self.assertEqual(self.listed('--domain', 'dead.test'), 3)
        self.assertEqual(self.listed('--domain', 'other.test'), 0)
        self.assertEqual(self.listed('--recipient', 'U1@dead.test'), 1)
        self.assertEqual(self.listed('--sender', '@example.org'), 3)
        self.assertEqual(self.listed('--sender', '<>'), 0)
        self.assertEqual(self.listed('--larger-than', '150KiB'), 1)
        self.assertEqual(self.listed('--older-than', '1h'), 0)
        self.assertEqual(self.listed('--state', 'held'), 0)

    def test_hold_and_release_outlast_a_restart(self):
        self.assertEqual(self.change('hold', '--recipient', 'u0@dead.test', '--dry-run'), 1)
        self.assertEqual(self.listed('--state', 'held'), 0)
        self.assertEqual(self.change('hold', '--recipient', 'u0@dead.test'), 1)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.listed('--state', 'held'), 1)
        self.assertEqual(self.server.json('status')['queue']['held'], 1)
        self.assertEqual(self.change('release', '--all'), 1)
        self.assertEqual(self.listed('--state', 'held'), 0)

    def test_remove_and_restore(self):
        self.assertEqual(self.change('remove', '--all'), 3)
        self.assertEqual(self.listed('--state', 'removed'), 3)
        self.assertEqual(self.change('restore', '--recipient', 'u2@dead.test'), 1)
        self.assertEqual(self.listed('--state', 'waiting'), 1)

    def test_bounce_tells_the_sender(self):
        self.assertEqual(self.change('bounce', '--all', '--reason', 'The site has closed'), 3)
        mails = self.server.wait_mails('alice', 3)
        self.assertTrue(all(b'The site has closed' in m for m in mails))
        self.assertEqual(self.listed(), 0)

    def test_reroute_and_retry(self):
        self.assertEqual(self.change('reroute', '--all', '--to', f'smtp://127.0.0.1:{self.taker.port}'), 3)
        self.assertEqual(len(self.taker.wait(3)), 3)

    def test_suspend_outlasts_a_restart_and_resume_ends_it(self):
        target = f'smtp://127.0.0.1:{self.dead}'
        by_domain = self.server.command('queue', 'suspend', 'dead.test')
        self.assertEqual(by_domain.returncode, 1)
        self.assertIn(f'suspend {target}', by_domain.stderr)
        self.assertEqual(self.server.json('queue', 'suspend', target)['suspended'], [target])
        self.server.kill()
        self.server.start()
        self.assertEqual(self.server.json('queue', 'suspend')['suspended'], [target])
        show = self.server.command('queue', 'list').stdout
        self.assertIn('suspended, until resumed', show)
        with Taker(self.dead) as taker:
            self.assertEqual(self.change('retry', '--all'), 3)
            time.sleep(1)
            self.assertEqual(taker.taken, {})
            self.server.json('queue', 'resume', target)
            taker.wait(3)

    def test_usage(self):
        for args in (['hold'], ['reroute', '--all'], ['hold', '--all', '--to', 'smtp://x:25'], ['list', '--older-than', 'long']):
            self.assertEqual(self.server.command('queue', *args).returncode, 2, args)
        for args in (['reroute', '--all', '--to', 'nonsense'], ['suspend', 'foo bar']):
            self.assertEqual(self.server.command('queue', *args).returncode, 1, args)

    def test_what_cannot_be_understood_is_done_to_nobody(self):
        known = self.server.json('queue', 'list')['shown'][0]['eid']
        for args in (['--sender', '', '--domain', 'dead.test'], ['', '--domain', 'dead.test'], ['--reply', ' '], [known, 'nonsense']):
            self.assertEqual(self.server.command('queue', 'remove', *args).returncode, 2, args)
        with open(os.path.join(self.server.data, 'admin.json')) as f:
            admin = json.load(f)
        for query in ('domian=dead.test&older-than=PT0S', 'all=true&dry-run=yes', 'all=yes', 'domain=&all=true', 'domain=x.test&domain=dead.test'):
            request = urllib.request.Request(f'{admin["url"]}/v1/queue/remove?{query}', method='POST',
                                             headers={'Authorization': 'Bearer ' + admin['token']})
            with self.assertRaises(urllib.error.HTTPError, msg=query) as refused:
                urllib.request.urlopen(request)
            self.assertEqual(refused.exception.code, 400, query)
        self.assertEqual(self.listed('--state', 'removed'), 0)
        self.assertEqual(self.listed('--domain', 'DEAD.test.'), 3)


class KillNineWhileRelaying(unittest.TestCase):
    """SIGKILL at random moments: every acknowledged message reaches the next hop; what reaches it twice was taken by it
    without the server having written down the answer (RFC 1047), and the start after it says so."""

    ROUNDS = int(os.environ.get('DEPESCHE_KILL_ROUNDS', '8')) // 2

    # How long before a kill an answer may have come that is not on disk, in seconds: a group commit and a busy machine.
    UNWRITTEN = 0.5

    # Messages a round has at least, however busy the machine is.
    BUSY = 30

    def test_nothing_is_lost(self):
        seed = random.randrange(1_000_000)
        chance = random.Random(seed)
        print(f'\nkill -9 while relaying: {self.ROUNDS} rounds, seed {seed}')
        acknowledged = 0
        with Taker(delay=0.005) as taker, Server(relay([('taker.test', f'smtp://127.0.0.1:{taker.port}')])) as server:
            kills = []
            for _ in range(self.ROUNDS):
                deadline, enough = time.time() + chance.uniform(0.3, 1.5), acknowledged + self.BUSY
                with server.smtp() as c:
                    while time.time() < deadline or acknowledged < enough:
                        c.sendmail('alice@example.org', [f'u{acknowledged}@taker.test'], message(f'n {acknowledged}'))
                        acknowledged += 1
                server.kill()
                kills.append(time.time())
                server.start()
            taken = taker.wait(acknowledged, 60)
            server.stop()
            log = text_of(os.path.join(server.data, 'mail.log'))
        missing = [i for i in range(acknowledged) if f'n {i}' not in taken]
        twice = {subject: moments for subject, moments in taker.moments.items() if len(moments) > 1}
        doubted = set(re.findall(r'event=in-doubt eid=(\S+)', log))
        print(f'  {acknowledged} acknowledged, all there; {len(twice)} duplicates, {len(doubted)} in doubt')
        self.assertEqual(missing, [])
        self.assertGreater(acknowledged, 100)
        # Each was taken the first time right before a kill, too late for the answer to be written, and again after it.
        for subject, moments in twice.items():
            for first, second in zip(moments, moments[1:]):
                self.assertTrue(any(first < kill < second and kill - first < self.UNWRITTEN for kill in kills),
                                f'{subject} was taken at {moments}, kills at {kills}')
        unexplained = [subject for subject in twice if taker.ids[subject] not in doubted]
        self.assertEqual(unexplained, [], 'each second copy was announced by the start that made it')
        self.assertLessEqual(len(doubted), 20 * self.ROUNDS, 'few are in doubt: those whose end was on its way')


if __name__ == '__main__':
    unittest.main()
