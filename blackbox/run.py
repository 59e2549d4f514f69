"""Runs all modules of tests here, three at a time: most of what they do is waiting. Each module's output comes as a whole
when the module is done. Exit 0 only when all passed; what was skipped is said at the end, with the slowest modules."""

import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
AT_ONCE = 3

# The longest begin first, so that none is left alone at the end.
FIRST = ['test_relay', 'test_submission', 'test_kill9_phases', 'test_kill9', 'test_operation', 'test_accounts', 'test_hostile']

# Measures one rate against another, and does it when the others are done.
ALONE = 'test_storm'


def run(module):
    start = time.time()
    done = subprocess.run([sys.executable, '-W', 'error::SyntaxWarning', '-m', 'unittest', '-v', module], cwd=HERE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace')
    return module, done.returncode, done.stdout, time.time() - start


def main():
    modules = sorted((os.path.basename(p)[:-3] for p in glob.glob(os.path.join(HERE, 'test_*.py'))),
                     key=lambda m: (FIRST.index(m) if m in FIRST else len(FIRST), m))
    modules.remove(ALONE)
    failed, skipped = [], []

    def tell(module, code, output, seconds):
        print(f'-- {module}, {seconds:.0f}s\n{output}', flush=True)
        skipped.extend(re.findall(r"^(.*) \.\.\. skipped (.*)$", output, re.M))
        if code != 0 or not re.search(r'^Ran [1-9]', output, re.M):
            failed.append(module)

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for future in concurrent.futures.as_completed([pool.submit(run, m) for m in modules]):
            tell(*future.result())
    tell(*run(ALONE))
    for test, why in skipped:
        print(f'Skipped: {test}: {why}')
    if failed:
        print('Failed: ' + ', '.join(failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
