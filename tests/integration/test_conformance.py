"""Real applications through isolate-wlproxy on real compositors: they look the same as without it, and work."""
import contextlib
import os
import re
import socket
import struct
import sys

from desktoptest import (PERMISSIVE, NestedWeston, Proxy, Sway, Weston, check, check_equal, desktop_main, wait_until)

POLICY = """[Project]
Name=first
[Display]
{display}
[App foot]
WindowClass=foot
[App flower]
WindowClass=org.freedesktop.weston.flower
"""
PLAIN = POLICY.format(display="")

QT_WINDOW = ["/usr/bin/python3", os.path.join(os.path.dirname(os.path.abspath(__file__)), "apps/qt-window.py")]
# Sizes in pixels: a compositor in a window of another has no true size of its screen.
FOOT = ["foot", "--override=dpi-aware=no", "--font=monospace:pixelsize=20", "sh", "-c",
        r"printf '\033[31mred\033[0m \033[1mbold\033[0m äöü €\n'; exec sleep 1000"]

# What no client may see, unless its policy names it: one name at least of each family that the design hides.
HIDDEN = re.compile(
    r"screencopy|image_copy_capture|image_capture_source|export_dmabuf|zkde_screencast|weston_capture|"
    r"weston_screenshooter|weston_debug|data_control|virtual_keyboard|virtual_pointer|fake_input|pointer_warp|"
    r"input_method|input_panel|session_lock|input_inhibit|layer_shell|plasma|gtk_shell|foreign_toplevel|workspace|"
    r"output_manager_v1|output_power|output_management|gamma_control|drm_lease|security_context|transient_seat|"
    r"idle_notify|kwin_idle|xwayland|xdg_session|wl_drm|desktop_shell|fullscreen_shell|content_protection|"
    r"touch_calibration|server_decoration_palette|ivi|linux_dmabuf|explicit_synchronization")
ALLOWED_THOUGH_MATCHING = {"zxdg_output_manager_v1"}
NEEDED = {"wl_compositor", "wl_subcompositor", "wl_shm", "wl_output", "xdg_wm_base", "wl_data_device_manager"}


def picture(place, compositor, argv, policy, name):
    """The settled picture of one application on a fresh compositor, directly or (with a policy) through the proxy."""
    with contextlib.ExitStack() as stack:
        if compositor is NestedWeston:
            display = stack.enter_context(NestedWeston(stack.enter_context(Sway(place))))
        elif compositor is Sway:
            display = stack.enter_context(Sway(place))
        else:
            display = stack.enter_context(Weston(place))
        door = stack.enter_context(Proxy(place, display, policy)) if policy else display
        client = place.spawn(argv, env={**door.env, "LD_PRELOAD": place.built("libsteady.so")}, name=name)
        display.wait_window()
        image = display.settled_screenshot(name)
        check_equal(client.poll(), None, f"exit status of {argv[0]}, which runs")
        place.end(client)
        return image


def looks_the_same(compositor, name, argv, policy=PLAIN, policy_name="project"):
    def test(place):
        label = f"{name}-{compositor.__name__}"
        direct = picture(place, compositor, argv, None, label + "-direct")
        check(direct.colours() > 2, f"{label}: there is nothing in the picture")
        proxied = picture(place, compositor, argv, policy, label + "-proxied")
        # One level of a channel may differ where text is blended.
        share = direct.difference(proxied, tolerance=1)
        if share:
            direct.difference_picture(proxied, 1).write(os.path.join(place.artifacts, label + "-difference.png"))
        check(share == 0, f"{label}: {share:.3%} of the pixels differ through the proxy")
    test.__name__ = f"same_{name}_{compositor.__name__.lower()}_{policy_name}"
    return test


def listed(place, env):
    """interface → version and number"""
    text = place.run(["wayland-info"], env=env).stdout
    found = re.findall(r"^interface: '([^']+)',\s+version:\s+(\d+),\s+name:\s+(\d+)", text, re.M)
    check(found, f"wayland-info lists nothing:\n{text}")
    return {interface: (int(version), int(number)) for interface, version, number in found}


def globals_of(place, env):
    return {interface: version for interface, (version, _) in listed(place, env).items()}


def hidden_globals(compositor):
    def test(place):
        with compositor(place) as display, Proxy(place, display, PLAIN) as proxy:
            direct, proxied = globals_of(place, display.env), globals_of(place, proxy.env)
        leaked = {n for n in proxied if HIDDEN.search(n)} - ALLOWED_THOUGH_MATCHING
        check(not leaked, f"offered through the proxy: {sorted(leaked)}")
        check({n for n in direct if HIDDEN.search(n)} - ALLOWED_THOUGH_MATCHING,
              "the compositor itself offers nothing that is to be hidden: this test proves nothing")
        check(NEEDED <= proxied.keys(), f"missing: {sorted(NEEDED - proxied.keys())}")
        for name, version in proxied.items():
            check(version <= direct.get(name, version), f"{name}: version {version}, the compositor has {direct[name]}")
    test.__name__ = f"hidden_globals_{compositor.__name__.lower()}"
    return test


