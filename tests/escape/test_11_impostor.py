"""11. A process that pretends to be isolate, the session or init is refused: the control socket and init's are out of reach from
inside. The same uid proves nothing."""
import json
import os
import subprocess

from desktoptest import check, check_equal, desktop_main, wait_until
from escapetest import HERE, PYTHON, Box


# What isolate serves inside, each filtered by a program of its own.
SERVED = ("wayland-0", "bus", "pulse")


def control(box):
    return os.path.join(box.runtime, "control")


def out_of_reach(place):
    box = Box(place)
    box.run("/bin/true")
    # The control: outside, the same program as the same user gets through.
    outside = json.loads(subprocess.run([PYTHON, "-I", os.path.join(HERE, "inside/impostor.py"), "--host", control(box)],
                                        check=True, stdout=subprocess.PIPE, text=True, env=box.product.env).stdout)
    check_equal(outside["ask"], {control(box): "connected"}, "the control: what the user gets outside")
    for network in ("first", "with-host"):
        if network == "with-host":
            box.stop()
            with_host = Box(place, network, text="[Network]\nMode=host\n")
            if with_host.run("/bin/true", check=False).returncode:
                print("no Mode=host on this kernel")
                continue
            box = with_host
        found = box.facts("impostor.py")
        strange = [p for p in found["sockets"] if p.endswith("control") or
                   "isolate/" in p and os.path.basename(p) not in SERVED]
        check(not strange, f"sockets of isolate's inside: {strange}")
        check_equal([p for p, got in found["ask"].items() if got == "connected"], [], "what took a connection")
        check_equal([p for p, got in found["init"].items() if got == "opened"], [], "what of init could be opened")
        check_equal(found["descriptors"], [], "sockets that came along")
        check_equal([p for p, got in found["pretended"].items() if got in (0, "sent")], [], "what passed for init")
    check_equal(box.run("/bin/echo", "works").stdout, "works\n", "the container afterwards")


def another_session(place):
    """What listens inside, where isolate would look, is nobody's session: neither of this project nor of another."""
    box, other = Box(place), Box(place, "other")
    app = box.spawn("impostor.py", "--stay", stdout=subprocess.PIPE, text=True)
    found = json.loads(app.stdout.readline())
    print(f"it listens in {found['session']}")
    before = box.init()
    status = box.product.json("status", box.name)
    check_equal((status["project"], status["pid"], len(status["jobs"])), (box.name, before, 1), "status of the project")
    check_equal(other.run("/bin/echo", "works").stdout, "works\n", "another project")
    check_equal(sorted(one["project"] for one in box.product.json("list") if one["running"]), ["first", "other"], "what runs")
    inside = box.product.run("run", "--project", box.name, "--no-tty", "--", "/bin/echo", "real").stdout
    check_equal(inside, "real\n", "an application of the project")
    box.product.run("kill", box.name)
    app.wait(10)
    check_equal(box.product.json("status", box.name)["running"], False, "it runs")


def init_is_who_the_kernel_says(place):
    """The pid that the session believes is the one that the kernel put into its message."""
    box = Box(place)
    box.run("impostor.py")
    pid = box.init()
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        status = dict(line.rstrip("\n").split(":", 1) for line in f)
    check_equal(status["NSpid"].split()[-1], "1", "its pid inside")
    check_equal(status["Name"].strip(), "isolate-init", "its name")
    wait_until(lambda: not box.product.json("status", box.name)["jobs"], what="the end of the job")


desktop_main(out_of_reach, another_session, init_is_who_the_kernel_says, needs=["bwrap"])
