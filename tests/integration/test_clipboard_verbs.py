"""isolate clipboard push and pull, between real containers and the host."""
import os
import shutil
import signal
import sys
import time

from desktoptest import Product, Sway, check, check_equal, desktop_main, one_error_line, proc, wait_until

PROJECT = "[Project]\nGate=never\nLinger=forever\n[Display]\nClipboard={mode}\nPrimary={mode}\n"


def terminal(sway, product, project):
    """A quiet shell in a window of the project, focused. Returns a function that types a command and returns its output."""
    before = len(sway.windows())
    product.spawn("run", "--project", project, "--", "foot", "sh", name=project)
    window = [w for w in sway.wait_windows(before + 1) if w["app_id"] == f"isolate.{project}.foot"][-1]
    home, number = product.home(project), [0]

    def typed(command):
        number[0] += 1
        result = f"out-{window['id']}-{number[0]}"
        sway.command(f"[con_id={window['id']}] focus")
        sway.input.type(f"{{ {command}; }} > {result}.part 2>&1; mv {result}.part {result}\n")
        path = os.path.join(home, result)
        wait_until(lambda: os.path.exists(path), what=f"the end of {command}")
        with open(path, encoding="utf-8") as f:
            return f.read()
    typed.window = window["id"]
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
            second("true")
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
            check_equal(paste(place, sway, product, "shift+Insert" if flags else "ctrl+shift+v", "two"), "new on the host",
                        "what the second pastes when the host has something newer")
    test.__name__ = "primary" if flags else "clipboard"
    return test


def pulled_for_all(flags):
    """What was pulled into one window is pasted in another, opened later, when the first is gone and the host has something
    else."""
    def test(place):
        words = " ".join(flags)
        with Sway(place) as sway:
            product = Product(place, sway)
            product.project("second", PROJECT.format(mode="private"))
            host_copy(place, sway, "of the host", flags)
            old = terminal(sway, product, "second")
            old("true")
            product.run("clipboard", "pull", "second", *flags)
            host_copy(place, sway, "later on the host", flags)
            new = terminal(sway, product, "second")
            check_equal(new(f"wl-paste -n {words}"), "of the host", "what another window pastes")
            sway.command(f"[con_id={old.window}] kill")
            wait_until(lambda: len(sway.windows()) == 1, what="the end of the window that pulled")
            check_equal(new(f"wl-paste -n {words}; wl-paste -n {words}"), 2 * "of the host", "what is pasted at the end")
            # What is copied in the project takes its place.
            new(f"wl-copy {words} 'of the second'")
            check_equal(new(f"wl-paste -n {words}"), "of the second", "what is pasted after a copy")
    test.__name__ = "pulled_primary_for_all" if flags else "pulled_for_all"
    return test


def picture_pulled(place):
    """Bytes, in the middle of which nothing is lost; and what is larger than allowed is refused whole."""
    picture = os.urandom(1 << 20) * 16

    def host_copies(sway, data):
        path = place.write("picture", "")
        with open(path, "wb") as f:
            f.write(data)
        with open(path, "rb") as f:
            check_equal(place.spawn(["wl-copy", "-t", "image/png"], env=sway.env, stdin=f).wait(), 0, "wl-copy")
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("second", PROJECT.format(mode="private"))
        host_copies(sway, picture)
        typed = terminal(sway, product, "second")
        typed("true")
        product.run("clipboard", "pull", "second")
        host_copies(sway, 4 * picture + b"x")  # one more than 64 MiB
        typed("true")
        one_error_line(product.run("clipboard", "pull", "second", check=False), 125, "MaxClipboard")
        typed("wl-paste -t image/png > received")
        with open(os.path.join(product.home("second"), "received"), "rb") as f:
            check(f.read() == picture, "the picture differs")


def silent_host(place):
    """A program of the host that never answers: the one who pulls is told, and the project goes on with what it has."""
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("second", PROJECT.format(mode="private"))
        place.run(["wl-copy", "--clear"], env=sway.env)
        before = set(proc.descendants(os.getpid()))
        host_copy(place, sway, "never sent", [])
        owners = [p for p in proc.descendants(os.getpid()) if p not in before and proc.stat_fields(p)[0] == "wl-copy"]
        check(owners, "no wl-copy holds the text")
        typed = terminal(sway, product, "second")
        typed("wl-copy 'of the second'")
        for pid in owners:
            os.kill(pid, signal.SIGSTOP)
        pull = product.spawn("clipboard", "pull", "second", name="pull")
        check_equal(typed("wl-paste -n"), "of the second", "what is pasted during the pull")
        one_error_line(product.run("clipboard", "pull", "second", check=False), 125, "already")
        check_equal(pull.wait(60 * proc.PATIENCE), 125, "exit status of the pull")
        check("does not send it" in place.log_text(pull), f"the pull says {place.log_text(pull)!r}")
        check_equal(typed("wl-paste -n"), "of the second", "what is pasted after it")
        for pid in owners:
            os.kill(pid, signal.SIGKILL)
        host_copy(place, sway, "sent", [])
        typed("true")
        product.run("clipboard", "pull", "second")
        check_equal(typed("wl-paste -n"), "sent", "what is pasted once the host has one that answers")


def pulled_by_nobody_else(place):
    """A program inside has nothing to ask for a pull with, even if it has isolate."""
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("second", PROJECT.format(mode="private"))
        host_copy(place, sway, "of the host", [])
        typed = terminal(sway, product, "second")
        shutil.copy(place.built("isolate"), product.home("second"))
        said = typed("./isolate clipboard pull second; ls -R $XDG_RUNTIME_DIR")
        check("second is not running" in said, f"isolate inside says {said!r}")
        check("control" not in said.split(), f"the session's socket is inside: {said}")
        check("of the host" not in typed("wl-paste -n"), "a program inside has pulled")


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


tests = [push_and_pull([]), push_and_pull(["--primary"]), pulled_for_all([]), pulled_for_all(["--primary"]), picture_pulled,
         silent_host, pulled_by_nobody_else, errors]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "foot", "wl-copy", "wl-paste", "bwrap"]))
