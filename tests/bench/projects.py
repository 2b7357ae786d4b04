#!/usr/bin/env python3
"""projects.py [--projects N] [--json FILE]

N projects (50) that run at once: how long each start takes, and what memory each adds, by what is already running. A figure
fails nothing. Memory is what is nobody else's (anonymous and shared memory) of all processes that isolate runs for a project;
programs and libraries are there once for all."""
import statistics
import time

from benchmain import bench_main, start_compositor
from desktoptest.product import Product

STEP = 10


def memory(pids):
    """KiB."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/status", encoding="utf-8") as f:
                total += sum(int(line.split()[1]) for line in f if line.startswith(("RssAnon:", "RssShmem:", "VmSwap:")))
        except OSError:
            pass  # it has ended
    return total


def slope(values):
    """By how much a value grows from one to the next: least squares."""
    n = len(values)
    middle, mean = (n - 1) / 2, sum(values) / n
    return sum((i - middle) * (v - mean) for i, v in enumerate(values)) / sum((i - middle) ** 2 for i in range(n))


class Bench:
    def __init__(self, place, count):
        self.place, self.count = place, count
        self.product = Product(place)
        self.starts, self.joins, self.memory, self.processes = [], [], [], []

    def timed(self, *words):
        start = time.monotonic()
        self.product.run(*words)
        return 1000 * (time.monotonic() - start)

    def ours(self):
        return [pid for name in self.product.PROGRAMS
                for pid in self.product.processes(name)]

    def run(self):
        start_compositor(self.product)
        for i in range(self.count):
            name = f"p{i}"
            self.product.project(name, "[Project]\nGate=never\nLinger=forever\n[Network]\nMode=none\n")
            self.starts.append(self.timed("run", "--project", name, "--", "/bin/true"))
            self.joins.append(self.timed("run", "--project", name, "--", "/bin/true"))
            ours = self.ours()
            self.memory.append(memory(ours) / 1024)
            self.processes.append(len(ours))

    def report(self):
        print(f"{'running':>8} {'start ms':>9} {'join ms':>8} {'MiB each':>9} {'processes each':>15}")
        for end in range(STEP, self.count + 1, STEP):
            last = slice(end - STEP, end)
            print(f"{end:8} {statistics.median(self.starts[last]):9.1f} {statistics.median(self.joins[last]):8.1f} "
                  f"{self.memory[end - 1] / end:9.2f} {self.processes[end - 1] / end:15.1f}")
        result = {"projects": self.count, "start_ms": self.starts, "join_ms": self.joins, "memory_mib": self.memory,
                  "start_growth_ms": slope(self.starts), "join_growth_ms": slope(self.joins),
                  "memory_growth_mib": slope(self.memory)}
        print(f"one more running project adds {result['start_growth_ms']:+.2f} ms to a start, "
              f"{result['join_growth_ms']:+.2f} ms to a join, {result['memory_growth_mib']:.2f} MiB")
        top = self.timed("top", "--once", "-d", "0.1") - 100
        print(f"isolate top, over all of them: {top:.0f} ms; isolate ps: {self.timed('ps'):.0f} ms")
        for i in range(self.count):
            self.product.run("kill", f"p{i}")
        return result


def measure(place, count):
    bench = Bench(place, count)
    bench.run()
    return 0, bench.report()


bench_main(__doc__, "projects", 50, measure)
