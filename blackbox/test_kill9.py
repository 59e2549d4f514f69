"""Promise 1: what was acknowledged is never lost, whenever the process is killed.

Rounds of load with SIGKILL at random moments, then a last start; every acknowledged message must be in its mailbox, once: a kill
between delivery and its record (RFC 1047) delivers again under the same name.
ROUNDS is 10, or DEPESCHE_KILL_ROUNDS (./check --full sets 200). SEED makes a run repeatable as far as timing allows.
"""

import os
import random
import time
import unittest

from harness import Server
from ledger import Ledger, Sender

ROUNDS = int(os.environ.get('DEPESCHE_KILL_ROUNDS', 10))
SEED = int(os.environ.get('DEPESCHE_SEED', time.time_ns() % 1_000_000))
SENDERS = 8


class Kill9(unittest.TestCase):

    def test_no_acknowledged_message_is_lost(self):
        chance = random.Random(SEED)
        print(f'\nkill -9: {ROUNDS} rounds, seed {SEED}', flush=True)
        server = Server(more='[limits]\nconnections-per-client = 0\n')
        ledger = Ledger()
        try:
            for number in range(ROUNDS):
                server.start()
                senders = [Sender(server.port, f'{number}-{i}', random.Random(chance.random())) for i in range(SENDERS)]
                for s in senders:
                    s.start()
                time.sleep(chance.uniform(0.05, 1.5))
                if number == ROUNDS - 1:
                    self.wait_for_real_load(ledger, senders)
                server.kill()
                ledger.close(senders)
                if (number + 1) % 10 == 0:
                    print(f'  {number + 1} rounds, {len(ledger.acknowledged)} acknowledged', flush=True)
            server.start()
            self.assertGreater(len(ledger.acknowledged), ROUNDS * 5, 'the load was real')
            unseen = ledger.check_mailboxes(self, server)
            print(f'  {len(ledger.acknowledged)} acknowledged, all there, once; '
                  f'{len(unseen)} stored whose acknowledgement was cut off', flush=True)
            self.assertEqual(server.stop(), 0)
            done = server.command('spool', 'verify')
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        finally:
            server.close()

    def wait_for_real_load(self, ledger, senders):
        """On a busy machine the rounds before may have been too short for much."""
        end = time.time() + 60
        while len(ledger.acknowledged) + sum(len(s.acknowledged) for s in senders) <= ROUNDS * 5:
            self.assertLess(time.time(), end, 'the load is not real')
            time.sleep(0.01)


if __name__ == '__main__':
    unittest.main()
