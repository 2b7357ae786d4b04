#!/usr/bin/env python3
"""launcher.py [--rounds N] [--json FILE]

How long it takes until an application's main() runs: started in a new container of isolate, joined to a running one, and
started by a bare bwrap with the same mounts, in turns, so that all meet the same noise. firejail, podman and
systemd-nspawn stand beside them where they are installed and work here; the last for root alone. A figure fails nothing."""
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys

from benchmain import bench_main, start_compositor
from desktoptest import proc
from desktoptest.product import Product

NAMESPACES = ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--unshare-net"]
# name, title, the most it may take as a ratio to bwrap
MEASURES = (
    ("bwrap", "bwrap, same mounts", None),
    ("start", "isolate, new container", 1.5),
    ("start-internet", "the same with the internet (pasta, nft)", None),
    ("start-wayland", "the same with isolate-wlproxy", 2.5),
    ("start-bus", "the same, a bus proxy at the ready", 2.5),
    ("join", "isolate, running container", 0.5),
    ("firejail", "firejail --noprofile", None),
    ("podman-run", "podman run --runtime runc", None),
    ("podman-exec", "podman exec", None),
    ("nspawn", "systemd-nspawn, as root", None),
)

INTERNET_ADDS_MS = 20


def run_timer(argv, env, cwd):
    """One run of launch-timer: [exit status, what it printed, what it said]; None when it hangs."""
    timer = subprocess.Popen(argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, errors="replace", start_new_session=True)
    try:
        printed, said = timer.communicate(timeout=60 * proc.SLOWNESS)
    except subprocess.TimeoutExpired:
        # All of it: podman's children would spin on and hold our pipes open.
        os.killpg(timer.pid, signal.SIGKILL)
        timer.wait()
        return None
    return [timer.returncode, printed, said]


class Root:
    """Runs as root what nobody else may, from before the benchmark becomes an ordinary user until it ends."""

    def __init__(self):
        self.is_root = os.geteuid() == 0
        if not self.is_root:
            return
        ours, theirs = socket.socketpair()
        if os.fork() == 0:
            ours.close()
            with theirs.makefile("rw", encoding="utf-8") as asked:
                for line in asked:
                    print(json.dumps(run_timer(json.loads(line), {"PATH": os.environ["PATH"]}, "/")), file=asked, flush=True)
            os._exit(0)
        theirs.close()
        self.asked = ours.makefile("rw", encoding="utf-8")

    def run_timer(self, argv):
        print(json.dumps(argv), file=self.asked, flush=True)
        return json.loads(self.asked.readline())


class Bench:
    def __init__(self, place, root):
        self.place, self.root = place, root
        self.product = Product(place)
        self.isolate = self.product.command
        self.timer = place.built("launch-timer")
        self.share = os.path.join(place.home, "share")
        os.mkdir(self.share)
        self.probe = os.path.join(self.share, "launch-probe")
        shutil.copy(place.built("launch-probe"), self.probe)
        self.env = self.product.env
        self.skipped = {}
        self.values = {name: [] for name, _, _ in MEASURES}

    def project(self, name, wayland="no", network="none", bus="no"):
        self.product.project(name, f"[Project]\nGate=never\n[Files]\nShare=~/share\n[Display]\nWayland={wayland}\nX11=no\n"
                             f"[Network]\nMode={network}\n[Bus]\nPortals={bus}\n[Audio]\nPlayback={bus}\n")

    def control(self, *words):
        self.product.run(*words)

    def time(self, name, argv, as_root=False):
        """One run: milliseconds to main(). A program that does not work here is left out from then on, and says why."""
        if name in self.skipped:
            return
        argv = [self.timer, *argv]
        done = self.root.run_timer(argv) if as_root else run_timer(argv, self.env, self.place.home)
        if not done:
            self.skipped[name] = "it hangs"
        elif done[0] != 0:
            self.skipped[name] = " ".join(done[2].split())[:300]
        else:
            self.values[name].append(int(done[1].split()[0]) / 1e6)

    def run_isolate(self, name, project):
        self.time(name, [self.isolate, "run", "--project", project, "--", self.probe])

    def bwrap(self):
        """The argument list of a bwrap that makes what `isolate plan` says."""
        plan = self.product.json("plan", "bench")
        argv = ["bwrap", *NAMESPACES, "--die-with-parent", "--as-pid-1", "--clearenv"]
        for i, op in enumerate(plan["ops"]):
            argv += self._bwrap_op(op, i)
        for variable in plan["env"]:
            argv += ["--setenv", *variable.split("=", 1)]
        return [*argv, "--remount-ro", "/", "--chdir", "/", "--", self.probe]

    def _bwrap_op(self, op, number):
        perms = ["--perms", format(op["mode"], "04o")] if op["mode"] else []
        if op["type"] == "bind":
            if "optional" in op["flags"] and not os.path.exists(op["source"]):
                return []
            if "own" in op["flags"]:
                os.makedirs(op["source"], mode=0o700, exist_ok=True)
            return ["--ro-bind" if "read-only" in op["flags"] else "--bind", op["source"], op["dest"]]
        if op["type"] == "file":
            return ["--ro-bind", self.place.write(f"bwrap/{number}", op["data"]), op["dest"]]
        if op["type"] == "symlink":
            return ["--symlink", op["data"], op["dest"]]
        closed = ["--remount-ro", op["dest"]] if "read-only" in op["flags"] else []
        return [*(perms if op["type"] in ("tmpfs", "dir") else []), "--" + op["type"], op["dest"], *closed]


