"""13. With the host's network, abstract sockets of the host cannot be reached, X servers' least of all."""
import os
import socket

from desktoptest import Skip, check, check_equal, desktop_main, one_error_line
from escapetest import Box

NAMES = ("/tmp/.X11-unix/X0", "/tmp/.ICE-unix/1", "/tmp/dbus-isolate", "isolate-plain", "")


def listeners():
    """Of a name that may be taken on this machine a variant is used."""
    found = {}
    for name in NAMES:
        name = f"{name}-{os.getpid()}" if name else f"{os.getpid()}"
        s = socket.socket(socket.AF_UNIX)
        s.bind("\0" + name)
        s.listen()
        found[name] = s
    return found


def abstract_sockets(place):
    box = Box(place, text="[Network]\nMode=host\n")
    sockets = listeners()
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    words = [f"abstract:{name}" for name in sockets]
    done = box.run("reach.py", *words, f"tcp:{port}", check=False)
    if done.returncode == 125:
        one_error_line(done, 125, "Landlock")
        raise Skip("this kernel's Landlock has no scopes: Mode=host is refused here")
    found = box.facts("reach.py", *words, f"tcp:{port}")
    check_equal(found.pop(f"tcp:{port}"), "success", "the host's network, which was granted")
    check_equal(set(found.values()), {"EPERM"}, f"abstract sockets: {found}")
    # The same without the scope: they are reached.
    bare = place.run(["bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "--dev",
                      "/dev", *box.words("reach.py", *words)]).stdout
    check("success" in bare and "EPERM" not in bare, f"the control: {bare}")
    # Its own still work.
    own = ("import socket\na = socket.socket(socket.AF_UNIX); a.bind('\\0own'); a.listen()\n"
           "b = socket.socket(socket.AF_UNIX); b.connect('\\0own'); print('works')\n")
    check_equal(box.run("/usr/bin/python3", "-c", own).stdout, "works\n", "an abstract socket of its own")


def without_network(place):
    """Abstract sockets belong to a network, so without it there are none of the host's."""
    box = Box(place)
    sockets = listeners()
    server = socket.create_server(("127.0.0.1", 0))
    found = box.facts("reach.py", *[f"abstract:{name}" for name in sockets], f"tcp:{server.getsockname()[1]}")
    check(set(found.values()) <= {"EPERM", "ECONNREFUSED"}, f"{found}")


desktop_main(abstract_sockets, without_network, needs=["bwrap"])
