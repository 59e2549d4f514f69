#!/usr/bin/env python3
"""What the load tool of the harness can do by itself, loading the sink that stores nothing as it loads the sink's peers.

    bench/ceiling.py [CELL ...]      default: all cells that deliver into Maildirs

In those cells the harness runs ten `smtp-source` with two sessions each, one for each mailbox, but a single one with twenty when the
peer is the sink. A process that is woken for each answer costs more than one that finds several. Both are measured here, by turns.
The harness is found as bench/compare finds it; needs root and an installed Postfix of the harness.
"""

import importlib.util
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

MESSAGES = {1024: 20_000, 10_240: 20_000, 102_400: 5_000}
TURNS = 3
LONGEST_S = 80


def harness():
    here = pathlib.Path(__file__).resolve().parent.parent
    folder = pathlib.Path(os.environ.get('DEPESCHE_BENCH', here.parent / 'shared' / 'bench'))
    if not (folder / 'bench.py').exists():
        sys.exit(f'no harness (bench.py) in {folder}: give DEPESCHE_BENCH')
    spec = importlib.util.spec_from_file_location('harness', folder / 'bench.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(bench, sink, mode, size, keep):
    """Messages a second, and CPU seconds of the tool and of the sink for 1,000."""
    commands, count = bench.source(MESSAGES[size], size, mode, keep, sink.port)
    before, usage, began = sum(bench.cpu_s(sink.cg)), resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    try:
        if any(process.wait(LONGEST_S) != 0 for process in processes):
            sys.exit('smtp-source failed')
    finally:
        for process in processes:
            process.kill()
    took, after, used = time.perf_counter() - began, sum(bench.cpu_s(sink.cg)), resource.getrusage(resource.RUSAGE_CHILDREN)
    tool = used.ru_utime + used.ru_stime - usage.ru_utime - usage.ru_stime
    return count / took, tool / count * 1000, (after - before) / count * 1000


def main():
    bench = harness()
    bench.raise_nofile()
    cells = sys.argv[1:] or [name for name, (mode, *_) in bench.CELLS.items() if mode == 'local']
    sink = bench.Peer('sink')
    sink.start()
    try:
        for cell in cells:
            _, size, keep = bench.CELLS[cell]
            runs = {'accept': [], 'local': []}
            for _ in range(TURNS):
                for mode in runs:
                    runs[mode].append(measure(bench, sink, mode, size, keep))
            for mode, words in (('accept', 'one process of 20 sessions'), ('local', 'ten of 2')):
                rate, tool, taken = (statistics.median(column) for column in zip(*runs[mode]))
                print(f'{cell:12} {words:27} {rate:6.0f} messages/s   tool {tool:.2f} s, sink {taken:.2f} s of CPU per 1,000', flush=True)
    finally:
        sink.stop()


if __name__ == '__main__':
    main()
