"""stop ends what ignores SIGTERM within the grace time, and everything else at once."""
import time

from gi.repository import GLib

from control import Control
from desktoptest import check, check_equal, desktop_main, wait_until
from inside import Inside, Terminal

STUBBORN = {
    "ignores": "trap '' TERM HUP INT; echo up; while :; do sleep 1; done",
    "daemon": "(setsid sh -c 'trap \"\" TERM HUP; while :; do sleep 1; done' &) ; echo up",
    "stopped": "(sh -c 'trap \"\" TERM; kill -STOP $$' &) ; echo up; sleep 1000",
    "respawns": "f() { trap f TERM; (sleep 1000 & wait) & echo up; wait; }; f; f; f; f",
    "many": "trap '' TERM; for i in $(seq 200); do (trap '' TERM; sleep 1000) & done; echo up; wait",
}


def stubborn(how):
    def test(place):
        product = Inside(place)
        product.quiet()
        app = product.spawn("run", "--project", "first", "--", "sh", "-c", STUBBORN[how], name="app")
        wait_until(lambda: "up" in place.log_text(app), what="the application")
        start = time.monotonic()
        product.run("stop", "first", "--grace", "1")
        took = time.monotonic() - start
        left = {n: p for n in ("bwrap", "isolate-init", "sleep", "sh") if (p := product.processes(n))}
        check_equal(left, {}, "left when stop returns")
        product.wait_gone(2)
        check(took < 5, f"stop took {took:.1f} s")
        wait_until(lambda: app.poll() is not None, what="isolate to end with its application")
        check(app.returncode in (0, 128 + 9, 128 + 15), f"status {app.returncode}: {place.log_text(app)}")
    test.__name__ = how
    return test


def the_polite_are_not_waited_for(place):
    product = Inside(place)
    product.quiet()
    app = product.spawn("run", "--project", "first", "--", "sh", "-c", "trap 'echo bye; exit 3' TERM; echo up; sleep 1000 & wait",
                        name="app")
    terminal = Terminal([product.command, ".first"], product.env)
    terminal.read_until("$ ")
    wait_until(lambda: "up" in place.log_text(app), what="the application")
    # It waits neither for what has ended already nor for a shell at a prompt; how long that is depends on the machine's load.
    product.run("stop", "first", "--grace", "1800", seconds=5)
    wait_until(lambda: app.poll() is not None, what="isolate to end with its application")
    check_equal((app.returncode, "bye" in place.log_text(app)), (3, True), "how it ended")
    terminal.wait()


def told_how_it_ended(place):
    """Whoever ran an application and is slow to ask learns how it ended, though everything was killed meanwhile."""
    product = Inside(place)
    product.quiet()
    product.run("start", "first")
    control = Control(product, "first")
    control.send("Run", argv=bytes_list("sleep", "1000"), stdio=GLib.Variant("u", 0), **{"no-display": GLib.Variant("b", True)})
    started = control.receive()
    check_equal(started and started[1], "Started", f"the answer to Run, {started}")
    kill = product.spawn("kill", "first")
    wait_until(lambda: not product.processes("isolate-init"), what="the end of the container")
    serial = control.send("Wait", job=GLib.Variant("u", started[2]["job"]))
    check_equal(control.receive(), (serial, "Exited", {"status": 9}), "the answer to Wait")
    check_equal(kill.wait(20), 0, "status of isolate kill")
    product.wait_gone(5)
    control.close()


def hung_up_again(place):
    """What has a terminal and missed its end, as a shell can that is just about to wait for a key, is told again."""
    product = Inside(place)
    product.quiet()
    app = product.spawn("run", "--project", "first", "--tty", "--", "sh", "-c", "trap '' TERM; n=0; trap 'n=$((n + 1)); "
                        "[ $n -lt 2 ] || exit 3' HUP; echo up; while :; do sleep 0.1; done", name="app")
    wait_until(lambda: "up" in place.log_text(app), what="the application")
    product.run("stop", "first", "--grace", "30", seconds=60)
    check_equal(app.wait(20), 3, "status of isolate")


def bytes_list(*words):
    return GLib.Variant("aay", [word.encode() + b"\0" for word in words])


def nobody_asks(place):
    """The end does not wait for ever for one who never asks."""
    product = Inside(place)
    product.quiet()
    product.run("start", "first")
    control = Control(product, "first")
    control.send("Run", argv=bytes_list("sleep", "1000"), stdio=GLib.Variant("u", 0), **{"no-display": GLib.Variant("b", True)})
    check_equal(control.receive()[1], "Started", "the answer to Run")
    product.run("kill", "first")
    product.wait_gone(5)
    control.close()


def again_and_less(place):
    """A second stop with less grace counts; kill is at once; what does not run is stopped already."""
    product = Inside(place)
    product.quiet()
    app = product.spawn("run", "--project", "first", "--", "sh", "-c", STUBBORN["ignores"], name="app")
    wait_until(lambda: "up" in place.log_text(app), what="the application")
    start = time.monotonic()
    product.run("kill", "first")
    check(time.monotonic() - start < 3, "kill takes its time")
    check_equal(product.processes("isolate-init"), [], "containers")
    for verb in ("stop", "kill"):
        done = product.run(verb, "first")
        check("does not run" in done.stderr, f"{verb}: {done}")


def starts_again_at_once(place):
    product = Inside(place)
    product.quiet()
    for i in range(5):
        check_equal(product.sh("first", f"echo {i}").strip(), str(i), "a launch right after stop")
        product.run("stop", "first")
    stopping = product.spawn("stop", "first")
    check_equal(product.sh("first", "echo beside").strip(), "beside", "a launch beside stop")
    stopping.wait()
    product.run("restart", "first")
    check_equal(len(product.processes("isolate-init")), 1, "containers after restart")
    product.run("stop", "first")


desktop_main(*[stubborn(how) for how in STUBBORN], the_polite_are_not_waited_for, told_how_it_ended, nobody_asks,
             hung_up_again, again_and_less, starts_again_at_once,
             needs=["bwrap"])
