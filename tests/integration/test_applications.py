"""Large programs, as people use them: each looks the same through isolate-wlproxy as without it, down to the pixel, is
typed in and clicked, and meets no limit and no refusal of the default policy."""
import contextlib
import os
import sys
import time

from apps.programs import PROGRAM, QT_WINDOW, wait_title
from desktoptest import Image, Proxy, Sway, check, check_equal, desktop_main, wait_until

POLICY = "[Project]\nName=first\n"
SIZE = (1600, 900)  # wider than any window has to be: what does not fit has one of two sizes


@contextlib.contextmanager
def started(place, program, policy):
    """The program, ready, on a fresh compositor, directly or (with a policy) through the proxy."""
    with contextlib.ExitStack() as stack:
        sway = stack.enter_context(Sway(place, SIZE))
        proxy = stack.enter_context(Proxy(place, sway, policy)) if policy else None
        env = {**(proxy or sway).env, **program.env, "LD_PRELOAD": place.built("libsteady.so")}
        client = place.spawn(program.argv(place), env=env, name=program.name)
        wait_title(sway, program.title, f"a window of {program.name}", 30)
        if program.pose:
            sway.settled_screenshot(program.name + "-before", 30, still=0.5)
            program.pose(sway)
            sway.input.move(SIZE[0] - 1, SIZE[1] - 1)
        yield sway, proxy, client
        check_equal(client.poll(), None, f"exit status of {program.name}, which runs")
        place.end(client)


def without_pointer(image):
    """The pointer's shape in the corner depends on whether the program has seen it come."""
    pixels = bytearray(image.pixels)
    for row in range(image.height - 16, image.height):
        end = (row + 1) * image.width * 3
        pixels[end - 48:end] = bytes(48)
    return Image(image.width, image.height, pixels)


def wait_same(place, sway, picture, name):
    """Until the screen shows what it should. One level of a channel may differ where text is blended."""
    expected = without_pointer(picture)
    try:
        wait_until(lambda: expected.difference(without_pointer(sway.screenshot()), tolerance=1) == 0, 20,
                   f"the picture of {name}", 0.2)
    except AssertionError:
        seen = without_pointer(sway.screenshot(name + "-proxied"))
        expected.difference_picture(seen, 1).write(os.path.join(place.artifacts, name + "-difference.png"))
        raise


def application(program):
    def test(place):
        before = time.monotonic()
        with started(place, program, None) as (sway, _, _):
            direct = sway.settled_screenshot(program.name, 60, program.is_drawn, still=1.0)
        check(direct.colours() > 16, "there is nothing in the picture")
        with started(place, program, POLICY) as (sway, proxy, client):
            wait_same(place, sway, direct, program.name)
            check(all(w["app_id"].startswith("isolate.first.") for w in sway.windows()), "a window has another app_id")
            try:
                program.use(place, sway, client)
            finally:
                sway.screenshot(program.name + "-used")
            # No limit, and no refusal but of what it did before anybody has touched it.
            said = [line for line in place.log_text(proxy.process).splitlines()
                    if not any(f"with {key}=allow" in line for key in program.refused)]
        check(not said, f"the proxy had something to say: {said}")
        print(f"{program.name}: {time.monotonic() - before:.1f} s")
    test.__name__ = program.name
    return test


def dragged_into(name):
    """Text from a window of the host, dropped on the page: its title says so."""
    program = PROGRAM[name]

    def test(place):
        with Sway(place, SIZE) as sway, Proxy(place, sway, POLICY) as proxy:
            place.spawn(QT_WINDOW, env=sway.env, name="host")
            sway.wait_window(name="Qt window")
            place.spawn(program.argv(place), env={**proxy.env, **program.env}, name=name)
            wait_title(sway, program.title, f"a window of {name}", 30)
            sway.settled_screenshot("before-drag", 30, still=1.0)
            places = {w["name"] == "Qt window": w["rect"] for w in sway.windows()}
            line, area = places[True], places[False]
            line = (line["x"] + 30, line["y"] + line["height"] - 52)  # above the button
            sway.input.click(*line)
            sway.input.type("dragged")
            sway.input.key("ctrl+a")
            time.sleep(1)  # or the press is the second of a double click
            sway.input.drag(line, (area["x"] + 300, area["y"] + 250), steps=20, hover=2)
            try:
                wait_title(sway, "text dragged", "the text in the page")
            finally:
                sway.screenshot("after-drag")
    test.__name__ = f"dragged_into_{name}"
    return test


tests = [*map(application, PROGRAM.values()), dragged_into("chromium"), dragged_into("firefox")]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=[
        "sway", "grim", "wl-paste", "foot", "weston-flower", "gtk3-demo", "gtk3-widget-factory", "gtk4-demo", "soffice",
        "firefox-esr", "chromium", "mpv", "ffmpeg"]))
