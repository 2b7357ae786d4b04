"""impostor.py [--host SOCKET]: pretends to be isolate, its session or its init, in every way that a program inside could. Prints,
as JSON, what it got anywhere. With --host it runs outside, as the same user, and goes for that socket."""
import array
import ctypes
import json
import os
import socket
import stat
import struct
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
SYS_PIDFD_OPEN, SYS_PIDFD_GETFD, PTRACE_ATTACH = 434, 438, 16


def sockets():
    """Every socket with a name that can be seen, and every abstract one."""
    found = []
    for top in ("/run", "/tmp", "/var", "/home", "/dev", os.environ.get("XDG_RUNTIME_DIR", "/run")):
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                try:
                    if stat.S_ISSOCK(os.lstat(path).st_mode):
                        found.append(path)
                except OSError:
                    pass
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as f:
        found += ["\0" + line.split()[-1][1:] for line in f if line.split()[-1].startswith("@")]
    return sorted(set(found))


def ask(path):
    """Whether something takes a connection of the kind that isolate-session has."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.settimeout(2)
            s.connect(path)
            return "connected"
    except OSError as e:
        return e.strerror or str(e)


def init():
    """Init's socket to the session is its descriptor 3."""
    got = {}
    for path in ("/proc/1/fd/3", "/proc/1/fdinfo/3", "/proc/1/mem", "/proc/1/environ", "/proc/1/maps", "/proc/1/syscall"):
        try:
            os.close(os.open(path, os.O_RDONLY))
            got[path] = "opened"
        except OSError as e:
            got[path] = e.strerror
    pidfd = libc.syscall(SYS_PIDFD_OPEN, 1, 0)
    for number in range(3, 8):
        if pidfd >= 0 and libc.syscall(SYS_PIDFD_GETFD, pidfd, number, 0) >= 0:
            got[f"pidfd_getfd {number}"] = "opened"
    ctypes.set_errno(0)
    if libc.ptrace(PTRACE_ATTACH, 1, 0, 0) == 0:
        got["ptrace"] = "opened"
    return got


def descriptors():
    """Sockets that came with us: on one of init's the session would hear us."""
    return [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
            if os.path.exists(f"/proc/self/fd/{fd}") and stat.S_ISSOCK(os.stat(f"/proc/self/fd/{fd}").st_mode)]


def pretend_to_be_the_session():
    """Listens where `isolate` would look, for the host to find."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "/run/user/0")
    made = []
    for folder in (os.path.join(runtime, "isolate"), os.path.join(runtime, "isolate/first"), runtime):
        try:
            os.makedirs(folder, exist_ok=True)
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            s.bind(os.path.join(folder, "control"))
            s.listen()
            made.append(folder)
        except OSError:
            pass
    return made


def pretend_to_be_init(program):
    """A second init, with a socket of our own and the greeting that the real one sends."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    hello = struct.pack("<IIiI", 1, 0, 1, 0)
    said = {}
    for path in ("/proc/1/exe", program):
        try:
            pid = os.spawnve(os.P_NOWAIT, path, ["isolate-init", str(theirs.fileno())], {})
            said[path] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        except OSError as e:
            said[path] = e.strerror
    for fd in range(3):
        try:
            with socket.socket(fileno=os.dup(fd)) as s:
                s.sendmsg([hello], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [ours.fileno()]))])
                said[f"fd {fd}"] = "sent"
        except OSError:
            pass
    return said


if sys.argv[1:2] == ["--host"]:
    print(json.dumps({"ask": {sys.argv[2]: ask(sys.argv[2])}}))
    sys.exit()
print(json.dumps({"sockets": (seen := sockets()), "ask": {path: ask(path) for path in seen}, "init": init(),
                  "descriptors": descriptors(), "session": pretend_to_be_the_session(),
                  "pretended": pretend_to_be_init("/usr/libexec/isolate/isolate-init")}), flush=True)
if "--stay" in sys.argv:
    time.sleep(600)
