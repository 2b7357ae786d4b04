"""What the escape tests share: a project whose container can run our attack programs, the same programs in a bare
bubblewrap without a filter (where they must get further: else a test could not fail), and a terminal to type on."""
import ctypes
import glob
import json
import os
import re
import shutil
import signal

from desktoptest import Product, Skip, check
from desktoptest.terminal import Terminal  # noqa: F401: for the tests

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
RENAME_EXCHANGE, AT_FDCWD = 2, -100


class Box:
    """A project. Nobody is asked, nothing is drawn, and it stays until it is told to stop, unless text says otherwise.

    text: groups and keys of its configuration, on top of this. Programs of tests/escape/inside are at self.programs,
    inside and outside alike."""

    def __init__(self, place, name="first", text="", project="", files="", compositor=None, gate="never",
                 linger="forever"):
        self.place, self.name = place, name
        self.product = Product(place, compositor)
        self.programs = os.path.join(place.path, "programs")
        self._gather_programs()
        network = "" if "[Network]" in text else "[Network]\nMode=none\n"
        display = "" if compositor else "[Display]\nWayland=no\n"
        self.path = self.product.project(name, f"[Project]\nGate={gate}\nLinger={linger}\n{project}\n{display}{network}"
                                         f"[Files]\nReadOnly={self.programs}\n{files}\n{text}\n")
        self.home = self.product.home(name)
        self.runtime = self.product.runtime(name)

    def _gather_programs(self):
        if os.path.exists(self.programs):
            return
        os.mkdir(self.programs, 0o755)
        for path in glob.glob(os.path.join(HERE, "inside", "*.py")):
            shutil.copy(path, self.programs)
        for name in ("syscalls", "no-arguments"):
            shutil.copy(self.place.built("escape-" + name), os.path.join(self.programs, name))

    def words(self, *argv):
        """The command that runs a program of ours, or with a slash any other."""
        path = argv[0] if "/" in argv[0] else os.path.join(self.programs, argv[0])
        return [PYTHON, "-I", path, *argv[1:]] if path.endswith(".py") else [path, *argv[1:]]

    def run(self, *argv, options=(), **rest):
        """Runs it inside, without a terminal."""
        return self.product.run("run", "--project", self.name, "--no-tty", *options, "--", *self.words(*argv), **rest)

    def spawn(self, *argv, options=(), **rest):
        return self.product.spawn("run", "--project", self.name, "--no-tty", *options, "--", *self.words(*argv), **rest)

    def sh(self, script, **rest):
        return self.run("/bin/sh", "-c", script, **rest).stdout

    def facts(self, *argv, **rest):
        """What a program of ours prints as JSON."""
        done = self.run(*argv, **rest)
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"{argv}: {done.stdout}{done.stderr}") from None

    def bare_words(self, *argv):
        return ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev",
                *self.words(*argv)]

    def bare(self, *argv, **rest):
        """Runs it in bubblewrap alone: no filter, and the host's files."""
        return self.place.run(self.bare_words(*argv), **rest)

    def stop(self):
        self.product.run("stop", self.name)

    def init(self):
        """The pid of its isolate-init, seen from outside."""
        return self.product.json("status", self.name)["pid"]


def attempts(text):
    """What `syscalls` printed: (ABI, name) → (the right answers, the answer). An ABI that is not there is left out."""
    found = {}
    for line in text.splitlines():
        fields = line.rstrip("\r").split("\t")
        # On a terminal, what was typed for it may stand before.
        abi = re.search("(native|i386|x32)$", fields[0])
        if len(fields) == 4 and abi:
            found[abi.group(), fields[1]] = set(fields[2].split("|")), fields[3]
    return found


def not_refused(found):
    """Those of attempts() that got further than they should. x32 is refused as a whole, and by death."""
    return [f"{abi} {name}: {got}, expected {'|'.join(sorted(right))}" for (abi, name), (right, got) in found.items()
            if got not in right and not (abi == "x32" and got.startswith("signal "))]


# What a kernel may refuse to an ordinary user by itself, by the same answer: such a line cannot fail there.
REFUSED_BY_KERNELS = {"syslog", "acct", "bpf", "perf_event_open", "io_uring_setup", "userfaultfd", "quotactl",
                      "personality"}
# And what an older kernel does not have.
SINCE_KERNEL = {"open_tree_attr": (6, 15)}


def refused_by_this_kernel(call):
    release = tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])
    return call in REFUSED_BY_KERNELS or release < SINCE_KERNEL.get(call, release)


def compare(bare, inside, count):
    """Every attempt of bare, the control, was refused inside. At least count were made."""
    outside, inside_ = attempts(bare), attempts(inside)
    check(len(outside) >= count, f"only {len(outside)} attempts in a bare bwrap:\n{bare}")
    cannot_fail = [key for key, (right, got) in outside.items() if got in right]
    wrong = not_refused(inside_) + [f"{key}: not tried inside" for key in sorted(set(outside) - set(inside_))]
    check(not wrong, f"{len(wrong)} of {len(inside_)} were not refused:\n" + "\n".join(wrong))
    unknown = [k for k in cannot_fail if not refused_by_this_kernel(k[1].split()[0])]
    if "privilege\tsuccess" not in bare and unknown and "privilege\t" in bare:
        raise Skip("this machine gives nobody a user namespace inside another: some lines cannot fail")
    check(not unknown, f"refused without a filter too, so the test cannot fail: {unknown}")
    for abi, name in cannot_fail:
        print(f"refused by this kernel itself: {abi} {name}")
    print(f"{len(inside_)} attempts, by {', '.join(sorted({k[0] for k in inside_}))}")


def one_line(text):
    """The only line of text, which a person can read."""
    lines = text.splitlines()
    check(len(lines) == 1 and lines[0].isprintable(), f"not one readable line: {text!r}")
    return lines[0]


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def tree(path):
    """All below path: names, kinds, modes, contents, times."""
    found = {}
    for folder, folders, files in os.walk(path):
        for name in folders + files:
            whole = os.path.join(folder, name)
            info = os.lstat(whole)
            content = open(whole, "rb").read() if os.path.isfile(whole) else None
            found[whole] = (info.st_mode, info.st_mtime_ns, content)
    found[path] = os.lstat(path).st_mode
    return found


def swap_forever(one, other):
    """Exchanges two names, in a process whose pid is returned."""
    libc = ctypes.CDLL(None)
    child = os.fork()
    if child:
        return child
    while True:
        libc.renameat2(AT_FDCWD, one.encode(), AT_FDCWD, other.encode(), RENAME_EXCHANGE)
