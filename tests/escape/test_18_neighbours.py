"""18. Another project's, and the host's, home, runtime directory, sockets, memory, processes and displays are invisible
and cannot be reached."""
import os
import socket

from desktoptest import Sway, check, check_equal, desktop_main, wait_until
from escapetest import Box

REFUSED = {"ENOENT", "EACCES", "EPERM", "ECONNREFUSED", "ESRCH", "EROFS", "ENOTDIR"}


def two(place, compositor=None, text=""):
    return Box(place, "first", compositor=compositor, text=text), Box(place, "second", compositor=compositor, text=text)


def unreachable(found):
    wrong = {word: result for word, result in found.items() if result not in REFUSED}
    check(not wrong, f"reached: {wrong}")


def files(place):
    place.write("home/of-the-host", "secret")
    place.write("home/.ssh/id_test", "secret")
    first, second = two(place)
    second.sh("echo secret > ~/file; echo secret > /tmp/file; echo secret > /var/tmp/file; echo secret > /dev/shm/file; "
              "mkdir -p ~/.ssh; echo secret > ~/.ssh/id_test")
    paths = [second.home, second.home + "/file", first.home, os.path.dirname(first.home), second.runtime,
             first.runtime, first.runtime + "/control", second.runtime + "/control", f"{place.home}/of-the-host",
             f"{place.home}/.ssh/id_test", f"{place.home}/.config/isolate", f"{place.home}/.local/state/isolate",
             place.runtime, "/tmp/file", "/var/tmp/file", "/dev/shm/file", "/run/dbus", "/run/systemd",
             "/run/user/0", "/var/lib/dpkg", "/var/log", "/root/.profile", "/sys/kernel", "/dev/kvm", "/dev/dri",
             "/dev/snd", "/dev/input", "/dev/fuse", "/dev/net/tun", "/dev/mem", "/dev/sda", "/dev/vda", "/boot", "/srv",
             "/mnt", "/media", "/lost+found"]
    words = [f"{kind}:{path}" for path in paths for kind in ("stat", "open", "connect")]
    unreachable(first.facts("reach.py", *words))
    # By itself the second sees its own.
    own = second.facts("reach.py", f"read:{place.home}/file", "read:/tmp/file", "read:/dev/shm/file")
    check_equal(set(own.values()), {"success"}, f"its own: {own}")
    names = set(first.sh("ls -A / /home /run /run/user /var 2>/dev/null || true").split())
    check("root" not in names and "boot" not in names, f"{names}")


def secrets_of_etc(place):
    """/etc is there to be read, without what is secret, and without accounts."""
    box = Box(place)
    for name in ("passwd", "group"):
        lines = box.sh(f"cat /etc/{name}").splitlines()
        check_equal(len(lines), 3, f"accounts in /etc/{name}: {lines}")
    found = box.facts("reach.py", *[f"read:/etc/{name}" for name in (
        "shadow", "gshadow", "shadow-", "sudoers", "ssh/ssh_host_ed25519_key", "ssl/private", "polkit-1/x",
        "security/opasswd", "isolate/projects")])
    check(all(result in REFUSED | {"EISDIR", "success"} for result in found.values()), f"{found}")
    for name in ("shadow", "gshadow", "sudoers", "ld.so.preload"):
        check_equal(box.sh(f"cat /etc/{name} 2>/dev/null || true"), "", f"/etc/{name}")
    check_equal(box.sh("cat /etc/hostname").strip(), box.sh("hostname").strip(), "the name of the container")
    with open("/etc/machine-id", encoding="utf-8") as f:
        check(box.sh("cat /etc/machine-id") != f.read(), "the host's machine-id is inside")


def processes(place):
    first, second = two(place)
    host = place.spawn(["sleep", "1001"])
    second.spawn("/bin/sleep", "1002")
    wait_until(lambda: "1002" in second.product.run("ps", "second").stdout, what="the other application")
    check_equal(first.sh("pgrep -x sleep || true"), "", "processes that the first sees")
    pids = [host.pid, os.getpid(), second.init(), *second.product.processes("sleep"),
            *first.product.processes("isolate-session")]
    words = [f"{kind}:{pid}" for pid in pids for kind in ("kill", "ptrace", "descriptor")]
    words = [w + "@0" if w.startswith("descriptor") else w for w in words]
    unreachable(first.facts("reach.py", *words, *[f"open:/proc/{pid}/exe" for pid in pids]))
    first.run("/bin/sh", "-c", "kill -9 -1; kill -9 0", check=False)
    check_equal((host.poll(), len(second.product.processes("sleep"))), (None, 2), "the others' processes")
    # Nor by the number of its own process group or session outside.
    seen = first.facts("facts.py")
    check(seen["pid"] < 1000 and len(seen["status"]["NStgid"].split()) == 1, f"pids inside: {seen['status']['NStgid']}")


SERVER = ("import socket, time, os\n"
          "a = socket.socket(socket.AF_UNIX); a.bind('\\0of-second'); a.listen()\n"
          "b = socket.socket(socket.AF_UNIX); b.bind('/tmp/of-second'); b.listen()\n"
          "c = socket.create_server(('127.0.0.1', 47113))\n"
          "open(os.path.expanduser('~/ready'), 'w')\ntime.sleep(1000)\n")


