#!/usr/bin/env python3
"""How long a start takes: from the command to the first 220, the launcher included.

    bench/starts.py [N]      N starts with the cache of decision 0008, then N without

Each first on an empty data folder, where it makes itself a certificate, and then again on what is there; with one account and one
listener. CPU is that of the process when it greets.
"""

import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
CLOCK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def greeted(port, process):
    """Waits for the greeting; ends with the process."""
    while process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as peer:
                if peer.recv(4) == b"220 ":
                    return
        except OSError:
            time.sleep(0.003)
    sys.exit("The server ended with %s before it greeted." % process.returncode)


def start(folder, cache):
    """One start: seconds until the greeting, and CPU seconds."""
    port = free_port()
    config = folder / "depesche.toml"
    config.write_text(
        'hostname = "mx.example.org"\ndata-dir = "%s/data"\n[[listener]]\naddress = "127.0.0.1:%d"\n'
        '[[domain]]\nname = "example.org"\n[[account]]\naddress = "postmaster@example.org"\n' % (folder, port))
    environment = dict(os.environ, DEPESCHE_NO_AOT="0" if cache else "1")
    began = time.monotonic()
    process = subprocess.Popen([HERE / "depesche", "serve", "--config", config], env=environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        greeted(port, process)
        took = time.monotonic() - began
        fields = pathlib.Path("/proc/%d/stat" % process.pid).read_text().rpartition(")")[2].split()
        return took, (int(fields[11]) + int(fields[12])) / CLOCK
    finally:
        process.terminate()
        process.wait()


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    subprocess.run([HERE / "depesche", "--prepare"], check=True)
    taken = {}
    with tempfile.TemporaryDirectory(prefix="depesche-starts-") as folder:
        for cache in ("with", "without"):
            for _ in range(rounds):
                shutil.rmtree(os.path.join(folder, "data"), ignore_errors=True)
                for data in ("on an empty folder", "again"):
                    taken.setdefault((cache, data), []).append(start(pathlib.Path(folder), cache == "with"))
    for (cache, data), all_of_them in taken.items():
        times = sorted(took for took, _ in all_of_them)
        print("%-7s the cache, %-18s  %.2f s (%.2f-%.2f), CPU %.2f s" % (
            cache, data + ":", statistics.median(times), times[0], times[-1], statistics.median(cpu for _, cpu in all_of_them)))


if __name__ == "__main__":
    main()
