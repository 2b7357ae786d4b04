"""20. A terminal has to come out of the container as a descriptor, also where a container has used up what the kernel
lets a user have on the way. Not together with other tests: the account is the same for all."""
import os

from desktoptest import check, check_equal, desktop_main, wait_until
from escapetest import Box, Terminal


def while_no_descriptor_can_be_passed(place):
    """The kernel counts those that are on the way in sockets per user, whichever container they are of. Then a terminal
    cannot come out of the container: that is an error, not silence."""
    box = Box(place)
    path = os.path.join(box.home, "count")
    box.spawn("in-flight.py", os.path.join(place.home, "count"))
    wait_until(lambda: os.path.exists(path) and os.path.getsize(path), 30, what="the descriptors on the way")
    terminal = Terminal(place, [box.product.command, "run", "--project", box.name, "--tty", "--", "/bin/echo", "works"],
                        env=box.product.env)
    text = terminal.rest()
    check(terminal.status() in (0, 125) and ("works" in text or "cannot start" in text), f"{text!r}")
    box.run("/bin/true", check=False)
    box.product.run("kill", box.name)
    check_equal(box.sh("echo works"), "works\n", "the next container")


desktop_main(while_no_descriptor_can_be_passed, needs=["bwrap"])
