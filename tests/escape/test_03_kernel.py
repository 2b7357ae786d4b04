"""3. The parts of the kernel that a container has no business with: io_uring, userfaultfd, bpf, keyrings, odd sockets,
and debugging where it was turned off."""
from desktoptest import check, check_equal, desktop_main
from escapetest import Box, attempts, compare, not_refused


def interfaces(place):
    box = Box(place)
    compare(box.bare("syscalls", "kernel").stdout, box.run("syscalls", "kernel").stdout, 20)


def sockets(place):
    box = Box(place)
    bare, inside = box.bare("syscalls", "sockets").stdout, box.run("syscalls", "sockets").stdout
    # The highest families are not known to any kernel yet.
    known = "\n".join(line for line in bare.splitlines() if not line.endswith("\tEAFNOSUPPORT"))
    kept = set(attempts(known))
    compare(known, "\n".join(line for line in inside.splitlines() if tuple(line.split("\t")[:2]) in kept), 40)
    wrong = not_refused(attempts(inside))
    check(not wrong, f"{wrong}")


def debugging(place):
    box = Box(place, text="[Security]\nDebug=no\n")
    compare(box.bare("syscalls", "debugging").stdout, box.run("syscalls", "debugging").stdout, 2)
    other = Box(place, "second")
    allowed = attempts(other.run("syscalls", "debugging").stdout)
    wrong = [k for k, (right, got) in allowed.items() if got in right and k[0] != "x32"]
    check(allowed and not wrong, f"refused with Debug=yes, the default: {wrong}")


def ordinary_sockets_work(place):
    box = Box(place)
    script = ("import socket\n"
              "for f in socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK:\n"
              "    socket.socket(f, socket.SOCK_DGRAM)\n"
              "socket.socketpair()\n"
              "s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname())\n"
              "print('works')\n")
    check_equal(box.run("/usr/bin/python3", "-c", script).stdout, "works\n", "sockets that programs need")


desktop_main(interfaces, sockets, debugging, ordinary_sockets_work, needs=["bwrap"])
