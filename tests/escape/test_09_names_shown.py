"""09. ESC, control and bidirectional characters in anything that a container named, or wrote, are harmless wherever isolate
shows it: ps, top, status, list, logs, du, cp, errors. (What windows are called, in audit and in questions: test_audit.py,
test_ask.py; branches in `git fetch`: test_guard.py.)"""
import os
import subprocess
import sys
import unicodedata

from desktoptest import check, check_equal, desktop_main, wait_until
from escapetest import HERE, Box, Terminal

sys.path.insert(0, os.path.join(HERE, "inside"))

VERBS = (["ps", "first"], ["ps"], ["top", "--once"], ["status", "first"], ["list"], ["logs", "first"], ["logs", "first", "-n", "5"],
         ["du", "first"], ["du"], ["audit", "first"], ["apps", "first"], ["explain", "first"])
JSON = (["ps", "first"], ["ps"], ["top", "--once"], ["status", "first"], ["list"], ["logs", "first"], ["du"])


def harmful(text):
    """Characters of text that act on a terminal, or on how the rest of a line reads."""
    return sorted({hex(ord(c)) for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")})


def check_harmless(output, where):
    text = output.decode("utf-8")  # which fails where it is none
    check(not harmful(text), f"{where} shows {harmful(text)}: {text!r}")
    # Nothing got a line of its own.
    check(not any(line.strip().startswith("9999 isolate-init") for line in text.splitlines()), f"{where}: {text!r}")
    return text


def raw(box, *words):
    """What a verb prints, both ways, as bytes."""
    done = subprocess.run([box.product.command, *words], env=box.product.env, stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    return done.stdout


def prepared(place):
    box = Box(place)
    box.product.run("run", "--project", box.name, "--detach", "--", *box.words("hostile.py", place.home))
    wait_until(lambda: os.path.isdir(os.path.join(box.home, "ready")), what="the hostile program")
    wait_until(lambda: box.product.run("ps", box.name).stdout.count("sleep(60") == 2, what="its processes")
    return box


def verbs(place):
    box = prepared(place)
    for words in VERBS:
        text = check_harmless(raw(box, *words), " ".join(words))
        if words[0] in ("ps", "logs"):
            check("evil" in text, f"the control: {words} shows nothing that the container named: {text!r}")
    for words in JSON:
        found = [c for c in raw(box, *words, "--json").decode("utf-8") if c != "\n" and unicodedata.category(c) == "Cc"]
        check(not found, f"{words} --json has control characters: {found}")
        box.product.json(*words)


def on_a_terminal(place):
    """Where more is shown, such as how far a copy is; the terminal's own line ends apart."""
    box = prepared(place)
    for words in (["ps"], ["logs", "first"], ["du", "first"], ["cp", "first:hostile", os.path.join(place.path, "copy")]):
        text = Terminal(place, [box.product.command, *words], env=box.product.env).rest()
        # How far it is stands in a line of isolate's own, which it clears.
        shown = text.replace("\r\n", "\n").replace("\r", "").replace("\033[K", "")
        check(not harmful(shown), f"{words} on a terminal shows {harmful(shown)}: {shown!r}")


def copies_and_errors(place):
    import hostile
    box = prepared(place)
    name = hostile.NAME
    for words in (["cp", b"first:hostile", os.path.join(place.path, "one")],
                  ["cp", b"first:hostile/" + name + b"-closed", os.path.join(place.path, "two")],
                  ["cp", b"first:hostile/" + name + b"-shut", os.path.join(place.path, "three")],
                  ["cp", b"first:hostile/" + name + b"link", os.path.join(place.path, "four")],
                  ["cp", b"first:hostile/" + name + b"fifo", os.path.join(place.path, "five")],
                  ["cp", b"first:hostile/nothing" + name, os.path.join(place.path, "six")],
                  ["cp", place.path + "/nothing", b"first:hostile/" + name],
                  ["cp", b"first:hostile/\033[31mso", os.path.join(place.path, "seven")],
                  ["run", "--project", "first", "--no-tty", "--", b"./" + name],
                  ["run", "--project", "first", "--no-tty", "--", name],
                  ["run", "--project", "first", "--no-tty", "--cwd", b"/home/" + name, "--", "true"],
                  ["shell", "first", name], ["ps", name], ["logs", name], ["status", b"first" + name], [name]):
        check_harmless(raw(box, *words), repr(words))
    box.stop()
    # A folder that cannot be entered, with such a name, in what is removed and cloned.
    for words in (["clone", "first", "second"], ["reset", "home", "first", "--yes"], ["remove", "second", "--yes"]):
        check_harmless(raw(box, *words), repr(words))


def the_file_itself(place):
    """What a person sees who reads the log without isolate."""
    box = prepared(place)
    box.stop()
    state = os.path.join(place.home, ".local/state/isolate/first")
    shown = 0
    for name in ("output", "session.log", "audit"):
        path = os.path.join(state, name)
        if os.path.exists(path):
            with open(path, "rb") as f:
                shown += "evil" in check_harmless(f.read(), path)
    check_equal(shown, 1, "files with what it wrote")


desktop_main(verbs, on_a_terminal, copies_and_errors, the_file_itself, needs=["bwrap"])
