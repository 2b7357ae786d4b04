"""What keys of [Display] do to real programs: panels, full screen, titles, focus, limits."""
import os
import sys
import time

from desktoptest import QUIET, Product, Proxy, Sway, check, check_equal, desktop_main, wait_until


def proxy_for(place, sway, display=""):
    return Proxy(place, sway, f"[Project]\nName=first\n[Display]\n{display}\n")


def foot(place, proxy, script, *options, name="foot"):
    return place.spawn(["foot", *options, "sh", "-c", script], env=proxy.env, name=name)


def panel_allowed(place):
    """wofi is a panel: with AllowGlobals it covers the screen, and takes what is typed."""
    with Sway(place) as sway, proxy_for(place, sway, "AllowGlobals=zwlr_layer_shell_v1") as proxy:
        empty = sway.settled_screenshot("empty", ready=lambda image: True)
        with open(os.path.join(place.home, "choices"), "w", encoding="utf-8") as f:
            f.write("apple\nbanana\ncherry\n")
        with open(os.path.join(place.home, "choices"), "rb") as choices:
            wofi = place.spawn(["wofi", "--dmenu"], env=proxy.env, stdin=choices)
        wait_until(lambda: sway.screenshot().difference(empty) > 0.01, what="wofi on the screen")
        shown = sway.settled_screenshot("wofi")
        sway.input.type("ban")
        # It filters some time after a key: a line that came at once would pick what was first before.
        wait_until(lambda: sway.screenshot().difference(shown) > 0.0005, what="the choice of wofi")
        sway.settled_screenshot("chosen")
        sway.input.type("\n")
        wait_until(lambda: wofi.poll() is not None, what="wofi to end")
        check("banana" in place.log_text(wofi), f"wofi says {place.log_text(wofi)!r}")


def panel_hidden(place):
    """Without it, wofi is at most a window like any other, under the project's name."""
    with Sway(place) as sway, proxy_for(place, sway) as proxy:
        wofi = place.spawn(["wofi", "--dmenu"], env=proxy.env)
        wait_until(lambda: wofi.poll() is not None or sway.windows(), what="wofi to give up or to be a window")
        time.sleep(0.5)
        check(all(w["app_id"] == "isolate.first.wofi" for w in sway.windows()), "wofi is something else")
        check(not any(output.get("layer_shell_surfaces") for output in sway.ipc(3)), "wofi is a panel")


def panel_in_containers(place):
    """The same from inside: a project that is allowed panels has wofi cover the screen, a plain one does not."""
    choose = ["sh", "-c", "printf 'apple\\nbanana\\n' | wofi --dmenu"]
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("panels", QUIET + "[Display]\nAllowGlobals=zwlr_layer_shell_v1\n")
        product.project("plain", QUIET)
        empty = sway.settled_screenshot("empty", ready=lambda image: True)
        wofi = product.spawn("run", "--project", "plain", "--", *choose, name="plain")
        wait_until(lambda: wofi.poll() is not None or sway.windows(), what="wofi of the plain project")
        check(all(w["app_id"] == "isolate.plain.wofi" for w in sway.windows()), "a panel of the plain project")
        product.run("kill", "plain")
        wait_until(lambda: sway.screenshot().difference(empty) == 0, what="an empty screen")
        wofi = product.spawn("run", "--project", "panels", "--", *choose, name="panels")
        wait_until(lambda: sway.screenshot().difference(empty) > 0.01, what="wofi on the screen")
        check_equal(sway.windows(), [], "windows: a panel is none")
        sway.settled_screenshot("panel-in-container")
        sway.input.type("\n")
        check_equal(wofi.wait(20), 0, "status of wofi")
        check("apple" in place.log_text(wofi), f"wofi says {place.log_text(wofi)!r}")


def fullscreen(place, display, expected):
    with Sway(place) as sway, proxy_for(place, sway, display) as proxy:
        window = foot(place, proxy, "sleep 1000", "--fullscreen")
        sway.wait_window(app_id="isolate.first.foot")
        sway.settled_screenshot("foot")
        check_equal(sway.wait_window()["fullscreen_mode"], expected, "fullscreen_mode")
        # A refusal is no loss: the window still takes another size, and input.
        check_equal(window.poll(), None, "exit status of foot, which runs")


def fullscreen_allowed(place):
    fullscreen(place, "", 1)


def fullscreen_denied(place):
    fullscreen(place, "Fullscreen=deny", 0)


def title(place):
    """The prefix is there before the program says anything, and what acts on a line of text is not."""
    with Sway(place) as sway, proxy_for(place, sway, "TitlePrefix=[first] ") as proxy:
        foot(place, proxy, r"printf '\033]2;a\342\200\256b \342\200\217c\007'; sleep 1000")
        wait_until(lambda: [w["name"] for w in sway.windows()] == ["[first] ab c"], what="the title")


def bell(place, display, urgent):
    """foot asks to be activated when the bell rings in a window without focus."""
    with Sway(place) as sway, proxy_for(place, sway, display) as proxy:
        config = place.write("home/.config/foot/foot.ini", "[bell]\nurgent=yes\n")
        foot(place, proxy, "while [ ! -e ring ]; do sleep 0.1; done; printf '\\a'; touch rang; sleep 1000", "-c", config,
             name="ringing")
        ringing = sway.wait_window()
        foot(place, proxy, "sleep 1000", name="focused")
        sway.wait_windows(2)
        with open(os.path.join(place.home, "ring"), "w", encoding="utf-8"):
            pass
        wait_until(lambda: os.path.exists(os.path.join(place.home, "rang")), what="the bell")

        def is_urgent():
            return [w["urgent"] or w["focused"] for w in sway.windows() if w["id"] == ringing["id"]][0]
        if urgent:
            wait_until(is_urgent, what="the window that rings to be urgent")
        else:
            wait_until(lambda: "StealFocus=allow" in place.log_text(proxy.process), what="the line about the refusal")
            time.sleep(0.5)
            check(not is_urgent(), "the window that rings is urgent or has the focus")


def activation_allowed(place):
    bell(place, "StealFocus=allow", True)


def activation_denied(place):
    bell(place, "StealFocus=deny", False)


def clients_limited(place):
    """What is over MaxClients is refused; those that are there go on, and room that is made can be used."""
    with Sway(place) as sway, proxy_for(place, sway, "MaxClients=2") as proxy:
        first = foot(place, proxy, "sleep 1000")
        second = foot(place, proxy, "sleep 1000")
        sway.wait_windows(2)
        third = place.run(["wayland-info"], env=proxy.env, check=False)
        check("xdg_wm_base" not in third.stdout, "the third client was let in")
        check(first.poll() is None and second.poll() is None, "a client has ended")
        place.end(second)
        wait_until(lambda: "xdg_wm_base" in place.run(["wayland-info"], env=proxy.env, check=False).stdout,
                   what="the place of the second")


tests = [panel_allowed, panel_hidden, panel_in_containers, fullscreen_allowed, fullscreen_denied, title, activation_allowed,
         activation_denied, clients_limited]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "grim", "foot", "wofi", "wayland-info"]))
