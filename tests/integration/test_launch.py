"""The main job: an application of a project on screen, started in each way, joining what runs."""
import os
import time

from desktoptest import Product, Sway, check, check_equal, desktop_main, wait_until
from test_conformance import ALLOWED_THOUGH_MATCHING, HIDDEN, NEEDED

PROJECT = """[Network]
Mode=none
[Project]
Gate=never
Linger={linger}
[App foot]
Exec=foot
Name=Terminal
WindowClass=foot
"""
FOREVER = PROJECT.format(linger="forever")

REPORT = ("exec > ~/report.new 2>&1; echo pwd=$PWD; echo home=$HOME; echo display=$WAYLAND_DISPLAY;"
          " echo sway=$SWAYSOCK; ls -A ~ | sed s/^/in-home=/; ls -A $XDG_RUNTIME_DIR | sed s/^/in-runtime=/;"
          " wayland-info; mv ~/report.new ~/report; exit")


def read_report(product, project):
    path = os.path.join(product.home(project), "report")
    wait_until(lambda: os.path.exists(path), 20, "the report from inside")
    with open(path, encoding="utf-8") as f:
        return f.read()


def values(report, name):
    return [line.partition("=")[2] for line in report.splitlines() if line.startswith(name + "=")]


def main_job(place):
    """`isolate foot --project first`, and what a person typing in that window sees."""
    place.write("home/of-the-host", "secret")
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", FOREVER)
        app = product.spawn("foot", "--project", "first")
        window = sway.wait_window(app_id="isolate.first.foot")
        check(window["focused"], "the window has the focus")
        sway.settled_screenshot("main-job")
        place.write("home/.local/share/isolate/first/home/report.sh", REPORT)
        sway.input.type("sh report.sh\n")
        report = read_report(product, "first")
        check_equal(values(report, "home"), [place.home], "HOME inside is the same path")
        check_equal(values(report, "pwd"), [place.home], "the application starts in its home")
        inside = values(report, "in-home")
        check("report.sh" in inside, f"the home is not the project's: {inside}")
        check("of-the-host" not in inside and "projects" not in inside, f"the host's home is there: {inside}")
        check_equal(values(report, "sway"), [""], "SWAYSOCK inside")
        display = values(report, "display")[0]
        check_equal(values(report, "in-runtime"), ["bus", "flatpak-info", "isolate", "pulse", os.path.basename(display)],
                    "what is in XDG_RUNTIME_DIR inside: links to sockets and the folder they are in")
        offered = {line.split("'")[1] for line in report.splitlines() if line.startswith("interface: '")}
        check(NEEDED <= offered, f"wayland-info inside lacks {NEEDED - offered}")
        leaked = {n for n in offered if HIDDEN.search(n)} - ALLOWED_THOUGH_MATCHING
        check(not leaked, f"wayland-info inside lists {leaked}")
        sway.input.type("exit\n")  # not ^D: the shell may not be at its prompt yet
        check_equal(app.wait(10), 0, "exit status of isolate")


def the_other_ways(place):
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", FOREVER)
        for words in ([".first", "foot"], ["run", "--project", "first", "--", "foot"],
                      ["foot", "--project=first", "--", "--title=given"], ["foot", "-p", "first"]):
            app = product.spawn(*words)
            window = sway.wait_window(app_id="isolate.first.foot")
            if words[-1] == "--title=given":
                check("given" in window["name"], f"title {window['name']!r}: the argument did not arrive")
            place.end(app)
            sway.wait_no_windows()


def second_joins(place):
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", FOREVER)
        seconds = []
        for count in (1, 2, 3):
            start = time.monotonic()
            product.spawn("foot", "--project", "first")
            sway.wait_windows(count, app_id="isolate.first.foot")
            seconds.append(time.monotonic() - start)
            check_equal(len(product.processes("isolate-session")), 1, "sessions")
            check_equal(len(product.processes("isolate-init")), 1, "containers")
        print("on screen after " + ", ".join(f"{s * 1000:.0f} ms" for s in seconds) + ": a start, two joins")


def twenty_at_once(place):
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", FOREVER)
        apps = [product.spawn("foot", "--project", "first") for _ in range(20)]
        sway.wait_windows(20, seconds=40, app_id="isolate.first.foot")
        for name in ("isolate-session", "isolate-init", "isolate-wlproxy"):
            check_equal(len(product.processes(name)), 1, f"processes {name}")
        check(all(a.poll() is None for a in apps), "all twenty run")
        # One container: each sees the other nineteen.
        seen = product.sh("first", "cat /proc/[0-9]*/comm | grep -cx foot").strip()
        check_equal(seen, "20", "terminals that one of them sees")
        product.run("stop", "first")
        sway.wait_no_windows()
        product.wait_gone()


def exit_status_and_pipes(place):
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", FOREVER)
        for status in (0, 7):
            done = product.run("run", "--project", "first", "--", "sh", "-c", f"exit {status}", check=False)
            check_equal((done.returncode, done.stdout, done.stderr), (status, "", ""), "an application's end")
        done = product.run("run", "--project", "first", "--", "sh", "-c", "kill -TERM $$", check=False)
        check_equal(done.returncode, 128 + 15, "status of one that a signal ended")
        done = product.run("run", "--project", "first", "--", "sh", "-c", "cat; echo err >&2", input="through\n",
                           stdin=None)
        check_equal((done.stdout, done.stderr), ("through\n", "err\n"), "standard streams")
        big = product.sh("first", "head -c 3000000 /dev/zero | tr '\\0' x")
        check_equal(len(big), 3000000, "bytes through stdout")
        arguments = ["", " ", "a b", "--bind", "-c", "$(id)", "*", "äöü", "a=b", "\\", "'", '"']
        done = product.run("run", "--project", "first", "--", "printf", r"%s\0", *arguments)
        check_equal(done.stdout.split("\0")[:-1], arguments, "arguments")


def nobody_misses_an_end(place):
    """Containers that go as soon as they are idle, while others come: each application's end is told."""
    product = Product(place)
    product.project("first", PROJECT.format(linger="0") + "[Display]\nWayland=no\n")
    for _ in range(5):
        runs = [product.spawn("run", "--project", "first", "--", "sh", "-c", f"exit {i}") for i in range(30)]
        for i, run in enumerate(runs):
            check_equal((run.wait(), place.log_text(run)), (i, ""), "status and talk of one of thirty")
    product.wait_gone()


def linger_ends_it(place):
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", PROJECT.format(linger="0"))
        product.sh("first", "true")
        product.wait_gone(5)
        product.project("second", PROJECT.format(linger="2s"))
        product.sh("second", "true")
        check(product.processes("isolate-init"), "the container lingers")
        product.wait_gone(10)


def stop_and_status(place):
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", FOREVER)
        product.run("start", "first")
        check_equal([(p["project"], p["running"]) for p in product.json("list")], [("first", True)], "projects")
        product.spawn("foot", "--project", "first")
        sway.wait_window(app_id="isolate.first.foot")
        check("foot" in product.run("ps", "first").stdout, "ps shows foot")
        status = product.json("status", "first")
        check_equal((status["project"], [j["app"] for j in status["jobs"]]), ("first", ["foot"]), "status")
        product.run("stop", "first")
        sway.wait_no_windows()
        product.wait_gone()


tests = [main_job, the_other_ways, second_joins, twenty_at_once, exit_status_and_pipes,
         nobody_misses_an_end, linger_ends_it, stop_and_status]
desktop_main(*tests, needs=["sway", "foot", "grim", "bwrap", "wayland-info"])
