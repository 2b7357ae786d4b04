"""Questions to a person: a real notification service, each key that takes ask, each answer, and what a container can do to
all of it."""
import json
import os
import sys
import time

from desktoptest import Product, Sway, check, check_equal, desktop_main, wait_until

PROJECT = "[Project]\nGate=never\nLinger=forever\n[Display]\n{display}\n"
GRAB_KEYS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "apps/grab-keys.py")
SHORTCUT = "bindsym Mod4+x exec echo taken >> {home}/shortcuts\n"
TIMEOUT = 30  # of a question


class Desktop:
    """A project on sway, and mako, which shows what it asks."""

    def __init__(self, place, sway, display="", mako=True):
        self.place, self.sway = place, sway
        place.start_session_bus()
        self.mako = self.start_mako() if mako else None
        self.product = Product(place, sway)
        self.product.project("first", PROJECT.format(display=display))

    def start_mako(self):
        mako = self.place.spawn(["mako"], env=self.sway.env)
        wait_until(lambda: self.place.run(["makoctl", "list"], check=False).returncode == 0, what="mako")
        return mako

    def prompts(self):
        """id → (summary, body, actions) of the questions that mako shows; isolate's errors have no actions."""
        listed = json.loads(self.place.run(["makoctl", "list"]).stdout)["data"]
        return {one["id"]["data"]: (one["summary"]["data"], one["body"]["data"], one["actions"]["data"])
                for group in listed for one in group if one["actions"]["data"]}

    def prompt(self, *words):
        """The number of the one prompt there is, which says these words."""
        found = wait_until(self.prompts, what="a prompt")
        check_equal(len(found), 1, f"prompts, {found}")
        number, (summary, body, actions) = next(iter(found.items()))
        for word in words:
            check(word in summary + "\n" + body, f"the prompt does not say {word!r}: {summary!r} {body!r}")
        check_equal(actions, {"once": "Allow once", "always": "Always", "no": "Deny"}, "actions")
        return number

    def answer(self, number, action):
        self.place.run(["makoctl", "invoke", "-n", str(number), action])
        self.wait_quiet()

    def wait_quiet(self, seconds=10):
        wait_until(lambda: not self.prompts(), seconds, "the prompt to go")
        wait_until(lambda: not self.product.processes("isolate-ask"), what="isolate-ask to end")

    def no_prompt(self, what):
        time.sleep(1)
        check_equal(self.prompts(), {}, f"prompts, {what}")

    def audit(self, *words):
        """Waits for one line with all these words."""
        def look():
            return [line for line in self.product.run("audit", "first").stdout.splitlines()
                    if all(word in line for word in words)]
        return wait_until(look, what=f"a line of isolate audit with {words}")

    def reader(self, name, count=1000):
        """A foot of the project that writes what is typed or pasted to a file; returns a function that reads it."""
        before = len(self.sway.windows())
        self.product.spawn("run", "--project", "first", "--", "foot", "sh", "-c",
                           f"stty -icanon -echo; dd bs=1 count={count} of={name} status=none; sleep 1000", name=name)
        self.sway.wait_windows(before + 1)
        path = os.path.join(self.product.home("first"), name)
        wait_until(lambda: os.path.exists(path), what="the program in the terminal")

        def read():
            with open(path, encoding="utf-8") as f:
                return f.read()[1:]
        # A key that arrives says that the window has the keyboard, and with it knows of what was copied.
        self.sway.input.type(".")
        wait_until(lambda: os.path.getsize(path) == 1, what="the first key in the terminal")
        return read


def host_copy(place, sway, text, *options):
    check_equal(place.spawn(["wl-copy", *options, text], env=sway.env).wait(), 0, "exit status of wl-copy")


def paste(key, options, keys):
    """Refused at once and asked; once is for this program, always for all of the project, and no is not asked again."""
    def test(place):
        with Sway(place) as sway:
            desktop = Desktop(place, sway, f"{key}=ask")
            host_copy(place, sway, "secret", *options)
            read = desktop.reader("one")
            sway.input.key(keys)
            number = desktop.prompt("Let first read the", "isolate.first.foot wants")
            # Nothing is held: the terminal goes on, with what is typed meanwhile.
            sway.input.type("abc")
            wait_until(lambda: read() == "abc", what="what was typed while the question is open")
            desktop.audit("foot", "receive", f"denied by {key}", f"{key}=allow")
            desktop.answer(number, "once")
            sway.input.key(keys)
            wait_until(lambda: read() == "abcsecret", what="the text that was pasted")
            desktop.no_prompt("after Allow once, to the same program")
            read = desktop.reader("two")
            sway.input.key(keys)
            desktop.answer(desktop.prompt(), "no")
            sway.input.key(keys)
            desktop.no_prompt("after Deny")
            check_equal(read(), "", "what was pasted after Deny")
            # A no counts for a while for programs that come later too: the next start knows nothing of it.
            desktop.product.run("stop", "first")
            sway.wait_no_windows()
            read = desktop.reader("three")
            sway.input.key(keys)
            desktop.answer(desktop.prompt(), "always")
            sway.input.key(keys)
            wait_until(lambda: read() == "secret", what="the text after Always")
            read = desktop.reader("four")
            sway.input.key(keys)
            wait_until(lambda: read() == "secret", what="the text in another program after Always")
            desktop.no_prompt("after Always")
    test.__name__ = key.lower()
    return test


