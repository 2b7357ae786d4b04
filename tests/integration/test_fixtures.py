"""The fixtures themselves: an ordinary user, input that arrives, pictures, and nothing left behind."""
import os
import subprocess
import sys

from desktoptest import Image, NestedWeston, Sway, Weston, check, check_equal, desktop_main, wait_until
from desktoptest.proc import stat_fields


def runs_as_an_ordinary_user(place):
    check(os.geteuid() != 0, "the test runs as root")
    check_equal(os.stat(place.runtime).st_mode & 0o777, 0o700, "mode of XDG_RUNTIME_DIR")


def typing_and_clicking_arrive(place):
    with Sway(place) as sway:
        terminal = place.spawn(["foot", "sh", "-c", "read -r line; printf '%s' \"$line\" > typed; read -r line"],
                               env=sway.env)
        sway.wait_window(app_id="foot")
        text = "Hello, World! ~{}|\\ \"'`$"
        sway.input.type(text + "\n")
        path = os.path.join(place.home, "typed")
        wait_until(lambda: os.path.exists(path) and os.path.getsize(path), what="the typed text")
        with open(path, encoding="utf-8") as f:
            # `read -r` trims nothing else than blanks at both ends
            check_equal(f.read(), text, "what was typed")
        place.end(terminal)
        sway.wait_no_windows()
        log = place.spawn(["stdbuf", "-oL", "weston-eventdemo", "--log-button"], env=sway.env)
        sway.wait_window()
        sway.settled_screenshot("eventdemo")
        sway.input.click(500, 500)
        wait_until(lambda: "button" in place.log_text(log).lower(), what="the click in weston-eventdemo")


def pictures_are_the_same_twice(place):
    pictures = []
    for _ in range(2):
        with Sway(place) as sway:
            client = place.spawn(["weston-clickdot"], env=sway.env)
            sway.wait_window()
            pictures.append(sway.settled_screenshot("clickdot"))
            place.end(client)
    check_equal(pictures[0].difference(pictures[1]), 0, "difference between two runs")


def weston_draws_and_tells(place):
    with Weston(place) as weston:
        place.spawn(["weston-eventdemo"], env=weston.env)
        check("EventDemo" in weston.wait_window("org.freedesktop.weston.eventdemo"), "the title is in the scene")
        check(weston.settled_screenshot("eventdemo").colours() > 2, "the window is in the picture")


def weston_in_sway_has_a_seat(place):
    with Sway(place) as sway, NestedWeston(sway) as weston:
        place.spawn(["foot", "sh", "-c", "read -r line; touch typed; read -r line"], env=weston.env)
        weston.wait_window("foot")
        weston.settled_screenshot("foot")
        weston.input.type("x\n")
        wait_until(lambda: os.path.exists(os.path.join(place.home, "typed")), what="the typed text")


def png_round_trip(place):
    image = Image(5, 3, bytes(range(45)))
    path = os.path.join(place.path, "a.png")
    image.write(path)
    check(Image.read(path) == image, "a written picture reads as the same")
    other = Image(5, 3, bytes(range(44)) + b"\0")
    check_equal(round(image.difference(other) * 15), 1, "pixels that differ")
    check_equal(image.difference(other, tolerance=255), 0, "the same within the tolerance")


def nothing_is_left(place):
    """A double fork with its own session, that ignores SIGTERM, in a run that is ended by SIGTERM."""
    inner = place.write("inner.py", """
import subprocess, sys, time
from desktoptest import desktop_main
def test(place):
    p = place.spawn(["setsid", "sh", "-c", "trap '' TERM; (sleep 1000 & echo $! > pid; wait) & sleep 1000"])
    time.sleep(1000)
desktop_main(test)
""")
    run = subprocess.Popen([sys.executable, inner], env={
        **os.environ, "ISOLATE_TEST_ARTIFACTS": "", "ISOLATE_TEST_SCRATCH": place.path, "PYTHONPATH": os.path.dirname(os.path.dirname(
            sys.modules["desktoptest"].__file__))}, stdout=subprocess.DEVNULL)

    def find():
        for directory, _, files in os.walk(place.path):
            if "pid" in files:
                with open(os.path.join(directory, "pid"), encoding="ascii") as f:
                    return f.read().strip()
        return None
    pid = int(wait_until(find, what="the stubborn process"))
    check(stat_fields(pid), "the stubborn process runs")
    run.terminate()
    run.wait(10)
    check(not stat_fields(pid), "the stubborn process is gone")
    check(not [d for d in os.listdir(place.path) if d.startswith("isolate-test-")], "its directory is gone")


desktop_main(runs_as_an_ordinary_user, typing_and_clicking_arrive, pictures_are_the_same_twice, weston_draws_and_tells,
             weston_in_sway_has_a_seat, png_round_trip, nothing_is_left,
             needs=["sway", "weston", "grim", "foot", "weston-eventdemo", "weston-clickdot"])
