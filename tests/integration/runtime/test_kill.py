"""SIGKILL to the session, to init, to bubblewrap, to the proxy: what waits ends with one line, nothing is left over, and the
next launch works."""
import os
import signal

from desktoptest import Sway, check, check_equal, desktop_main, wait_until
from inside import PLAIN, Inside, Terminal

STUBBORN = "trap '' TERM HUP INT; (setsid sh -c 'trap \"\" TERM HUP; sleep 1000' &) ; echo up; sleep 1000; sleep 1000"


def killing(victim):
    def test(place):
        product = Inside(place)
        product.quiet()
        for round_ in range(3):
            waiting = product.spawn("run", "--project", "first", "--", "sh", "-c", STUBBORN, name="waiting")
            wait_until(lambda w=waiting: "up" in place.log_text(w), what="the application")
            (pid,) = product.processes(victim)
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda w=waiting: w.poll() is not None, what="isolate to end")
            lines = [line for line in place.log_text(waiting).splitlines() if line != "up"]
            check_equal(waiting.returncode, 125, f"status in round {round_}: {lines}")
            check(len(lines) == 1 and lines[0].startswith("isolate: "), f"what it says: {lines}")
            product.wait_gone()
            check_equal(product.sh("first", "echo works > file; cat file").strip(), "works", "the next launch")
            check(os.path.exists(os.path.join(product.home("first"), "file")), "it is the same home")
            product.run("kill", "first")
            product.wait_gone()
            check_equal(os.listdir(os.path.join(place.runtime, "isolate")), [], "left in the runtime folder")
    test.__name__ = "kill_" + victim.replace("-", "_")
    return test


def kill_the_proxy(place):
    """The container goes on; the next application has a connection."""
    with Sway(place, with_input=False) as sway:
        product = Inside(place, sway)
        product.quiet("first", PLAIN.replace("Wayland=no", "Wayland=yes"))
        waiting = product.spawn("run", "--project", "first", "--", "sh", "-c", "echo up; sleep 1000", name="waiting")
        wait_until(lambda: "up" in place.log_text(waiting), what="the application")
        for round_ in range(3):
            (pid,) = product.processes("isolate-wlproxy")
            os.kill(pid, signal.SIGKILL)
            check("wl_compositor" in product.sh("first", "wayland-info"), f"a connection after kill {round_}")
            check_equal(waiting.poll(), None, "the application that has nothing to do with it, which runs")
        product.run("stop", "first")
        product.wait_gone()


def at_a_terminal(place):
    """The person gets the terminal back as it was."""
    product = Inside(place)
    product.quiet()
    shell = Terminal(["/bin/bash", "--norc", "--noprofile", "-i"], {**product.env, "PS1": "outer$ "}, cwd=place.home)
    shell.read_until("outer$ ")
    before = shell.modes()
    shell.type(product.command + " run --project first -- sh -c 'echo u''p; sleep 1000'\n")
    shell.read_until("up")
    check(shell.modes() != before, "the terminal is raw while the application has one of its own")
    os.kill(product.session_of("first"), signal.SIGKILL)
    shell.read_until("isolate: ")
    shell.read_until("outer$ ")
    check_equal(shell.modes(), before, "the modes of the person's terminal")
    shell.type("echo status=$?; exit\n")
    shell.read_until("status=125")
    shell.wait()
    product.wait_gone()


def while_twenty_start(place):
    """Those that lose their session start another one, or say so."""
    product = Inside(place)
    product.quiet()
    apps = [product.spawn("run", "--project", "first", "--", "true") for _ in range(20)]
    pid = wait_until(lambda: product.session_of("first"), what="a session", interval=0.001)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    for app in apps:
        wait_until(lambda a=app: a.poll() is not None, what="every launch to end")
        check(app.returncode in (0, 125), f"status {app.returncode}: {place.log_text(app)}")
    check_equal(product.sh("first", "echo works").strip(), "works", "the next launch")
    check_equal(len(product.processes("isolate-init")), 1, "containers")
    product.run("stop", "first")
    product.wait_gone()


desktop_main(killing("isolate-session"), killing("isolate-init"), killing("bwrap"), kill_the_proxy, at_a_terminal,
             while_twenty_start, needs=["bwrap", "sway", "wayland-info"])
