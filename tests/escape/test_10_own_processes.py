"""10. Nothing of ours can be opened over /proc, read or written, traced or ended, whenever one looks."""
import json
import os

from desktoptest import check, check_equal, desktop_main, wait_until
from escapetest import Box, Terminal

# What shows a process from inside it, or lets somebody in. status, stat and the like are for everybody.
READ = ("exe", "cwd", "root", "maps", "smaps", "mem", "environ", "auxv", "pagemap", "syscall", "io", "personality",
        "fd", "fdinfo", "map_files", "ns/user", "ns/mnt", "ns/net", "ns/pid", "task/{0}/exe", "task/{0}/mem",
        "task/{0}/fd", "timers")


def denied_by_kernels():
    """READ, without timers where the kernel shows everybody those of init, as Linux 6.1 does: ours have none."""
    try:
        with open("/proc/1/timers", encoding="ascii"):
            return [name for name in READ if name != "timers"]
    except OSError:
        return READ


def attempts_on(pid):
    words = []
    for name in denied_by_kernels():
        path = f"/proc/{pid}/" + name.format(pid)
        words += [f"list:{path}" if name.endswith(("fd", "fdinfo", "map_files")) else f"open:{path}", f"link:{path}"]
    words += [f"write:/proc/{pid}/{name}" for name in ("exe", "mem", "oom_score_adj", "comm", "clear_refs")]
    words += [f"path:/proc/{pid}/{name}/." for name in ("root", "cwd")]
    words += [f"path:/proc/{pid}/fd/{n}" for n in range(10)] + [f"open:/proc/{pid}/fd/{n}" for n in range(10)]
    return words + [f"ptrace:{pid}", f"memory:{pid}@1000", f"descriptor:{pid}@3"]


# An error that says "you may not", rather than "there is nothing".
DENIED = {"EACCES", "EPERM"}
# That a process has no such link, or may not be written by anybody, is as good.
NOTHING = {"EINVAL", "ENOTDIR", "ENXIO", "ETXTBSY", "EISDIR"}


def got_further(found):
    return [f"{word}: {result}" for word, result in found.items() if result not in DENIED | NOTHING]


def init_is_closed(place):
    box = Box(place)
    found = box.facts("reach.py", *attempts_on(1))
    check(not got_further(found), f"isolate-init: {got_further(found)}")
    # The same on a process of one's own succeeds, so that the refusals above mean something.
    script = f"sleep 100 & exec {' '.join(box.words('reach.py'))} $(echo \"$@\" | sed \"s/\\b4242\\b/$!/g\")"
    own = json.loads(box.run("/bin/sh", "-c", script, "sh", *attempts_on(4242)).stdout)
    pid = next(iter(own)).split("/")[2]
    got = {word.replace(pid, "PID") for word, result in own.items() if result == "success"}
    for word in ("open:/proc/PID/exe", "open:/proc/PID/mem", "write:/proc/PID/mem", "list:/proc/PID/fd",
                 "link:/proc/PID/root", "path:/proc/PID/cwd/.", "ptrace:PID"):
        check(word in got, f"{word} fails on a process of one's own: {own}")


def init_cannot_be_ended(place):
    box = Box(place)
    box.run("/bin/true")
    before = box.init()
    found = box.facts("reach.py", "end:1", "kill:1")
    check_equal(found["end:1"], "success", "a signal to PID 1, which the kernel drops")
    box.sh("kill -STOP 1; kill -TERM 1; kill -SEGV 1; kill -HUP 1; kill -CHLD 1; kill -USR1 1; kill -RTMIN 1; true")
    box.run("/bin/sh", "-c", "kill -9 -1", check=False)
    check_equal(box.sh("echo works"), "works\n", "the container afterwards")
    check_equal(box.init(), before, "isolate-init")


def the_leader_of_a_terminal_is_closed(place):
    """The process between init and an application on a terminal: it is the application's parent."""
    box = Box(place)
    report = os.path.join(box.home, "report")
    terminal = Terminal(place, [box.product.command, "run", "--project", box.name, "--tty", "--", "/bin/sh", "-c",
                                f"{' '.join(box.words('reach.py'))} $(echo \"$@\" | sed \"s/\\b4242\\b/$PPID/g\")"
                                " > ~/report.new; grep '^Name' /proc/$PPID/status; mv ~/report.new ~/report", "sh",
                                *attempts_on(4242)], env=box.product.env)
    text = terminal.rest()
    check("isolate-" in text, f"the parent is not the leader: {text!r}")
    with open(report, encoding="utf-8") as f:
        found = json.load(f)
    check(not got_further(found), f"the leader: {got_further(found)}")


def no_moment_of_a_start_is_open(place):
    """Between fork and execve a new process is a copy of init: with its descriptors, but closed like it."""
    box = Box(place)
    watcher = box.spawn("watch.py", "4", stdout=open(os.path.join(place.path, "watched"), "wb"))
    wait_until(lambda: os.path.getsize(os.path.join(place.path, "watched")), what="the watcher")
    terminals = 0
    while watcher.poll() is None:
        box.run("/bin/true")
        if terminals < 15:
            Terminal(place, [box.product.command, "run", "--project", box.name, "--tty", "--", "/bin/true"],
                     env=box.product.env).rest()
            terminals += 1
    with open(os.path.join(place.path, "watched"), encoding="utf-8") as f:
        report = json.loads(f.read().splitlines()[1])
    check_equal(report["got"], [], "what was got of a process that was not yet the application")
    print(f"saw {report['seen']} processes before they became the application, and got nothing")


def our_programs_are_not_writable(place):
    """Wherever they are installed: what of it is visible is read-only, and init is no file of the container at all."""
    box = Box(place)
    folders = {os.path.dirname(place.built(name)) for name in ("isolate", "isolate-init", "isolate-session")}
    found = box.facts("reach.py", *(f"stat:{f}/isolate-init" for f in folders), "make:/usr/bin/planted",
                      "make:/etc/planted", "make:/planted", "folder:/planted-folder", "rename:/usr", "unlink:/bin",
                      "chmod:/usr/bin")
    for word, result in found.items():
        check(result in ("ENOENT", "EROFS", "EACCES", "EPERM", "EBUSY") or word.startswith("stat:/usr"), f"{word}: {result}")


desktop_main(init_is_closed, init_cannot_be_ended, the_leader_of_a_terminal_is_closed, no_moment_of_a_start_is_open,
             our_programs_are_not_writable, needs=["bwrap"])