def ring(desktop, name, count=1, now=True):
    """foots that ring a bell in a window without focus when the file of this name is there. Returns their windows."""
    product, sway = desktop.product, desktop.sway
    os.makedirs(os.path.join(product.home("first"), ".config/foot"), exist_ok=True)
    with open(os.path.join(product.home("first"), ".config/foot/foot.ini"), "w", encoding="utf-8") as f:
        f.write("[bell]\nurgent=yes\n")
    before = {w["id"] for w in sway.windows()}
    for _ in range(count):
        product.spawn("run", "--project", "first", "--", "foot", "sh", "-c",
                      f"while [ ! -e {name} ]; do sleep 0.1; done; printf '\\a'; sleep 1000", name="ringing")
    windows = [w for w in sway.wait_windows(len(before) + count, 40) if w["id"] not in before]
    desktop.place.spawn(["foot", "sleep", "1000"], env=sway.env, name="focused")
    sway.wait_windows(len(before) + count + 1)
    # What was typed or clicked lately makes an activation one that nobody needs to be asked about.
    if now:
        with open(os.path.join(product.home("first"), name), "w", encoding="utf-8"):
            pass
    return windows


def stealfocus(place):
    """The default is to ask."""
    with Sway(place) as sway:
        desktop = Desktop(place, sway)
        desktop.product.run("start", "first")
        for action, raised in (("no", False), ("once", True)):
            window = ring(desktop, action)[0]

            def is_raised():
                return [w["urgent"] or w["focused"] for w in sway.windows() if w["id"] == window["id"]][0]
            number = desktop.prompt("Let first come to the front?", "isolate.first.foot wants to raise its window")
            check(not is_raised(), "it is raised before the answer")
            desktop.answer(number, action)
            if raised:
                wait_until(is_raised, what="the window to be urgent")
            else:
                time.sleep(0.5)
                check(not is_raised(), "it is raised after Deny")
                desktop.product.run("restart", "first")


def inhibitshortcuts(place):
    """A GTK program that takes the shortcuts of the desktop: those of sway work until the person says yes."""
    with Sway(place, config=SHORTCUT.format(home=place.home)) as sway:
        desktop = Desktop(place, sway)
        taken = os.path.join(place.home, "shortcuts")

        def count():
            return len(open(taken, encoding="utf-8").readlines()) if os.path.exists(taken) else 0
        for number, (action, inside) in enumerate((("no", False), ("once", True))):
            with open(GRAB_KEYS, encoding="utf-8") as script:
                app = desktop.product.spawn("run", "--project", "first", "--", "/usr/bin/python3", "-c", script.read(),
                                            name="grab-keys")
            sway.wait_window(name="Grab keys")
            prompt = desktop.prompt("Let first have the desktop's keys?", "isolate.first.grab-keys wants")
            check("grab success" in place.log_text(app), "the program was held up")
            before = count()
            sway.input.key("logo+x")
            wait_until(lambda: count() == before + 1, what="the desktop's shortcut while the question is open")
            desktop.answer(prompt, action)
            time.sleep(0.3)
            sway.input.key("logo+x")
            if inside:
                wait_until(lambda: "key x" in place.log_text(app), what="the key in the program")
                check_equal(count(), before + 1, "shortcuts of the desktop after Allow")
            else:
                wait_until(lambda: count() == before + 2, what="the desktop's shortcut after Deny")
            place.end(app)
            desktop.product.run("stop", "first")
            sway.wait_no_windows()


def timed_out(place):
    """No answer is no: the prompt goes by itself, and the program gets nothing then either."""
    with Sway(place) as sway:
        desktop = Desktop(place, sway, "Clipboard=ask")
        host_copy(place, sway, "secret")
        read = desktop.reader("one")
        start = time.monotonic()
        sway.input.key("ctrl+shift+v")
        desktop.prompt()
        desktop.wait_quiet(TIMEOUT + 10)
        took = time.monotonic() - start
        check(took > TIMEOUT - 2, f"the prompt went after {took:.0f} s")
        sway.input.key("ctrl+shift+v")
        desktop.no_prompt("after the time was over")
        check_equal(read(), "", "what was pasted")


