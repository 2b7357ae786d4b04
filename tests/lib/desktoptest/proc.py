"""Processes: waiting with a limit, finding descendants, ending them all."""
import ctypes
import os
import signal
import time

# Emulated machines are many times slower: every delay and every limit is multiplied by this.
SLOWNESS = float(os.environ.get("ISOLATE_TEST_SLOWNESS", "1"))
# For a machine that does other things too: only the limits are multiplied, which costs nothing while all is well.
PATIENCE = SLOWNESS * float(os.environ.get("ISOLATE_TEST_PATIENCE", "1"))

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CLONE_NEWNS = 0x00020000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
MS_NOSUID, MS_NODEV = 2, 4
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def become_subreaper():
    """Orphans below this process come to it rather than to init, so that none gets away."""
    _checked(_libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def private_mounts():
    """A mount namespace of our own (root only) in which /tmp/.X11-unix is empty, since X sockets there are shared by
    everyone on the machine."""
    _checked(_libc.unshare(CLONE_NEWNS), "unshare")
    _checked(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount")
    os.makedirs("/tmp/.X11-unix", mode=0o1777, exist_ok=True)
    _checked(_libc.mount(b"tmpfs", b"/tmp/.X11-unix", b"tmpfs", 0, b"mode=1777,size=1m"), "mount /tmp/.X11-unix")


def usable_tun():
    """/dev/net/tun for everyone, as udev makes it, in our own mount namespace (root only), where it is root's alone."""
    if os.path.exists("/dev/net/tun") and os.stat("/dev/net/tun").st_mode & 0o6 != 0o6:
        _checked(_libc.mount(b"tmpfs", b"/dev/net", b"tmpfs", 0, b"mode=755,size=64k"), "mount /dev/net")
        os.mknod("/dev/net/tun", 0o20666, os.makedev(10, 200))
        os.chmod("/dev/net/tun", 0o666)


def small_disk(path, entry, kib):
    """A file system of this size that is the user's, in our own mount namespace (root only): it takes memory only as it is
    filled."""
    os.makedirs(path, mode=0o700)
    _checked(_libc.mount(b"tmpfs", path.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, f"mode=700,size={kib}k".encode()),
             f"mount {path}")
    os.chown(path, entry.pw_uid, entry.pw_gid)


def deadline(seconds):
    return time.monotonic() + seconds * PATIENCE


def wait_until(condition, seconds=10, what="a condition", interval=0.02):
    """The first true value of condition(). AssertionError when there was none in time."""
    end = deadline(seconds)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds * PATIENCE:g} s in vain for {what}")
        time.sleep(interval)


def stat_fields(pid):
    """(command, state, parent) of a process, or None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            text = f.read()
    except OSError:
        return None
    command, _, rest = text.partition("(")[2].rpartition(")")
    state, parent = rest.split()[:2]
    return command, state, int(parent)


def table():
    """pid → (command, state, parent) of all processes."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = stat_fields(int(name))
            if fields:
                found[int(name)] = fields
    return found


def descendants(root):
    """Live processes below root, parents first. Zombies are not counted."""
    processes = table()
    children = {}
    for pid, (_, _, parent) in processes.items():
        children.setdefault(parent, []).append(pid)
    found, queue = [], [root]
    while queue:
        for pid in children.get(queue.pop(0), []):
            queue.append(pid)
            if processes[pid][1] != "Z":
                found.append(pid)
    return found


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return [a.decode(errors="replace") for a in f.read().split(b"\0")[:-1]]
    except OSError:
        return []


def reap():
    """Collects what has ended, so that it is not seen as alive. Not while a subprocess.Popen is waited for."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def kill_descendants(root, grace=1.0):
    """SIGTERM, and SIGKILL to those that stay. New children of the dying are found again."""
    end = time.monotonic() + grace
    for pid in reversed(descendants(root)):
        _signal(pid, signal.SIGTERM)
        _signal(pid, signal.SIGCONT)
    while True:
        reap()
        alive = descendants(root)
        if not alive:
            return
        if time.monotonic() > end:
            for pid in alive:
                _signal(pid, signal.SIGKILL)
        time.sleep(0.01)


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
