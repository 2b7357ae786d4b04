"""isolate clipboard push and pull, between real containers and the host."""
import os
import sys
import time

from desktoptest import Product, Sway, check, check_equal, desktop_main, one_error_line, proc, wait_until

PROJECT = "[Project]\nGate=never\nLinger=forever\n[Display]\nClipboard={mode}\nPrimary={mode}\n"


def terminal(sway, product, project):
    """A quiet shell in a window of the project, focused. Returns a function that types a command and returns its output."""
    before = len(sway.windows())
    product.spawn("run", "--project", project, "--", "foot", "sh", name=project)
    window = [w for w in sway.wait_windows(before + 1) if w["app_id"] == f"isolate.{project}.foot"][0]
    home, number = product.home(project), [0]

    def typed(command):
        number[0] += 1
        result = f"out{number[0]}"
        sway.command(f"[con_id={window['id']}] focus")
        sway.input.type(f"{{ {command}; }} > {result}.part 2>&1; mv {result}.part {result}\n")
        path = os.path.join(home, result)
        wait_until(lambda: os.path.exists(path), what=f"the end of {command}")
        with open(path, encoding="utf-8") as f:
            return f.read()
    return typed


def paste(place, sway, product, keys, name):
    """What the terminal of the second pastes by its own keys."""
    sway.input.type(f"cat > {name}.part; mv {name}.part {name}\n")
    time.sleep(0.5 * proc.SLOWNESS)
    sway.input.key(keys)
    time.sleep(0.5 * proc.SLOWNESS)
    sway.input.key("Return")
    sway.input.key("ctrl+d")
    path = os.path.join(product.home("second"), name)
    wait_until(lambda: os.path.exists(path), what="the end of cat")
    with open(path, encoding="utf-8") as f:
        return f.read().strip()


def host_copy(place, sway, text, flags):
    check_equal(place.spawn(["wl-copy", *flags, text], env=sway.env).wait(), 0, "exit status of wl-copy")


def host_paste(place, sway, flags):
    return place.run(["wl-paste", "-n", *flags], env=sway.env, check=False).stdout


def push_and_pull(flags):
    """Text copied in one project is in neither the other nor on the host until it is pushed; pull is for once."""
    def test(place):
        words = " ".join(flags)
        with Sway(place) as sway:
            product = Product(place, sway)
            for name in ("first", "second"):
                product.project(name, PROJECT.format(mode="private"))
            host_copy(place, sway, "of the host", flags)
            first, second = terminal(sway, product, "first"), terminal(sway, product, "second")
            first(f"wl-copy {words} 'of the first'")
            check_equal(first(f"wl-paste -n {words}"), "of the first", "what the first pastes")
            check("of the" not in second(f"wl-paste -n {words}"), "the second can paste")
            check_equal(host_paste(place, sway, flags), "of the host", "what the host pastes before the push")
            product.run("clipboard", "push", "first", *flags)
            check_equal(host_paste(place, sway, flags), "of the first", "what the host pastes after the push")
            check("of the" not in second(f"wl-paste -n {words}"), "the second can paste what was pushed")
            # What is copied afterwards stays in.
            first(f"wl-copy {words} 'later in the first'")
            check("later" not in host_paste(place, sway, flags), "what was copied after the push is on the host")
            product.run("clipboard", "pull", "second", *flags)
            host_copy(place, sway, "new on the host", flags)
            check("later" not in second(f"wl-paste -n {words}"), "the second has what was not pushed")
            second("true")
            product.run("clipboard", "pull", "second", *flags)
            check_equal(paste(place, sway, product, "shift+Insert" if flags else "ctrl+shift+v", "one"), "new on the host",
                        "what the second pastes after the pull")
            check_equal(first(f"wl-paste -n {words}"), "later in the first", "what the first pastes at the end")
            host_copy(place, sway, "newer on the host", flags)
            second("true")
            check("newer" not in paste(place, sway, product, "shift+Insert" if flags else "ctrl+shift+v", "two"),
                  "a pull is for more than once")
    test.__name__ = "primary" if flags else "clipboard"
    return test


def errors(place):
    """One line each that says what is wrong."""
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", PROJECT.format(mode="guarded"))
        one_error_line(product.run("clipboard", "push", "first", check=False), 125, "not running")
        one_error_line(product.run("clipboard", "shove", "first", check=False), 125, "push or pull", "shove")
        one_error_line(product.run("clipboard", "push", "../x", check=False), 125, "../x")
        one_error_line(product.run("clipboard", "push", check=False), 125, "push|pull NAME")
        typed = terminal(sway, product, "first")
        typed("wl-copy text")
        # Under another mode there is nothing that could be moved.
        one_error_line(product.run("clipboard", "push", "first", check=False), 125, "private")
        product.run("stop", "first")
        product.project("first", PROJECT.format(mode="private"))
        product.run("start", "first")
        one_error_line(product.run("clipboard", "push", "first", check=False), 125, "nothing")
        product.run("stop", "first")
        product.project("first", "[Project]\nGate=never\nLinger=forever\n[Display]\nWayland=no\n")
        product.run("start", "first")
        one_error_line(product.run("clipboard", "push", "first", check=False), 125, "no display")


tests = [push_and_pull([]), push_and_pull(["--primary"]), errors]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "foot", "wl-copy", "wl-paste", "bwrap"]))
