"""kill -9 of what isolate runs: nothing of the project is left over, and the next launch works."""
import os
import signal

from desktoptest import QUIET, Product, Sway, check, check_equal, desktop_main, wait_until

FOREVER = QUIET + "Linger=forever\n"


def kill(victim, ends_all):
    def test(place):
        with Sway(place) as sway:
            product = Product(place, sway)
            product.project("first", FOREVER)
            app = product.spawn("foot", "--project", "first")
            sway.wait_window(app_id="isolate.first.foot")
            product.sh("first", "echo kept > ~/file; (trap '' TERM HUP; setsid sleep 1000) & sync")
            for round_ in range(3):
                (pid,) = product.processes(victim)[:1]
                os.kill(pid, signal.SIGKILL)
                wait_until(lambda: app.poll() is not None, what="isolate to end with its application")
                sway.wait_no_windows()
                if ends_all:
                    product.wait_gone()
                app = product.spawn("foot", "--project", "first")
                sway.wait_window(app_id="isolate.first.foot")
                check_equal(product.sh("first", "cat ~/file").strip(), "kept", "the home after the crash")
                check_equal(len(product.processes("isolate-init")), 1, "containers")
                check_equal(len(product.processes("isolate-wlproxy")), 1, "proxies")
            product.run("stop", "first")
            product.wait_gone()
    test.__name__ = "kill_" + victim.replace("-", "_")
    return test


def kill_the_launcher(place):
    """The one that started the container: the container and other applications live on."""
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", FOREVER)
        first = product.spawn("foot", "--project", "first")
        sway.wait_window(app_id="isolate.first.foot")
        second = product.spawn("foot", "--project", "first")
        sway.wait_windows(2, app_id="isolate.first.foot")
        first.kill()
        first.wait()
        check_equal(product.sh("first", "echo works").strip(), "works", "a join afterwards")
        check_equal(second.poll(), None, "the other application, which runs")
        product.run("stop", "first")
        product.wait_gone()


def kill_all_at_once(place):
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", FOREVER)
        product.spawn("foot", "--project", "first")
        sway.wait_window(app_id="isolate.first.foot")
        for name in product.PROGRAMS:
            for pid in product.processes(name):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass  # the one before took it along
        sway.wait_no_windows()
        product.wait_gone()
        check_equal(product.sh("first", "echo works").strip(), "works", "the next launch")


def kill_while_it_starts(place):
    """At any moment of the start: the next launch works."""
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", FOREVER)
        for delay in (0, 0.005, 0.01, 0.02, 0.04):
            product.spawn("run", "--project", "first", "--", "true")
            try:
                pid = wait_until(lambda: product.session_of("first"), 5, "isolate-session", interval=0.001)
            except AssertionError:
                continue
            wait_until(lambda: True, interval=delay)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            check_equal(product.sh("first", "echo works").strip(), "works", f"the launch after a kill at {delay} s")
            product.run("stop", "first")
            product.wait_gone()


def compositor_goes(place):
    """A person logs out and in again: the container is told, and works on the new compositor."""
    product = None
    for _ in range(2):
        sway = Sway(place)
        product = Product(place, sway)
        product.project("first", FOREVER)
        app = product.spawn("foot", "--project", "first")
        sway.wait_window(app_id="isolate.first.foot")
        sway.kill()
        wait_until(lambda a=app: a.poll() is not None, what="the application to end")
    check(product.processes("isolate-init"), "the container stays")
    product.run("stop", "first")
    product.wait_gone()


desktop_main(kill("isolate-session", True), kill("isolate-init", True), kill("isolate-wlproxy", False),
             kill("bwrap", True), kill_the_launcher, kill_all_at_once, kill_while_it_starts, compositor_goes,
             needs=["sway", "foot", "bwrap"])
