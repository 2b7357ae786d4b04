"""isolate audit: what was denied, kept and shown; and what a container can do to it."""
import glob
import json
import os
import sys
import time

from desktoptest import Product, Sway, check, check_equal, desktop_main, one_error_line, wait_until

PROJECT = "[Project]\nGate=never\nLinger=forever\n[Display]\nFullscreen=deny\nStealFocus=deny\n"
FILE_MAX = 512 * 1024


def state(place, name="audit"):
    return os.path.join(place.home, ".local/state/isolate/first", name)


def start(place, sway):
    product = Product(place, sway)
    product.project("first", PROJECT)
    return product


def denied(product, sway, *words, count=1):
    """foots that ask for the whole screen and are refused it."""
    apps = [product.spawn("run", "--project", "first", "--", "foot", "--fullscreen", *words, "sleep", "1000")
            for _ in range(count)]
    sway.wait_windows(count, 30)
    for app in apps:
        product.place.end(app)
    product.sh("first", "pkill -x foot; true")
    sway.wait_no_windows()


def counted(place):
    """One line for each kind of denial, with its number; what would allow it; the same after the end and from anywhere."""
    with Sway(place) as sway:
        product = start(place, sway)
        one_error_line(product.run("audit", "nosuch", check=False), 125, "no project")
        check_equal(product.run("audit", "first").stdout, "", "what is shown when nothing was denied")
        check_equal(product.json("audit", "first"), [], "the same as JSON")
        denied(product, sway, count=3)
        denied(product, sway, "--app-id=other")

        def lines():
            found = product.run("audit", "first").stdout.splitlines()
            return found if len(found) == 2 else None
        three, one = wait_until(lines, what="two lines")
        for line, words in ((three, ("3× foot: xdg_toplevel.set_fullscreen", "denied by Fullscreen", "Fullscreen=allow would allow it")),
                            (one, ("1× other: xdg_toplevel.set_fullscreen",))):
            for word in words:
                check(word in line, f"{word!r} is not in {line!r}")
        check(three.startswith(time.strftime("%Y-%m-")), f"it does not say when: {three!r}")
        product.run("stop", "first")
        check_equal(product.run("audit", "first").stdout.splitlines(), [three, one], "what is shown after the end")
        records = product.json("audit", "first")
        check_equal(sum(r["count"] for r in records), 4, "denials as JSON")
        check(all(r["key"] == "Fullscreen" and r["pid"] > 0 and r["time"] > 0 for r in records), f"records: {records}")
        check_equal(os.stat(state(place)).st_mode & 0o777, 0o600, "mode of the file")
        product.run("remove", "first", "--yes")
        check(not os.path.exists(state(place)), "it is there after the project was removed")


def last_words(place):
    """What was denied within the second before the end is kept."""
    with Sway(place) as sway:
        product = start(place, sway)
        product.spawn("run", "--project", "first", "--", "foot", "--fullscreen", "sleep", "1000")
        sway.wait_window()
        product.spawn("run", "--project", "first", "--", "foot", "--fullscreen", "--app-id=last", "sleep", "1000")
        sway.wait_windows(2)
        product.run("kill", "first")
        text = product.run("audit", "first").stdout
        check("last: xdg_toplevel.set_fullscreen" in text, f"isolate audit says {text!r}")


def followed(place):
    """-f shows what was, what comes, and what comes after the next start and a new file."""
    with Sway(place) as sway:
        product = start(place, sway)
        denied(product, sway)
        wait_until(lambda: product.json("audit", "first"), what="the first record")
        plain, data = product.spawn("audit", "first", "-f", name="plain"), product.spawn("audit", "first", "-f", "--json", name="json")
        wait_until(lambda: "foot" in place.log_text(plain), what="what was before")
        denied(product, sway, "--app-id=second")
        wait_until(lambda: "second" in place.log_text(plain), what="what comes")
        product.run("stop", "first")
        os.rename(state(place), state(place, "audit.1"))
        denied(product, sway, "--app-id=third")
        wait_until(lambda: "third" in place.log_text(plain), what="what comes from the next container")
        wait_until(lambda: "third" in place.log_text(data), what="the same as JSON")
        records = [json.loads(line) for line in place.log_text(data).splitlines()]
        check_equal([r["app"] for r in records], ["foot", "second", "third"], "records, each once")
        check(plain.poll() is None, "it has ended")


def names_of_programs(place):
    """What a program calls itself cannot begin a line, move the cursor, or look like a record."""
    with Sway(place) as sway:
        product = start(place, sway)
        evil = "a\033]2;x\007\u202eb'}>\n{'time': <int64 5>, 'app': <'planted'>, 'count': <uint32 7>}"
        denied(product, sway, "--app-id=" + evil)
        records = wait_until(lambda: product.json("audit", "first"), what="the record")
        check_equal(len(records), 1, "records")
        text = product.run("audit", "first").stdout
        check_equal(text.count("\n"), 1, "lines")
        check(text.strip().isprintable(), f"it is not printable: {text!r}")
        with open(state(place), encoding="utf-8") as f:
            check_equal(len(f.read().splitlines()), 1, "lines of the file")


def planted_files(place):
    """Whatever lies in the file's place is not followed, waited for, or believed."""
    with Sway(place) as sway:
        product = start(place, sway)
        os.makedirs(os.path.dirname(state(place)))
        target = place.write("home/target", "mine\n")
        os.symlink(target, state(place))
        denied(product, sway)
        time.sleep(1.5)
        with open(target, encoding="utf-8") as f:
            check_equal(f.read(), "mine\n", "what a link led to")
        check_equal(product.run("audit", "first").stdout, "", "what is shown of a link")
        product.run("stop", "first")
        os.unlink(state(place))
        os.mkfifo(state(place))
        check_equal(product.run("audit", "first").stdout, "", "what is shown of a pipe")
        denied(product, sway)
        product.run("stop", "first")
        os.unlink(state(place))
        with open(state(place), "wb") as f:
            f.write(b"garbage\n\xff\xfe\n{'app': <\n[1]\n{'app': <5>, 'count': <'x'>}\n" + b"x" * 100000 + b"\n" + b"{" * 3000 + b"\n")
        denied(product, sway)
        wait_until(lambda: "foot: xdg_toplevel.set_fullscreen" in product.run("audit", "first").stdout, what="the line behind it")


def bounded(place):
    """A file that is full is put away, once; there are never more than two."""
    with Sway(place) as sway:
        product = start(place, sway)
        record = "{'time': <int64 1700000000000000>, 'count': <uint32 1>, 'app': <'%s'>, 'allow': <'filler'>}\n"
        os.makedirs(os.path.dirname(state(place)))
        for turn in range(3):
            with open(state(place), "w", encoding="utf-8") as f:
                f.write(record % f"turn{turn}" * (FILE_MAX // len(record % "turn0")))
            denied(product, sway)
            wait_until(lambda: os.path.getsize(state(place)) < FILE_MAX // 2, what="a new file")
            product.run("stop", "first")
            sizes = {os.path.basename(p): os.path.getsize(p) for p in glob.glob(state(place) + "*")}
            check_equal(sorted(sizes), ["audit", "audit.1"], "files")
            check(all(size <= FILE_MAX for size in sizes.values()), f"sizes: {sizes}")
        text = product.run("audit", "first").stdout
        check("turn2" in text and "turn1" not in text and "foot" in text, f"isolate audit says {text[:500]!r}")


tests = [counted, last_words, followed, names_of_programs, planted_files, bounded]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "foot", "bwrap", "pkill"]))
