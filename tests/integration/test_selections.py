"""Copying, pasting and dragging between programs behind isolate-wlproxy, programs of the host and other projects."""
import hashlib
import os
import signal
import sys
import time

from apps.programs import QT_WINDOW, host_paste
from desktoptest import Image, Proxy, Sway, check, check_equal, desktop_main, wait_until

POLICY = "[Project]\nName={name}\n[Display]\n{display}\n"
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
    # wl-copy takes the keyboard for a moment, and ends before sway has given it back.
    wait_until(lambda: any(w["focused"] and (w["app_id"] or "").endswith("foot") for w in sway.windows()),
               what="the terminal to have the keyboard")
    sway.input.type(f"{{ {command}; }} > {result}.part 2>&1; mv {result}.part {result}\n")
    return file_text(place, result)


def host_copy(place, sway, *arguments, text=None):
    # wl-copy leaves a process that holds its output.
    copy = place.spawn(["wl-copy", *arguments, *([text] if text is not None else [])], env=sway.env)
    check_equal(copy.wait(), 0, "exit status of wl-copy on the host")


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


LIMIT = 64 << 20  # the default of MaxClipboard


def host_copy_bytes(place, sway, size):
    """Bytes of the host, held by a wl-copy that the caller may end. Returns it and their digest."""
    data = os.urandom(1 << 20) * (size // (1 << 20)) + b"x" * (size % (1 << 20))
    with open(os.path.join(place.home, "data"), "wb") as f:
        f.write(data)
    place.run(["wl-copy", "--clear"], env=sway.env)
    with open(os.path.join(place.home, "data"), "rb") as f:
        copy = place.spawn(["wl-copy", "-f", "-t", "text/plain"], env=sway.env, stdin=f)
    wait_until(lambda: "text/plain" in host_paste(place, sway, "-l").split(),
               what="the copy on the host")
    return copy, hashlib.sha256(data[:LIMIT]).hexdigest()


def exactly_the_limit(place):
    """64 MiB arrive as they are; of a byte more, the first 64 MiB."""
    with Sway(place) as sway, proxy_for(place, sway) as proxy:
        terminal(place, sway, proxy.env)
        for size in (LIMIT, LIMIT + 1):
            copy, digest = host_copy_bytes(place, sway, size)
            pasted = run_typed(place, sway, "wl-paste -n -t text/plain > pasted; sha256sum < pasted; wc -c < pasted",
                               f"pasted-{size}")
            check_equal(pasted.split(), [digest, "-", str(LIMIT)], f"what was pasted of {size} bytes")
            place.end(copy)


def resident(process):
    """KiB of memory that a process has."""
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS:"))


def reader_stops(place):
    """A reader that stands still with 64 MiB to come costs the proxy nothing, and the others go on."""
    with Sway(place) as sway, proxy_for(place, sway) as proxy:
        terminal(place, sway, proxy.env)
        copy, _ = host_copy_bytes(place, sway, LIMIT)
        before = resident(proxy.process)
        sway.input.type("wl-paste -n | (head -c 1000 > some; touch waits; sleep 1000) &\n")
        wait_until(lambda: os.path.exists(os.path.join(place.home, "waits")), what="the reader that stops")
        # wl-copy serves one at a time: the others paste what the next one has.
        following, digest = host_copy_bytes(place, sway, LIMIT)
        pasted = run_typed(place, sway, "wl-paste -n -t text/plain | sha256sum", "pasted")
        check_equal(pasted.split()[0], digest, "what another pastes meanwhile")
        check_equal(proxy.process.poll(), None, "exit status of the proxy, which runs")
        grown = resident(proxy.process) - before
        check(grown < 4096, f"the proxy has grown by {grown} KiB")
        place.end(copy)
        place.end(following)


def owner_dies(place):
    """In the middle of a transfer, on either side: the reader has what came, and what is copied next is pasted."""
    slowly = "(head -c 1000 > /dev/null; touch reads; while [ ! -e died ]; do sleep 0.05; done; wc -c)"
    with Sway(place) as sway, proxy_for(place, sway) as proxy:
        terminal(place, sway, proxy.env)
        owner, _ = host_copy_bytes(place, sway, LIMIT)
        sway.input.type(f"wl-paste -n -t text/plain | {slowly} > count.part; mv count.part count\n")
        end_in_the_middle(place, owner, "count")
        host_copy(place, sway, text="after")
        check_equal(run_typed(place, sway, "wl-paste -n", "after"), "after", "what is pasted afterwards")

        run_typed(place, sway, "rm reads died", "clean")
        with open(os.path.join(place.home, "data"), "rb") as f:
            owner = place.spawn(["wl-copy", "-f", "-t", "text/plain"], env=proxy.env, stdin=f)
        wait_until(lambda: "text/plain" in host_paste(place, sway, "-l").split(),
                   what="the copy from inside")
        place.spawn(["sh", "-c", f"wl-paste -n -t text/plain | {slowly} > host.part; mv host.part host"], env=sway.env)
        end_in_the_middle(place, owner, "host")
        run_typed(place, sway, "wl-copy 'from inside'", "copied")
        wait_until(lambda: host_paste(place, sway) == "from inside", what="the next text on the host")


def end_in_the_middle(place, owner, result):
    wait_until(lambda: os.path.exists(os.path.join(place.home, "reads")), what="the reader")
    os.killpg(owner.pid, signal.SIGKILL)  # wl-copy, and the cat that it has write
    owner.wait()
    place.write("home/died", "")
    count = int(file_text(place, result))
    check(count < LIMIT - 1000, f"{count} bytes came after the first 1000 although their owner had died")


def pasted_and_copied(place, argv, at):
    """Pasting with ctrl+v what the host has copied, and copying with ctrl+c what the host pastes."""
    with Sway(place, (1280, 900)) as sway, proxy_for(place, sway) as proxy:
        place.spawn(argv, env=proxy.env)
        sway.wait_window()
        sway.settled_screenshot("window", still=0.5)
        host_copy(place, sway, text="from the host ")
        sway.input.click(*at)
        sway.input.key("ctrl+a")
        sway.input.key("ctrl+v")
        time.sleep(0.5)  # it is pasted once it has come
        sway.input.type("and back")
        sway.input.key("ctrl+a")
        sway.input.key("ctrl+c")
        wait_until(lambda: host_paste(place, sway) == "from the host and back", what="the text on the host")
        check_equal(place.log_text(proxy.process), "", "what the proxy refuses")


def gtk3_both_ways(place):
    pasted_and_copied(place, ["gtk3-demo", "--run=search_entry2"], (640, 450))


def gtk4_both_ways(place):
    pasted_and_copied(place, ["gtk4-demo", "--run=entry_undo"], (640, 465))


def qt_both_ways(place):
    pasted_and_copied(place, QT_WINDOW, (640, 848))


def image_from_gtk3(place):
    """An image that GTK 3 copies, from the menu of a picture of its demo, as the host has it."""
    with Sway(place, (1280, 900)) as sway, proxy_for(place, sway) as proxy:
        place.spawn(["gtk3-demo", "--run=clipboard"], env=proxy.env)
        sway.wait_windows(2)
        before = sway.settled_screenshot("window", still=0.5)
        sway.input.click(447, 536, "right")
        wait_until(lambda: sway.screenshot().difference(before) > 0.001, what="the menu")
        sway.input.key("Down")
        sway.input.key("Return")
        wait_until(lambda: "image/png" in host_paste(place, sway, "-l").split(), what="an image on the host")
        with open(os.path.join(place.home, "copied.png"), "wb") as f:
            place.spawn(["wl-paste", "-n", "-t", "image/png"], env=sway.env, stdout=f, wait=True)
        check(Image.read(os.path.join(place.home, "copied.png")).colours() > 10, "there is nothing in the image")


def image_into_gtk4(place):
    """An image of the host, pasted into a demo of GTK 4, is on the screen."""
    with Sway(place, (1280, 900)) as sway, proxy_for(place, sway) as proxy:
        place.spawn(["gtk4-demo", "--run=clipboard"], env=proxy.env)
        sway.wait_window()
        sway.settled_screenshot("window", still=0.5)
        path = os.path.join(place.home, "copied.png")
        Image(32, 32, b"\xff\x00\xfe" * 1024).write(path)
        with open(path, "rb") as f:
            place.spawn(["wl-copy", "-t", "image/png"], env=sway.env, stdin=f, wait=True)
        sway.input.click(49, 871)
        wait_until(lambda: b"\xff\x00\xfe" * 16 in sway.screenshot().pixels, what="the image")
        sway.screenshot("pasted")


def private_projects(place, arguments):
    """What is copied in one project is pasted there, and neither in another nor on the host."""
    flags = " ".join(arguments)
    with Sway(place) as sway, proxy_for(place, sway, "Clipboard=private\nPrimary=private") as one, \
            proxy_for(place, sway, "Clipboard=private\nPrimary=private", "second") as two:
        host_copy(place, sway, *arguments, text="of the host")
        first = terminal(place, sway, one.env)
        run_typed(place, sway, f"wl-copy {flags} 'of the first'", "copied")
        check_equal(run_typed(place, sway, f"wl-paste -n {flags}", "same"), "of the first",
                    "what the same client pastes")
        other = terminal(place, sway, one.env, "other")
        check_equal(run_typed(place, sway, f"wl-paste -n {flags}", "shared"), "of the first",
                    "what its neighbour pastes")
        terminal(place, sway, two.env, "stranger")
        pasted = run_typed(place, sway, f"wl-paste -n {flags}", "stranger")
        check("of the" not in pasted, f"the other project pastes {pasted!r}")
        check_equal(host_paste(place, sway, *arguments), "of the host", "the selection of the host")
        check(first.poll() is None and other.poll() is None, "a terminal has ended")


def denied(place, arguments):
    flags = " ".join(arguments)
    with Sway(place) as sway, proxy_for(place, sway, "Clipboard=deny\nPrimary=deny") as proxy:
        host_copy(place, sway, *arguments, text="secret")
        terminal(place, sway, proxy.env)
        check("secret" not in run_typed(place, sway, f"wl-paste -n {flags}", "pasted"), "it was read")
        run_typed(place, sway, f"wl-copy {flags} planted", "copied")
        check_equal(host_paste(place, sway, *arguments), "secret", "the selection of the host")


def allowed(place, arguments):
    """Without any input, both ways."""
    with Sway(place) as sway, proxy_for(place, sway, "Clipboard=allow\nPrimary=allow") as proxy:
        host_copy(place, sway, *arguments, text="of the host")
        terminal(place, sway, proxy.env)
        pasted = place.run(["wl-paste", "-n", *arguments], env=proxy.env, check=False)
        check_equal(pasted.stdout, "of the host", "what is pasted")
        place.spawn(["wl-copy", "-f", *arguments, "from inside"], env=proxy.env)
        wait_until(lambda: host_paste(place, sway, *arguments) == "from inside", what="the text on the host")
        check_equal(place.log_text(proxy.process), "", "what the proxy refuses")


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
         larger_than_allowed, exactly_the_limit, reader_stops, owner_dies, gtk3_both_ways, gtk4_both_ways, qt_both_ways,
         image_from_gtk3, image_into_gtk4, *primary_too(private_projects), *primary_too(denied), *primary_too(allowed),
         drag_allowed, drag_allowed_beside_private, drag_denied]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "grim", "foot", "gtk3-demo", "gtk4-demo", "wl-copy", "wl-paste"]))
