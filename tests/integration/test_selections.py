"""Copying, pasting and dragging between programs behind isolate-wlproxy, programs of the host and other projects."""
import os
import sys
import time

from desktoptest import Proxy, Sway, check, check_equal, desktop_main, wait_until

POLICY = "[Project]\nName={name}\n[Display]\n{display}\n"
QT_WINDOW = ["/usr/bin/python3", os.path.join(os.path.dirname(os.path.abspath(__file__)), "apps/qt-window.py")]
RECENT = 5  # seconds during which input counts as recent


def proxy_for(place, sway, display="", name="first"):
    return Proxy(place, sway, POLICY.format(name=name, display=display), name)


def terminal(place, sway, env, name="shell"):
    """A foot with a quiet shell, focused."""
    before = len(sway.windows())
    foot = place.spawn(["foot", "sh"], env=env, name=name)
    sway.wait_windows(before + 1)
    return foot


def file_text(place, name):
    path = os.path.join(place.home, name)
    wait_until(lambda: os.path.exists(path), what=f"the file {name}")
    with open(path, encoding="utf-8") as f:
        return f.read()


def run_typed(place, sway, command, result):
    """Types a command whose output goes to a file, waits for its end and returns the output."""
    sway.input.type(f"{{ {command}; }} > {result}.part 2>&1; mv {result}.part {result}\n")
    return file_text(place, result)


def host_copy(place, sway, *arguments, text=None):
    # wl-copy leaves a process that holds its output.
    copy = place.spawn(["wl-copy", *arguments, *([text] if text is not None else [])], env=sway.env)
    check_equal(copy.wait(), 0, "exit status of wl-copy on the host")


def host_paste(place, sway, *arguments):
    return place.run(["wl-paste", "-n", *arguments], env=sway.env, check=False).stdout


def primary_too(test):
    """The same for both selections."""
    def run(arguments, label):
        def one(place):
            test(place, arguments)
        one.__name__ = f"{test.__name__}_{label}"
        return one
    return [run((), "clipboard"), run(("--primary",), "primary")]


def guarded_typed(place, arguments):
    """wl-copy and wl-paste typed into a terminal of the project: both ways."""
    flags = " ".join(arguments)
    with Sway(place) as sway, proxy_for(place, sway) as proxy:
        terminal(place, sway, proxy.env)
        run_typed(place, sway, f"wl-copy {flags} 'from inside'", "copied")
        wait_until(lambda: host_paste(place, sway, *arguments) == "from inside", what="the text on the host")
        host_copy(place, sway, *arguments, text="from the host")
        check_equal(run_typed(place, sway, f"wl-paste -n {flags}", "pasted"), "from the host", "what was pasted")


def guarded_background(place, arguments):
    """A program that reads or sets the selection without any input gets nothing, is told nothing, and is recorded."""
    with Sway(place) as sway, proxy_for(place, sway) as proxy:
        host_copy(place, sway, *arguments, text="secret")
        terminal(place, sway, proxy.env)
        stolen = place.run(["wl-paste", "-n", *arguments], env=proxy.env, check=False)
        check("secret" not in stolen.stdout, "the selection was read without input")
        log = place.log_text(proxy.process)
        key = "Primary=allow" if arguments else "Clipboard=allow"
        check("receive denied" in log and key in log, f"no line about the refusal: {log}")
        copy = place.spawn(["wl-copy", "-f", *arguments, "planted"], env=proxy.env)
        wait_until(lambda: copy.poll() is not None, what="wl-copy to be told that its text was replaced")
        check_equal(host_paste(place, sway, *arguments), "secret", "the selection of the host")


def guarded_expires(place):
    """Input is recent for five seconds, and what was refused is readable after the next key."""
    with Sway(place) as sway, proxy_for(place, sway) as proxy:
        window = place.spawn(QT_WINDOW, env=proxy.env)
        sway.wait_window(name="Qt window")
        host_copy(place, sway, text="pasted")
        sway.input.type("x")
        wait_until(lambda: "text x" in place.log_text(window), what="the typed letter")
        time.sleep(RECENT + 1)
        stolen = place.run(["wl-paste", "-n"], env=proxy.env, check=False)
        check("pasted" not in stolen.stdout, "the selection was read long after the input")
        sway.wait_windows(1)
        sway.input.key("ctrl+v")
        wait_until(lambda: "text xpasted" in place.log_text(window), what="the pasted text")


def paste_in_foot(place):
    """Both selections by foot's own keys."""
    with Sway(place) as sway, proxy_for(place, sway) as proxy:
        read = "stty -icanon -echo; head -c 7 > typed.part; mv typed.part typed; sleep 1000"
        place.spawn(["foot", "sh", "-c", read], env=proxy.env)
        sway.wait_window()
        host_copy(place, sway, text="one ")
        host_copy(place, sway, "--primary", text="two")
        sway.input.key("ctrl+shift+v")
        time.sleep(0.5)
        sway.input.key("shift+Insert")
        check_equal(file_text(place, "typed"), "one two", "what was pasted")