def bind(path, name, interface):
    """Binds without having been offered it. True when nothing says that this is an error."""
    text = interface.encode() + b"\0"
    text += bytes(-len(text) % 4)
    registry, bound, callback = 2, 3, 4
    arguments = struct.pack("=II", name, len(interface) + 1) + text + struct.pack("=II", 1, bound)
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(path)
        s.sendall(struct.pack("=IHHI", 1, 1, 12, registry) + struct.pack("=IHH", registry, 0, 8 + len(arguments)) +
                  arguments + struct.pack("=IHHI", 1, 0, 12, callback))
        answer = b""
        while True:
            part = s.recv(65536)
            answer += part
            at = 0
            while len(answer) - at >= 8:
                target, opcode, size = struct.unpack_from("=IHH", answer, at)
                if (target, opcode) == (1, 0) or target == callback:
                    return target == callback
                at += size
            answer = answer[at:]
            if not part:
                return False


def hidden_after_a_restart(place):
    """Another compositor at the same socket, behind a proxy that stayed: the same is offered, and nothing else is
    there, not even by its number."""
    sway = Sway(place)
    with Proxy(place, sway, PLAIN) as proxy:
        before = globals_of(place, proxy.env)
        sway.kill()
        with Sway(place) as again:
            check_equal(again.socket_path, sway.socket_path, "the socket of the second sway")
            check_equal(globals_of(place, proxy.env), before, "what the proxy offers")
            numbers = {interface: number for interface, (_, number) in listed(place, again.env).items()}
            hidden = [i for i in numbers if HIDDEN.search(i) and i not in ALLOWED_THOUGH_MATCHING]
            check(hidden and bind(again.socket_path, numbers[hidden[0]], hidden[0]), "a bind without the proxy works")
            for interface in hidden:
                check(not bind(proxy.socket_path, numbers[interface], interface), f"{interface} is bound by its number")
            check(not any(bind(proxy.socket_path, n, "zwlr_screencopy_manager_v1") for n in range(1, 100)),
                  "zwlr_screencopy_manager_v1 is bound by a guessed number")
            place.spawn(["foot"], env=proxy.env)
            again.wait_window(app_id="isolate.first.foot")


def allowed_global(place):
    """AllowGlobals is the way to a hidden one, and to no other."""
    with Sway(place) as sway, Proxy(place, sway, POLICY.format(display="AllowGlobals=zwlr_layer_shell_v1")) as proxy:
        found = globals_of(place, proxy.env)
        check("zwlr_layer_shell_v1" in found, "zwlr_layer_shell_v1 is allowed and not offered")
        check("zwlr_screencopy_manager_v1" not in found, "zwlr_screencopy_manager_v1 is offered too")


def outputs_tell_nothing(place):
    """Make, model and description of the screen are not the container's business."""
    with Sway(place) as sway, Proxy(place, sway, PLAIN) as proxy:
        direct = place.run(["wayland-info"], env=sway.env).stdout
        proxied = place.run(["wayland-info"], env=proxy.env).stdout
    check(re.search(r"make: 'headless'", direct), "sway names its output's make")
    check(not re.search(r"make: 'headless'|model: 'headless'|Headless output", proxied),
          "the output's make, model or description comes through")


def identity_on_sway(place):
    policy = POLICY.format(display="TitlePrefix=[first] ")
    with Sway(place) as sway, Proxy(place, sway, policy) as proxy:
        place.spawn(["foot", "--title=hello"], env=proxy.env)
        window = sway.wait_window(app_id="isolate.first.foot")
        check_equal(window["name"], "[first] hello", "title")
        sway.input.type("printf '\\033]2;a\\tb\\u202ec\\007'; sleep 1000\n")
        wait_until(lambda: sway.windows()[0]["name"] not in (None, "[first] hello", "[first] foot"), what="a new title")
        title = sway.windows()[0]["name"]
        check(title.startswith("[first] ") and "\u202e" not in title and "\t" not in title, f"title {title!r}")


def identity_cannot_be_chosen(place):
    """A client that calls itself by another's name, or by none."""
    with Sway(place) as sway, Proxy(place, sway, PLAIN) as proxy:
        for claimed in ("isolate.second.foot", "firefox", "../../x", ""):
            client = place.spawn(["foot", "--app-id=" + claimed], env=proxy.env)
            window = sway.wait_window()
            check((window["app_id"] or "").startswith("isolate.first."), f"{claimed!r} became {window['app_id']!r}")
            place.end(client)
            sway.wait_no_windows()


