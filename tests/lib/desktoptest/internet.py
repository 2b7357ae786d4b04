"""An internet of namespaces, made by an ordinary user: a host, and behind its gateway everything else.

    @internet.on_a_host       the test runs in a process on that host, as the same ordinary user

    host       198.51.100.2/24 and 2001:db8:100::2/64 on veth0, HOST_OTHER on a further link, 127.0.0.1
    gateway    GATEWAY: a neighbour on the link, with a public address
    others     PUBLIC, PUBLIC_6: on the internet; LAN and LAN_6: private; each is one address of the gateway's machine

Each of them serves HTTP at PORT, and the page is the address that was asked; names are answered at the host's 127.0.0.53.
The addresses are those for documentation, which nobody has."""
import ctypes
import functools
import os
import shutil
import subprocess
import sys
import traceback

from . import proc
from .case import SKIPPED, Skip

PORT = 8000
HOST, HOST_6, HOST_OTHER, HOST_6_OTHER = "198.51.100.2", "2001:db8:100::2", "203.0.113.99", "2001:db8:99::99"
LOCAL_ROUTE = "192.0.2.77"  # an address of the host by a route alone
GATEWAY, GATEWAY_6 = "198.51.100.1", "2001:db8:100::1"
PUBLIC, PUBLIC_6 = "203.0.113.7", "2001:db8:7::7"
LAN, LAN_6 = ("10.9.8.7", "172.20.1.7", "192.168.77.7", "100.64.3.7", "169.254.7.7"), "fd12:3456::7"
NAME = "server.example"

PR_SET_DUMPABLE = 4
CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWNS = 0x10000000, 0x40000000, 0x00020000
_libc = ctypes.CDLL(None, use_errno=True)
_ids = None  # uid and gid of the ordinary user
_root = None  # a shell that stays root of the host


def _unshare(flags, inside_uid):
    uid, gid = os.getuid(), os.getgid()
    inside_gid = inside_uid if inside_uid == 0 else _ids[1]
    if _libc.unshare(flags) != 0:
        raise Skip("this machine gives ordinary users no namespaces")
    _libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self is root's, who we have been
    for name, text in (("setgroups", "deny"), ("uid_map", f"{inside_uid} {uid} 1"), ("gid_map", f"{inside_gid} {gid} 1")):
        try:
            with open(f"/proc/self/{name}", "w", encoding="utf-8") as f:
                f.write(text)
        except PermissionError:
            if name != "setgroups":  # already denied in a nested one
                raise


def sh(script):
    """As root of the host."""
    subprocess.run(["/bin/sh", "-ec", script], check=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


def _serve(place, name, prefix=()):
    log = open(place.log_path(name), "wb")
    return subprocess.Popen([*prefix, sys.executable, "-I", os.path.join(os.path.dirname(__file__), "internet_server.py"),
                             str(PORT)], stdout=log, stderr=log, stdin=subprocess.DEVNULL)


def on_a_host(test):
    """Each test has an internet of its own: what it started is ended after it."""
    @functools.wraps(test)
    def run(place):
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os._exit(_run_inside(test, place))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status == SKIPPED:
            raise Skip("see above")
        if status != 0:
            raise AssertionError("see above")
    return run


def _run_inside(test, place):
    proc.become_subreaper()
    proc.die_with_parent()
    try:
        _enter(place)
        test(place)
        return 0
    except Skip as why:
        print(f"skipped: {why}")
        return SKIPPED
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        proc.kill_descendants(os.getpid())


def _enter(place):
    global _ids, _root
    for program in ("ip", "nsenter", "pasta", "nft", "curl"):
        if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            raise Skip(f"{program} is not installed")
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        raise Skip("/dev/net/tun cannot be opened")
    _ids = os.getuid(), os.getgid()
    _unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS, 0)
    gateway = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
    own = os.readlink("/proc/self/ns/net")
    proc.wait_until(lambda: os.readlink(f"/proc/{gateway.pid}/ns/net") != own, what="the gateway's namespace")
    others = "".join(f"$there addr add {a}/32 dev lo\n" for a in (PUBLIC, *LAN))
    others += "".join(f"$there addr add {a}/128 dev lo\n" for a in (PUBLIC_6, LAN_6))
    sh(f"""
        there="nsenter -t {gateway.pid} -n ip"
        ip link set lo up; $there link set lo up
        ip link add veth0 type veth peer name veth1 netns {gateway.pid}
        ip addr add {HOST}/24 dev veth0; ip addr add {HOST_6}/64 dev veth0 nodad
        $there addr add {GATEWAY}/24 dev veth1; $there addr add {GATEWAY_6}/64 dev veth1 nodad
        ip link set veth0 up; $there link set veth1 up
        {others}
        ip route add default via {GATEWAY}; ip -6 route add default via {GATEWAY_6}
        ip link add other0 type veth peer name other1; ip link set other1 up; ip addr add {HOST_6_OTHER}/128 dev other0 nodad; ip addr add {HOST_OTHER}/32 dev other0; ip link set other0 up
        ip route add local {LOCAL_ROUTE} dev lo
    """)
    resolv = place.write("resolv.conf", "nameserver 127.0.0.53\n")
    sh(f"mount --bind {resolv} {os.path.realpath('/etc/resolv.conf')}")
    _serve(place, "host-server")
    _serve(place, "gateway-server", ["nsenter", "-t", str(gateway.pid), "-n"])
    for address in (HOST, PUBLIC, f"[{PUBLIC_6}]"):
        proc.wait_until(lambda a=address: fetch(a) == a.strip("[]"), what=f"the server at {address}")
    _root = subprocess.Popen(["/bin/sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    _unshare(CLONE_NEWUSER, _ids[0])


def as_root(command):
    """Runs a command as root of the host, for what changes during a test."""
    _root.stdin.write(f"({command}) </dev/null 2>&1; echo status $?\n")
    _root.stdin.flush()
    said = []
    while True:
        line = _root.stdout.readline()
        if line.startswith("status "):
            if line != "status 0\n":
                raise AssertionError(f"{command}: {''.join(said)}")
            return "".join(said)
        if not line:
            raise AssertionError(f"{command}: the shell has ended")
        said.append(line)


def curl(address, port=PORT):
    return ["curl", "--silent", "--globoff", "--max-time", f"{4 * proc.SLOWNESS:g}", f"http://{address}:{port}/"]


def fetch(address, port=PORT):
    """The page at an address, or "" when there is none."""
    return subprocess.run(curl(address, port), capture_output=True, text=True, check=False).stdout