def others(bench):
    """Containers that are not ours: name → argument list."""
    found = {}
    rootfs = make_root(bench, "rootfs")
    podman = ["podman", "--runtime", "runc"]
    limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000", "--network", "none", "--rootfs", rootfs]
    candidates = {
        "firejail": ["firejail", "--quiet", "--noprofile", "--net=none", bench.probe],
        "podman-run": [*podman, "run", "--rm", *limits, "/launch-probe"],
        # Without the service manager, which would take longer and is not there everywhere.
        "nspawn": ["systemd-nspawn", "--quiet", "--pipe", "--register=no", "--keep-unit", "--private-network", "-D",
                   make_root(bench, "rootfs-nspawn"), "/launch-probe"],
    }
    for name, argv in candidates.items():
        if shutil.which(argv[0]):
            found[name] = argv
        else:
            bench.skipped[name] = f"{argv[0]} is not installed"
    if "nspawn" in found and not bench.root.is_root:
        bench.skipped["nspawn"] = "only root may run it"
    if "podman-run" in found:
        pause_container(bench, podman, limits, rootfs, found)
    else:
        bench.skipped["podman-exec"] = "podman is not installed"
    return found


def make_root(bench, name):
    """A system of one program."""
    rootfs = os.path.join(bench.place.path, name)
    os.makedirs(os.path.join(rootfs, "usr"))
    shutil.copy(bench.probe, rootfs)
    return rootfs


def pause_container(bench, podman, limits, rootfs, found):
    shutil.copy(bench.place.built("launch-pause"), os.path.join(rootfs, "launch-pause"))
    done = bench.place.run([*podman, "run", "-d", "--name", "isolate-bench", *limits, "/launch-pause"], env=bench.env,
                           seconds=60, check=False)
    if done.returncode == 0:
        found["podman-exec"] = [*podman, "exec", "isolate-bench", "/launch-probe"]
    else:
        bench.skipped["podman-exec"] = " ".join(done.stderr.split())[:300]


def measure(bench, rounds):
    bench.project("bench")
    bench.project("bench-wayland", wayland="yes")
    bench.project("bench-internet", network="internet")
    bench.project("bench-bus", wayland="yes", bus="yes")
    start_compositor(bench.product)
    bench.place.start_session_bus()
    foreign = others(bench)
    bench.run_isolate("start", "bench")  # makes the home, and warms what is read for the first time
    bench.values["start"].clear()
    bench.control("stop", "bench")
    bench.run_isolate("start-bus", "bench-bus")  # starts the document portal, once in a login session
    bench.values["start-bus"].clear()
    bench.control("stop", "bench-bus")
    bwrap = bench.bwrap()
    for _ in range(rounds):
        bench.time("bwrap", bwrap)
        bench.run_isolate("start", "bench")
        bench.run_isolate("join", "bench")
        bench.control("stop", "bench")
        bench.run_isolate("start-internet", "bench-internet")
        if "start-internet" not in bench.skipped:
            bench.control("stop", "bench-internet")
        bench.run_isolate("start-wayland", "bench-wayland")
        bench.control("stop", "bench-wayland")
        bench.run_isolate("start-bus", "bench-bus")
        bench.control("stop", "bench-bus")
        for name, argv in foreign.items():
            bench.time(name, argv, as_root=name == "nspawn")
    if "podman-exec" in foreign:
        bench.place.run(["podman", "rm", "-f", "-t", "0", "isolate-bench"], env=bench.env, seconds=60, check=False)


def results(bench):
    base = bench.values["bwrap"]
    table = {}
    for name, title, most in MEASURES:
        values = bench.values[name]
        if not values:
            table[name] = {"title": title, "skipped": bench.skipped.get(name, "not measured")}
            continue
        ratios = [value / other for value, other in zip(values, base)] or [float("nan")]
        table[name] = {"title": title, "unit": "ms", "median": statistics.median(values), "values": values,
                       "ratio": statistics.median(ratios), "must": most, "best": min(values),
                       # What a busy machine does to processes that wait for each other is not in this one.
                       "best_ratio": min(values) / min(base) if base else float("nan")}
    return table


def report(table):
    print(f"{'until main() of the application':34} {'ms':>9} {'x bwrap':>9} {'best ms':>9} {'x bwrap':>9} {'must':>7}")
    for row in table.values():
        if "skipped" in row:
            print(f"{row['title']:34} SKIPPED: {row['skipped']}")
            continue
        must = f"<{row['must']:6.2f}  {'reached' if row['ratio'] <= row['must'] else 'MISSED'}" if row["must"] else ""
        print(f"{row['title']:34} {row['median']:9.2f} {row['ratio']:9.2f} {row['best']:9.2f} {row['best_ratio']:9.2f} {must}")
    start, internet = table["start"], table["start-internet"]
    if "median" in start and "median" in internet:
        added = [b - a for a, b in zip(start["values"], internet["values"])]
        print(f"the internet adds {statistics.median(added):.1f} ms, at best {min(internet['values']) - min(start['values']):.1f} "
              f"(must: {INTERNET_ADDS_MS} ms)")
    join, other = table["join"], table["podman-exec"]
    if "median" in join and "median" in other:
        print(f"a join is {other['median'] / join['median']:.0f} x faster than podman exec (must: 20 x)")


def run(place, rounds):
    bench = Bench(place, ROOT)
    measure(bench, rounds)
    table = results(bench)
    report(table)
    if "skipped" in table["start"]:
        print("isolate itself does not start: " + table["start"]["skipped"], file=sys.stderr)
    return int("skipped" in table["start"]), {"rounds": rounds, "measures": table}


ROOT = Root()
bench_main(__doc__, "rounds", 10, run)
