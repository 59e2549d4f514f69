"""What an operator does: start, look, change, reload, stop."""

import contextlib
import os
import re
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request

from harness import LAUNCHER, ROOT, Server, depesche, free_port, message, need, reply, say


def policies(pid):
    """How the kernel schedules the threads of a process."""
    found = set()
    for thread in os.listdir(f'/proc/{pid}/task'):
        with contextlib.suppress(ProcessLookupError):  # it has ended since it was listed
            found.add(os.sched_getscheduler(int(thread)))
    return found


class Operation(unittest.TestCase):

    def test_starts_without_configuration_and_is_safe(self):
        folder = tempfile.mkdtemp(prefix='depesche-test-')
        port = free_port()
        p = subprocess.Popen([LAUNCHER, 'serve', '--set', f'listener.0.address=127.0.0.1:{port}'], cwd=folder, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, DEPESCHE_NO_BUILD='1'))
        try:
            end = time.time() + 30
            while time.time() < end:
                try:
                    with socket.create_connection(('127.0.0.1', port), 1) as s:
                        self.assertTrue(reply(s).startswith('220 '))
                        break
                except OSError:
                    time.sleep(0.05)
            p.send_signal(signal.SIGTERM)
            out, _ = p.communicate(timeout=40)
            self.assertEqual(p.returncode, 0, out)
            self.assertIn(f'127.0.0.1:{port}', out)
            password = re.search(r'password\W+(\S{8,})', out, re.I)
            self.assertTrue(password, 'the first account and its password are printed once:\n' + out)
            self.assertTrue(os.path.isdir(folder + '/depesche-data'))
            self.assertEqual(os.stat(folder + '/depesche-data').st_mode & 0o077, 0, 'nobody else looks in')
            for where, _, names in os.walk(folder):
                for name in names:
                    with open(os.path.join(where, name), 'rb') as f:
                        self.assertNotIn(password[1].encode(), f.read(), 'only its hash is kept')
        finally:
            p.kill()
            shutil.rmtree(folder, ignore_errors=True)

    def test_starts_in_about_a_second(self):
        with Server() as server:
            server.stop()
            start = time.time()
            server.start()
            took = time.time() - start
            print(f'\nstart to greeting: {took:.2f} s', flush=True)
            self.assertLess(took, 6)

    def test_its_threads_wait_for_their_turn_where_nobody_has_chosen_otherwise(self):
        need('chrt')
        with Server() as server:
            self.assertEqual(policies(server.process.pid), {os.SCHED_BATCH})

    def test_its_threads_do_as_somebody_else_has_chosen(self):
        choice = ['chrt', '--rr', '1']
        if subprocess.run([*choice, 'true'], capture_output=True).returncode != 0:
            self.skipTest('not allowed to choose')
        with Server(wrap=choice) as server:
            self.assertEqual(policies(server.process.pid), {os.SCHED_RR})

    def test_a_broken_certificate_of_its_own_is_told_and_another_made_when_it_is_removed(self):
        with Server() as server:
            path = server.certificate()
            server.stop()
            with open(path) as f:
                pem = f.read()
            with open(path, 'w') as f:
                f.write(pem.replace('MI', 'AA', 1))
            server.start()
            self.assertIn('self-signed.pem', server.wait_log('what=certificate-unreadable'))
            self.assertIn('There is no TLS until', server.output())
            with server.smtp() as c:
                c.sendmail('s@client.test', ['alice@example.org'], message('all the same'))
            os.remove(path)
            with server.smtp() as c:
                c.starttls(context=ssl._create_unverified_context())
                self.assertEqual(c.noop()[0], 250)

    def test_explain_tells_the_story_of_a_message(self):
        with Server() as server:
            with server.smtp() as c:
                c.ehlo()
                c.mail('s@client.test')
                c.rcpt('sales@example.org')
                code, text = c.data(message('story'))
            eid = re.search(rb'[0-9a-z]{13}', text)[0].decode()
            server.wait_mails('alice', 1)
            time.sleep(1)
            done = server.command('explain', eid)
            self.assertEqual(done.returncode, 0, done.stderr)
            for word in ('s@client.test', 'sales@example.org', 'alice@example.org', 'delivered'):
                self.assertIn(word, done.stdout)
            self.assertEqual(server.command('explain', '0000000000000').returncode, 1)
            log = open(server.data + '/mail.log').read()
            self.assertRegex(log, r'event=accepted .*eid=' + eid)
            self.assertRegex(log, r'event=delivered .*eid=' + eid)

    def test_refusals_have_a_reason_in_the_log_that_the_client_does_not_see(self):
        with Server() as server:
            s = server.raw()
            say(s, 'EHLO c.test')
            say(s, 'MAIL FROM:<a@c.test>')
            answer = say(s, 'RCPT TO:<x@elsewhere.test>')
            s.close()
            self.assertNotIn('[[domain]]', answer)
            self.assertRegex(server.wait_log('event=refused'), r'event=refused .*rcpt="?x@elsewhere.test.*reason=".*domain')
            with server.smtp() as c, self.assertRaises(smtplib.SMTPDataError) as refused:
                c.sendmail('a@c.test', ['alice@example.org'], 'Delivered-To: alice@example.org\r\n\r\nround and round\r\n')
            self.assertEqual(refused.exception.smtp_code, 554)
            self.assertRegex(server.wait_log('command=DATA'), r'event=refused .*rcpt="?alice@example.org.*Delivered-To')

    def test_reload_changes_accounts_and_refuses_nonsense_as_a_whole(self):
        with Server() as server:
            text = open(server.config).read()
            server.write_config(text + '\n[[account]]\naddress = "carol@example.org"\n')
            server.process.send_signal(signal.SIGHUP)
            self.wait_for(server, 'carol@example.org', '250')
            server.write_config(text + '\n[limit]\nrecipients = "many"\n')
            done = server.command('reload')
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stdout + done.stderr, r'depesche\.toml:\d+:\d+.*limit')
            self.wait_for(server, 'carol@example.org', '250')

    def test_a_reload_with_a_certificate_that_is_no_good_changes_nothing_else(self):
        with Server() as server:
            text = open(server.config).read()
            own = os.path.join(server.folder, 'own.pem')
            self.certificate(own, own)
            eve = text + '\n[[account]]\naddress = "eve@example.org"\n[[certificate]]\ncertificate = "%s"\nkey = "%s"\n'
            other = os.path.join(server.folder, 'other.pem')
            self.certificate(other, other)
            server.write_config(eve % (own, other))
            done = server.command('reload')
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn('is not that of the certificate', done.stdout + done.stderr)
            self.wait_for(server, 'eve@example.org', '550')
            server.write_config(eve % (own, own))
            self.assertEqual(server.command('reload').returncode, 0)
            self.wait_for(server, 'eve@example.org', '250')

    @staticmethod
    def certificate(chain, key):
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=mx.example.org', '-days', '9',
                        '-out', chain + '.crt', '-keyout', key + '.key'], check=True, capture_output=True)
        with open(chain, 'w') as whole:
            for part in (chain + '.crt', key + '.key'):
                with open(part) as f:
                    whole.write(f.read())

    def wait_for(self, server, address, code):
        end = time.time() + 10
        while True:
            s = server.raw()
            say(s, 'EHLO c.test')
            say(s, 'MAIL FROM:<a@c.test>')
            answer = say(s, f'RCPT TO:<{address}>')
            s.close()
            if answer.startswith(code):
                return
            self.assertLess(time.time(), end, answer + server.output())
            time.sleep(0.1)

    def test_users_come_and_go_while_it_runs(self):
        with Server() as server:
            done = server.command('user', 'add', 'dave@example.org', '--password-stdin', input='correct horse battery\n')
            self.assertEqual(done.returncode, 0, done.stderr)
            self.wait_for(server, 'dave@example.org', '250')
            self.assertIn('dave@example.org', server.command('user', 'list').stdout)
            self.assertEqual(server.command('user', 'remove', 'dave@example.org').returncode, 0)
            self.wait_for(server, 'dave@example.org', '550')

    def test_stops_gracefully_and_finishes_the_message_in_progress(self):
        with Server() as server:
            s = server.raw()
            say(s, 'EHLO c.test')
            say(s, 'MAIL FROM:<a@c.test>')
            say(s, 'RCPT TO:<alice@example.org>')
            say(s, 'DATA')
            idle = server.raw()
            server.process.send_signal(signal.SIGTERM)
            self.assertTrue(reply(idle).startswith('421 4.3.2'))
            s.sendall(message('last words').encode() + b'.\r\n')
            self.assertTrue(reply(s).startswith('250'))
            self.assertEqual(server.process.wait(40), 0)
            server.start()
            self.assertIn(b'last words', server.wait_mails('alice', 1)[0])

    def test_a_second_signal_ends_at_once_without_harm(self):
        with Server() as server:
            with server.smtp() as c:
                c.sendmail('s@client.test', ['alice@example.org'], message('kept'))
            s = server.raw()
            say(s, 'EHLO c.test')
            say(s, 'MAIL FROM:<a@c.test>')
            say(s, 'RCPT TO:<alice@example.org>')
            say(s, 'DATA')
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            self.assertIsNone(server.process.poll(), 'it waits for the message in progress')
            server.process.send_signal(signal.SIGTERM)
            start = time.time()
            server.process.wait(10)
            self.assertLess(time.time() - start, 5)
            s.close()
            server.start()
            server.wait_mails('alice', 1)

    def test_two_servers_do_not_share_a_data_folder(self):
        with Server() as server:
            second = Server(data=server.data)
            try:
                with self.assertRaises(AssertionError) as caught:
                    second.start()
                self.assertIn('lock', str(caught.exception).lower() + 'in use')
            finally:
                second.close()
            with server.smtp() as c:
                c.sendmail('s@client.test', ['alice@example.org'], message('unharmed'))

    def test_metrics_are_prometheus_text(self):
        with Server() as server:
            with server.smtp() as c:
                c.sendmail('s@client.test', ['alice@example.org'], message('counted'))
            server.wait_mails('alice', 1)
            time.sleep(0.5)
            admin = __import__('json').load(open(server.data + '/admin.json'))
            url = admin.get('url') or f"http://127.0.0.1:{admin['port']}"
            text = urllib.request.urlopen(url + '/metrics', timeout=10).read().decode()
            self.assertRegex(text, r'(?m)^depesche_\w*accepted\w*_total(\{[^}]*\})? 1')
            self.assertEqual(os.stat(server.data + '/admin.json').st_mode & 0o077, 0)

    def test_configuration_mistakes_are_told_all_at_once_with_their_place(self):
        with tempfile.NamedTemporaryFile('w', suffix='.toml') as f:
            f.write('hostname = "mx.example.org"\nhostnam = "x"\n\n[limits]\nrecipients = "many"\nmessage-size = "5 parsecs"\n')
            f.flush()
            done = depesche('config', 'check', '--config', f.name)
            self.assertEqual(done.returncode, 1)
            text = done.stdout + done.stderr
            self.assertRegex(text, r':2:1.*hostnam.*did you mean.*hostname')
            self.assertRegex(text, r':5:\d+')
            self.assertRegex(text, r':6:\d+')

    def test_usage_errors_exit_with_2(self):
        self.assertEqual(depesche('serv').returncode, 2)
        self.assertEqual(depesche('send').returncode, 2)


if __name__ == '__main__':
    unittest.main()