def closed(place):
    """To close the notification is no."""
    with Sway(place) as sway:
        desktop = Desktop(place, sway, "Clipboard=ask")
        host_copy(place, sway, "secret")
        read = desktop.reader("one")
        sway.input.key("ctrl+shift+v")
        desktop.prompt()
        place.run(["makoctl", "dismiss", "--all"])
        desktop.wait_quiet()
        sway.input.key("ctrl+shift+v")
        desktop.no_prompt("after the notification was closed")
        check_equal(read(), "", "what was pasted")


def no_service(place):
    """Nobody to ask: it is refused, and one line says why. A service that comes later is asked."""
    with Sway(place) as sway:
        desktop = Desktop(place, sway, "Clipboard=ask\nPrimary=ask", mako=False)
        host_copy(place, sway, "secret")
        host_copy(place, sway, "secret", "--primary")
        read = desktop.reader("one")
        sway.input.key("ctrl+shift+v")
        lines = desktop.audit("isolate.first.foot: asked about Clipboard; denied, since")
        check_equal(len(lines), 1, f"lines about it, {lines}")
        check("org.freedesktop.Notifications" in lines[0] or "notification service" in lines[0], f"it says {lines}")
        check_equal(read(), "", "what was pasted")
        desktop.start_mako()
        desktop.reader("two")
        sway.input.key("shift+Insert")  # another question: the first has had its answer for a while
        desktop.prompt()


def service_ends(place):
    with Sway(place) as sway:
        desktop = Desktop(place, sway, "Clipboard=ask")
        host_copy(place, sway, "secret")
        read = desktop.reader("one")
        sway.input.key("ctrl+shift+v")
        desktop.prompt()
        desktop.mako.kill()
        desktop.audit("isolate.first.foot: asked about Clipboard; denied, since the notification service has ended")
        wait_until(lambda: not desktop.product.processes("isolate-ask"), what="isolate-ask to end")
        sway.input.type("on")
        wait_until(lambda: read() == "on", what="what is typed after it")


def container_ends(place):
    """A prompt goes with its container, also when that ends by force, and with the proxy."""
    with Sway(place) as sway:
        desktop = Desktop(place, sway, "Clipboard=ask")
        host_copy(place, sway, "secret")

        def stop():
            desktop.product.run("stop", "first")

        def kill():
            os.kill(desktop.product.session_of("first"), 9)

        def kill_proxy():
            os.kill(desktop.product.processes("isolate-wlproxy")[0], 9)
        for end in (stop, kill, kill_proxy):
            desktop.reader(end.__name__)
            sway.input.key("ctrl+shift+v")
            desktop.prompt()
            end()
            desktop.wait_quiet()
            desktop.product.run("stop", "first")
            sway.wait_no_windows()
            desktop.product.wait_gone()


def flood(place):
    """Many programs that ask at once, again and again: a few prompts are open at a time, and after some that were refused
    there are none for a while. Every refusal is kept."""
    with Sway(place) as sway:
        desktop = Desktop(place, sway)
        desktop.product.run("start", "first")
        shown = set()
        # All are there before the first no, which counts for those that come later.
        for turn in range(3):
            ring(desktop, f"turn-{turn}", 10, now=False)
        for turn in range(3):
            with open(os.path.join(desktop.product.home("first"), f"turn-{turn}"), "w", encoding="utf-8"):
                pass
            if turn < 2:
                wait_until(lambda: len(desktop.prompts()) == 3, what="three prompts")
            time.sleep(1)
            prompts = desktop.prompts()
            check(len(prompts) <= 3, f"{len(prompts)} prompts are open")
            shown |= set(prompts)
            for number in prompts:
                place.run(["makoctl", "invoke", "-n", str(number), "no"])
            desktop.wait_quiet()
        check_equal(len(shown), 6, "prompts of thirty programs")
        desktop.audit("isolate.first.foot: asked about StealFocus; denied, since too many questions")
        check_equal(len(desktop.product.processes("isolate-session")), 1, "sessions")


tests = [paste("Clipboard", [], "ctrl+shift+v"), paste("Primary", ["--primary"], "shift+Insert"), stealfocus, inhibitshortcuts,
         timed_out, closed, no_service, service_ends, container_ends, flood]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "grim", "foot", "wl-copy", "mako", "makoctl", "dbus-daemon", "bwrap"]))
