"""16. `stop` ends whatever ignores it within the grace time, and `kill` at once."""
import os
import time

from desktoptest import check, check_equal, desktop_main, wait_until
from escapetest import Box

SLACK = 2  # seconds that a busy machine may need


def stubborn(box):
    process = box.spawn("stubborn.py", os.path.join(box.place.home, "ready"))
    path = os.path.join(box.home, "ready")
    wait_until(lambda: os.path.exists(path) and os.path.getsize(path), what="the stubborn processes")
    os.unlink(path)
    return process


def measured(box, *words):
    """Seconds until the command returned. Nothing of the container is left then."""
    start = time.monotonic()
    box.product.run(*words)
    seconds = time.monotonic() - start
    check_equal(box.product.processes("isolate-init"), [], "containers, when it has returned")
    left = [p for p in box.product.processes("python3")]
    check_equal(left, [], "stubborn processes, when it has returned")
    return seconds


def within_the_grace_time(place):
    box = Box(place)
    for grace in (0, 1, 3):
        process = stubborn(box)
        seconds = measured(box, "stop", "--grace", str(grace), box.name)
        check(grace <= seconds + 0.1, f"it did not wait for those that end by themselves: {seconds:.2f} s of {grace} s")
        print(f"grace of {grace} s: {seconds:.2f} s")
        check(seconds < grace + SLACK * float(os.environ.get("ISOLATE_TEST_SLOWNESS", "1")) + 5, f"{seconds:.1f} s")
        check_equal(process.wait(10), 128 + 9, "exit status of isolate run")


def at_once(place):
    box = Box(place)
    process = stubborn(box)
    print(f"kill: {measured(box, 'kill', box.name):.2f} s")
    check_equal(process.wait(10), 128 + 9, "exit status of isolate run")


def those_that_end_are_not_waited_for(place):
    """And get the chance to end well."""
    box = Box(place)
    process = box.spawn("/bin/sh", "-c", "trap 'echo saved > ~/saved; exit 3' TERM; touch ~/ready; "
                        "while :; do sleep 0.05; done")
    wait_until(lambda: os.path.exists(os.path.join(box.home, "ready")), what="the application")
    print(f"stop of one that obeys: {measured(box, 'stop', '--grace', '60', box.name):.2f} s")
    check_equal(process.wait(10), 3, "its exit status")
    with open(os.path.join(box.home, "saved"), encoding="utf-8") as f:
        check_equal(f.read(), "saved\n", "what it did at its end")


def twice_at_once(place):
    """A second stop with less grace shortens the first."""
    box = Box(place)
    stubborn(box)
    start = time.monotonic()
    first = box.product.spawn("stop", "--grace", "600", box.name)
    time.sleep(0.3)
    done = box.product.run("kill", box.name, check=False)
    print(f"{done.returncode} {done.stderr}", end="")
    check_equal(first.wait(20), 0, "the first stop")
    check(time.monotonic() - start < 60, "the first stop waited all its time")


def nothing_new_while_it_stops(place):
    """What is asked for meanwhile starts in the next container."""
    box = Box(place)
    stubborn(box)
    before = box.init()
    stop = box.product.spawn("stop", "--grace", "2", box.name)
    time.sleep(0.3)
    check_equal(box.sh("echo works", seconds=30), "works\n", "an application that was asked for meanwhile")
    check_equal(stop.wait(20), 0, "the stop")
    check(box.init() != before, "it ran in the container that was stopped")


desktop_main(within_the_grace_time, at_once, those_that_end_are_not_waited_for, twice_at_once,
             nothing_new_while_it_stops, needs=["bwrap"])
