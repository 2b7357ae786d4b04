"""What this process is and has, as JSON: identity, confinement, environment, descriptors. With --tty on a terminal, the
text goes into the file named."""
import json
import os
import resource
import signal
import stat
import sys


def descriptors():
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            info, link = os.fstat(int(name)), os.readlink("/proc/self/fd/" + name)
        except OSError:
            continue  # of listdir itself
        found[name] = {"link": link, "device": info.st_dev, "inode": info.st_ino,
                       "kind": stat.filemode(info.st_mode)[0]}
    return found


def lines(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read().splitlines()


def facts():
    status = dict(line.split(":", 1) for line in lines("/proc/self/status"))
    return {
        "status": {k: v.strip() for k, v in status.items()},
        "environment": dict(os.environ),
        "descriptors": descriptors(),
        "namespaces": {n: os.readlink("/proc/self/ns/" + n) for n in sorted(os.listdir("/proc/self/ns"))},
        "cgroup": lines("/proc/self/cgroup"),
        "limits": lines("/proc/self/limits"),
        "mounts": lines("/proc/self/mountinfo"),
        "securebits": [line for line in lines("/proc/self/status") if line.startswith("NoNew")],
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "ignored": sorted(int(s) for s in signal.valid_signals() if signal.getsignal(s) == signal.SIG_IGN),
        "session": os.getsid(0),
        "pid": os.getpid(),
        "parent": os.getppid(),
        "cwd": os.getcwd(),
        "host": os.uname().nodename,
    }


text = json.dumps(facts())
if len(sys.argv) > 1:
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(text)
else:
    print(text)