def big_and_binary(place):
    """An image of 16 MiB from the host, and text of 4 MiB to it, byte for byte."""
    with Sway(place) as sway, proxy_for(place, sway) as proxy:
        picture = os.urandom(1 << 20) * 16
        with open(os.path.join(place.home, "picture"), "wb") as f:
            f.write(picture)
        with open(os.path.join(place.home, "picture"), "rb") as f:
            place.spawn(["wl-copy", "-t", "image/png"], env=sway.env, stdin=f).wait()
        terminal(place, sway, proxy.env)
        run_typed(place, sway, "wl-paste -t image/png > received; echo done", "status")
        with open(os.path.join(place.home, "received"), "rb") as f:
            check(f.read() == picture, "the image differs")
        run_typed(place, sway, "seq 600000 > numbers; wl-copy < numbers", "status2")
        numbers = "".join(f"{i}\n" for i in range(1, 600001))
        wait_until(lambda: place.run(["wl-paste", "-n"], env=sway.env, check=False).stdout == numbers,
                   what="the text on the host")


def larger_than_allowed(place):
    """MaxClipboard is where a transfer ends."""
    with Sway(place) as sway, proxy_for(place, sway, "MaxClipboard=1M") as proxy:
        with open(os.path.join(place.home, "large"), "wb") as f:
            f.write(b"x" * (3 << 20))
        with open(os.path.join(place.home, "large"), "rb") as f:
            place.spawn(["wl-copy", "-t", "text/plain"], env=sway.env, stdin=f).wait()
        terminal(place, sway, proxy.env)
        check_equal(run_typed(place, sway, "wl-paste -n | wc -c", "size").strip(), str(1 << 20), "bytes received")


def private_projects(place):
    """What is copied in one project is pasted there, and neither in another nor on the host."""
    with Sway(place) as sway, proxy_for(place, sway, "Clipboard=private\nPrimary=private") as one, \
            proxy_for(place, sway, "Clipboard=private\nPrimary=private", "second") as two:
        host_copy(place, sway, text="of the host")
        first = terminal(place, sway, one.env)
        run_typed(place, sway, "wl-copy 'of the first'", "copied")
        check_equal(run_typed(place, sway, "wl-paste -n", "same"), "of the first", "what the same client pastes")
        other = terminal(place, sway, one.env, "other")
        check_equal(run_typed(place, sway, "wl-paste -n", "shared"), "of the first", "what its neighbour pastes")
        terminal(place, sway, two.env, "stranger")
        pasted = run_typed(place, sway, "wl-paste -n", "stranger")
        check("of the" not in pasted, f"the other project pastes {pasted!r}")
        check_equal(host_paste(place, sway), "of the host", "the clipboard of the host")
        check(first.poll() is None and other.poll() is None, "a terminal has ended")


def denied(place):
    with Sway(place) as sway, proxy_for(place, sway, "Clipboard=deny") as proxy:
        host_copy(place, sway, text="secret")
        terminal(place, sway, proxy.env)
        check("secret" not in run_typed(place, sway, "wl-paste -n", "pasted"), "it was read")
        run_typed(place, sway, "wl-copy planted", "copied")
        check_equal(host_paste(place, sway), "secret", "the clipboard of the host")


def drag_text(place, display, arrives):
    """Text that is selected in a window of the host is dragged into one of the project."""
    with Sway(place) as sway, proxy_for(place, sway, display) as proxy:
        place.spawn(QT_WINDOW, env=sway.env, name="host")
        host = sway.wait_window(name="Qt window")
        inside = place.spawn(QT_WINDOW, env=proxy.env, name="inside")
        windows = sway.wait_windows(2)
        target = [w for w in windows if w["id"] != host["id"]][0]
        host = [w for w in windows if w["id"] == host["id"]][0]

        def line(window):
            r, inner = window["rect"], window["window_rect"]
            return r["x"] + inner["x"] + 30, r["y"] + inner["y"] + inner["height"] - 52  # above the button
        sway.settled_screenshot("before-drag")
        sway.input.click(*line(host))
        sway.input.type("dragged")
        sway.input.key("ctrl+a")
        time.sleep(1)  # or the press is the second of a double click
        sway.input.drag(line(host), line(target), steps=20)
        if arrives:
            wait_until(lambda: "text dragged" in place.log_text(inside), what="the dragged text")
        else:
            wait_until(lambda: "DragAndDrop=allow" in place.log_text(proxy.process), what="the line about the refusal")
            time.sleep(1)
            check("dragged" not in place.log_text(inside), "the text was dropped")
            # And the window still works.
            sway.input.click(*line(target))
            sway.input.type("typed")
            wait_until(lambda: "text typed" in place.log_text(inside), what="typing after the drag")


def drag_allowed(place):
    drag_text(place, "", True)


def drag_allowed_beside_private(place):
    drag_text(place, "Clipboard=private", True)


def drag_denied(place):
    drag_text(place, "DragAndDrop=deny", False)


tests = [*primary_too(guarded_typed), *primary_too(guarded_background), guarded_expires, paste_in_foot, big_and_binary,
         larger_than_allowed, private_projects, denied, drag_allowed, drag_allowed_beside_private, drag_denied]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "grim", "foot", "wl-copy", "wl-paste"]))