def sockets(place):
    first, second = two(place)
    second.spawn("/usr/bin/python3", "-c", SERVER)
    wait_until(lambda: os.path.exists(os.path.join(second.home, "ready")), what="the server")
    words = ["abstract:of-second", "connect:/tmp/of-second", "tcp:47113"]
    check_equal(set(second.facts("reach.py", *words).values()), {"success"}, "from the same project")
    unreachable(first.facts("reach.py", *words))
    # The host's.
    server = socket.create_server(("127.0.0.1", 0))
    plain = socket.socket(socket.AF_UNIX)
    plain.bind(os.path.join(place.runtime, "plain"))
    plain.listen()
    unreachable(first.facts("reach.py", f"tcp:{server.getsockname()[1]}", f"connect:{place.runtime}/plain"))
    check_equal([name for name in os.listdir("/sys/class/net")] != [], True, "the host has interfaces")
    check_equal(first.sh("tail -n +3 /proc/net/dev | cut -d: -f1").split(), ["lo"], "interfaces inside")


SHARED_MEMORY = ("import ctypes, sys\nlibc = ctypes.CDLL(None, use_errno=True)\n"
                 "print(libc.shmget(4711, 4096, {0}), libc.semget(4711, 1, {0}), libc.msgget(4711, {0}))\n")


def shared_memory(place):
    """System V's, whose keys are the same everywhere, and POSIX's."""
    first, second = two(place)
    made = second.run("/usr/bin/python3", "-c", SHARED_MEMORY.format("0o1600")).stdout.split()
    check("-1" not in made, f"made in the second: {made}")
    check("-1" not in second.run("/usr/bin/python3", "-c", SHARED_MEMORY.format("0o600")).stdout.split(),
          "seen in the second")
    check_equal(first.run("/usr/bin/python3", "-c", SHARED_MEMORY.format("0o600")).stdout.split(), ["-1"] * 3,
                "seen in the first")
    check("-1" not in place.run(["/usr/bin/python3", "-c", SHARED_MEMORY.format("0o1600")]).stdout, "the host's")
    check_equal(first.run("/usr/bin/python3", "-c", SHARED_MEMORY.format("0o600")).stdout.split(), ["-1"] * 3,
                "the host's, seen in the first")
    place.run(["/usr/bin/python3", "-c", "import ctypes\nlibc = ctypes.CDLL(None)\n"
               "libc.shmctl(libc.shmget(4711, 0, 0), 0, None); libc.semctl(libc.semget(4711, 0, 0), 0, 0)\n"
               "libc.msgctl(libc.msgget(4711, 0), 0, None)\n"])


def displays(place):
    """The compositor's own socket, X's, and the other project's."""
    with Sway(place, with_input=False) as sway:
        first, second = two(place, sway)
        second.run("/bin/true")
        xdg = f"/run/user/{os.getuid()}"
        unreachable(first.facts("reach.py", f"connect:{sway.socket_path}", f"connect:{sway.env['SWAYSOCK']}",
                                f"connect:{second.runtime}/sockets/wayland-0", f"connect:{second.runtime}/control",
                                f"connect:{first.runtime}/control", f"connect:{xdg}/isolate/control",
                                f"connect:{second.runtime}/sockets/pulse", f"connect:{second.runtime}/sockets/bus",
                                f"connect:{second.runtime}/bus/filtered", f"connect:{first.runtime}/bus/filtered",
                                f"connect:{xdg}/isolate/../bus/filtered",
                                f"connect:{xdg}/isolate/../control", f"connect:{xdg}/isolate/../../control",
                                "connect:/tmp/.X11-unix/X0", "abstract:/tmp/.X11-unix/X0", "list:/tmp/.X11-unix",
                                f"connect:{xdg}/bus", "connect:/run/dbus/system_bus_socket"))
        # Its own it reaches, and can neither replace nor remove.
        found = first.facts("reach.py", f"connect:{xdg}/wayland-0", f"make:{xdg}/isolate/wayland-9",
                            f"bind:{xdg}/isolate/wayland-9", f"unlink:{xdg}/isolate/wayland-0",
                            f"rename:{xdg}/isolate/wayland-0", f"chmod:{xdg}/isolate", f"rename:{xdg}/isolate")
        check_equal(found.pop(f"connect:{xdg}/wayland-0"), "success", "its own display")
        check(set(found.values()) <= {"EROFS", "EBUSY", "EACCES", "EPERM"}, f"the folder of sockets: {found}")
        environment = first.facts("facts.py")["environment"]
        check("SWAYSOCK" not in environment and sway.socket_path not in str(environment), f"{environment}")
        check_equal(set(first.sh(f"ls -A {xdg} {xdg}/isolate").split()) - {xdg + ":", xdg + "/isolate:"},
                    {"bus", "flatpak-info", "isolate", "pulse", "wayland-0"}, "what is in the runtime directory")


desktop_main(files, secrets_of_etc, processes, sockets, shared_memory, displays, needs=["sway", "bwrap"])
