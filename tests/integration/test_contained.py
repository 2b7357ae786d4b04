"""Applications in containers: they start with what a container has, browsers with their own sandbox, and are used."""
import contextlib
import sys

from apps.programs import PROGRAM, wait_title
from desktoptest import Product, Sway, check, check_equal, desktop_main
from desktoptest.proc import command_line, descendants

PROJECT = """[Project]
Gate=never
[Files]
Share=~/work
[Security]
NestedSandbox={nested}
"""
SIZE = (1280, 900)


@contextlib.contextmanager
def contained(place, program, nested="no"):
    """The program in project first, without a network, ready."""
    place.write("home/work/.keep", "")
    with Sway(place, SIZE) as sway:
        product = Product(place, sway)
        product.project("first", PROJECT.format(nested=nested))
        environment = [f"{n}={v}" for n, v in program.env.items()]
        client = product.spawn("run", "--project", "first", "--", "env", *environment, *program.argv(place),
                               name=program.name)
        try:
            wait_title(sway, program.title, f"a window of {program.name}", 60)
            check(all(w["app_id"].startswith("isolate.first.") for w in sway.windows()),
                  f"app_id {[w['app_id'] for w in sway.windows()]}")
            yield sway, product, client
            check_equal(client.poll(), None, f"exit status of {program.name}, which runs")
        finally:
            sway.screenshot(program.name)
        product.run("stop", "first")


def used(name, nested="no"):
    program = PROGRAM[name]

    def test(place):
        with contained(place, program, nested) as (sway, product, client):
            sway.settled_screenshot(program.name + "-ready", 60, program.is_drawn)
            program.use(place, sway, client)
            if name == "chromium":
                has_its_own_sandbox(product)
    test.__name__ = name
    return test


def pid_namespaces(pid):
    """How deep its pid namespace is."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        status = dict(line.split(":", 1) for line in f)
    return len(status["NSpid"].split())


def has_its_own_sandbox(product):
    """Pages are drawn by processes in a namespace further down than the browser's."""
    inside = {p: " ".join(command_line(p)) for p in descendants(product.session_of("first"))}
    chromium = {p: words for p, words in inside.items() if words.startswith("/usr/lib/chromium/chromium")}
    browser = [p for p, words in chromium.items() if "--type=" not in words]
    renderers = [p for p, words in chromium.items() if "--type=renderer" in words]
    check(browser and renderers, f"no browser or no renderer in {inside}")
    outer = min(pid_namespaces(p) for p in browser)
    check(all(pid_namespaces(p) > outer for p in renderers), "chromium's renderers are not in its sandbox")


tests = [used("foot"), used("gtk4-demo"), used("writer"), used("mpv"), used("firefox", "yes"), used("chromium", "yes")]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "grim", "bwrap", "foot", "gtk4-demo", "soffice", "mpv", "firefox-esr",
                                         "chromium"]))