def identity_on_weston(place):
    with Weston(place) as weston, Proxy(place, weston, POLICY.format(display="TitlePrefix=[first] ")) as proxy:
        place.spawn(["weston-flower"], env=proxy.env)
        line = weston.wait_window("isolate.first.flower")
        check("'[first] Flower'" in line, f"title in {line}")


def typing_in_foot(place):
    with Sway(place) as sway, Proxy(place, sway, PLAIN) as proxy:
        place.spawn(["foot", "sh", "-c", "read -r line; printf '%s' \"$line\" > typed; sleep 1000"], env=proxy.env)
        sway.wait_window()
        text = "The quick brown fox, 0123456789 ~!@#$%^&*()_+{}|:<>?"
        sway.input.type(text + "\n")
        path = os.path.join(place.home, "typed")
        wait_until(lambda: os.path.exists(path) and os.path.getsize(path), what="the typed text")
        with open(path, encoding="utf-8") as f:
            check_equal(f.read(), text, "what was typed")


def clicking_in_eventdemo(place):
    with Sway(place) as sway, Proxy(place, sway, PLAIN) as proxy:
        client = place.spawn(["stdbuf", "-oL", "weston-eventdemo", "--log-button"], env=proxy.env)
        sway.wait_window()
        sway.settled_screenshot("eventdemo")
        sway.input.click(500, 500)
        wait_until(lambda: "x: 500, y: 500" in place.log_text(client), what="the click")


def typing_and_clicking_in_qt(place):
    with Sway(place) as sway, Proxy(place, sway, PLAIN) as proxy:
        client = place.spawn(QT_WINDOW, env=proxy.env)
        sway.wait_window(name="Qt window")
        sway.settled_screenshot("before")
        sway.input.type("Hello")
        wait_until(lambda: "text Hello" in place.log_text(client), what="the text in the Qt window")
        sway.input.click(512, 752)
        wait_until(lambda: "pressed" in place.log_text(client), what="the click on the Qt button")


def menu_in_gtk(place):
    """A popup: its grab needs the serial of the click to arrive as it was sent."""
    with Sway(place) as sway, Proxy(place, sway, PLAIN) as proxy:
        place.spawn(["gtk3-demo"], env=proxy.env)
        sway.wait_window()
        sway.input.move(600, 300)
        before = sway.settled_screenshot("before")
        sway.input.click(600, 300, "right")
        # The menu is as white as what is under it: its letters and its border count.
        wait_until(lambda: sway.screenshot().difference(before) > 0.002, what="the menu")
        menu = sway.settled_screenshot("menu")
        check(menu.difference(before) > 0.002, "the menu stays open")
        sway.input.key("Escape")
        wait_until(lambda: sway.screenshot().difference(before) < 0.002, what="the menu to close")


def two_at_once_and_one_killed(place):
    with Sway(place) as sway, Proxy(place, sway, PLAIN) as proxy:
        first, second = (place.spawn(["foot"], env=proxy.env) for _ in range(2))
        sway.wait_windows(2)
        first.kill()
        wait_until(lambda: len(sway.windows()) == 1, what="one window to go")
        sway.input.type("touch alive\n")
        wait_until(lambda: os.path.exists(os.path.join(place.home, "alive")), what="the other to work")
        check_equal(second.poll(), None, "exit status of the other, which runs")


def compositor_dies(place):
    """The client learns it as it would directly: by its connection's end."""
    sway = Sway(place)
    with Proxy(place, sway, PLAIN) as proxy:
        client = place.spawn(["foot"], env=proxy.env)
        sway.wait_window()
        sway.kill()
        wait_until(lambda: client.poll() is not None, what="foot to end")


APPLICATIONS = {
    "foot": FOOT,
    "flower": ["weston-flower"],
    "clickdot": ["weston-clickdot"],
    "eventdemo": ["weston-eventdemo"],
    "gtk3demo": ["gtk3-demo"],
    "qt": QT_WINDOW,
}
tests = [looks_the_same(Sway, name, argv) for name, argv in APPLICATIONS.items()]
tests += [looks_the_same(Weston, name, argv) for name, argv in APPLICATIONS.items() if name != "foot"]
tests += [looks_the_same(NestedWeston, name, APPLICATIONS[name]) for name in ("foot", "gtk3demo")]
tests += [looks_the_same(Sway, name, APPLICATIONS[name], PERMISSIVE, "permissive") for name in ("foot", "gtk3demo")]
tests += [hidden_globals(Sway), hidden_globals(Weston), hidden_after_a_restart, allowed_global, outputs_tell_nothing,
          identity_on_sway, identity_cannot_be_chosen, identity_on_weston, typing_in_foot, clicking_in_eventdemo,
          typing_and_clicking_in_qt, menu_in_gtk, two_at_once_and_one_killed, compositor_dies]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "weston", "grim", "foot", "gtk3-demo", "wayland-info"]))
