"""The check of the list of all that is shipped (a step of ./check) fails when the list is not true."""

import json
import os
import subprocess
import tempfile
import unittest

from harness import ROOT

SBOM = os.path.join(ROOT, 'server/target/depesche-sbom.json')


class Shipped(unittest.TestCase):

    def setUp(self):
        if not os.path.exists(SBOM):
            self.skipTest('there is no list yet: tools/sbom makes it')
        with open(SBOM) as f:
            self.sbom = json.load(f)

    def check(self):
        """Exit code and words of the check of the list as it is now."""
        with tempfile.NamedTemporaryFile('w', suffix='.json') as f:
            json.dump(self.sbom, f)
            f.flush()
            done = subprocess.run([os.path.join(ROOT, 'tools/sbom'), '--check', f.name], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def component(self, name):
        return next(c for c in self.sbom['components'] if c['name'] == name)

    def test_what_is_wrong_with_it_is_told(self):
        for harmless in (['Apache-2.0', 'GPL-3.0-only'], ['EPL-2.0', 'LGPL-2.1-only']):
            self.component('caffeine')['licenses'] = [{'license': {'id': i}} for i in harmless]
            self.assertEqual(self.check()[0], 0, 'of several licences one is enough')
        self.component('dnsjava')['licenses'] = [{'license': {'id': 'AGPL-3.0-only'}}]
        self.component('tomlj')['licenses'] = []
        self.component('picocli')['hashes'] = [{'alg': 'SHA-256', 'content': '0' * 64}]
        self.sbom['components'].remove(self.component('HikariCP'))
        code, told = self.check()
        self.assertEqual(code, 1, told)
        for words in ('dnsjava:dnsjava:', 'AGPL-3.0-only', 'none is known',
                      'info.picocli:picocli:', 'picocli-', 'HikariCP-'):
            self.assertIn(words, told)
        self.assertEqual(len(told.strip().splitlines()), 5, told)


if __name__ == '__main__':
    unittest.main()
