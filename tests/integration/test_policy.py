"""What keys of [Display] do to real programs: panels, full screen, titles, focus, limits.

Every mediated interface, a real program that uses it, and the test that sees what becomes of it:

    xdg_wm_base                       foot            fullscreen_*, title, conformance: identity_*
    xdg_activation_v1                 foot            activation_*
    wl_data_device_manager            wl-clipboard, foot, GTK 3, GTK 4, Qt, Chromium, Firefox
                                                      selections, applications: dragged_into_*
    zwp_primary_selection_...v1       wl-clipboard, foot, GTK 3
                                                      selections: *_primary, paste_in_foot; applications: gtk3-widgets
    wl_seat                           foot, Qt        selections: guarded_*
    wl_shm                            mpv, all        applications: every one draws with it
    zwp_linux_dmabuf_v1               mpv, GTK 4, es2gears, weston-simple-egl
                                      system/gpu, since all of them need a GPU; hidden without a grant: conformance
    zwp_linux_explicit_synchronization_v1
                                      weston-simple-dmabuf-egl
                                      system/gpu: explicit_sync (weston has it)
    wp_linux_drm_syncobj_manager_v1   none            unit tests alone: the compositors of Debian 12 do not have it
    zwp_keyboard_shortcuts_inhibit_manager_v1
                                      GTK 3           shortcuts_*
    zwp_pointer_constraints_v1        weston-confine  pointer_lock_*
    zwp_idle_inhibit_manager_v1       mpv             idle_*
    zxdg_exporter_*, zxdg_importer_*  GTK 3           bus/portals: gtk_application, whose dialog of the portal is above its
                                                      window; portals_*
    zwp_text_input_manager_v3         foot            input_method_*
    zwp_text_input_manager_v1         weston-editor   editor_* (weston has it)
    zxdg_decoration_manager_v1        foot            decorations
    org_kde_kwin_server_decoration_manager
                                      GTK 3           decorations
    wl_output, zxdg_output_manager_v1 wayland-info    conformance: outputs_tell_nothing
    xdg_toplevel_icon_manager_v1      Chromium        annex: icon_*; by name labels: named_*
    xdg_toplevel_drag_manager_v1      Chromium        annex: tab_*
    xdg_toplevel_tag_manager_v1       labels          annex: named_* (no program of Debian 12 sets a tag)
"""
import os
import sys
import time

from apps.programs import FOLDER, QT_WINDOW, mpv
from desktoptest import QUIET, Product, Proxy, Sway, Weston, check, check_equal, desktop_main, wait_until


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


def confine(place, display, confined):
    """weston-confine keeps the pointer in its window from a click on, so a click elsewhere does not get there."""
    with Sway(place) as sway, proxy_for(place, sway, display) as proxy:
        place.spawn(["weston-confine"], env=proxy.env)
        sway.wait_window(name="Wayland Confine")
        other = place.spawn(QT_WINDOW, env=sway.env)
        windows = {w["name"]: w["rect"] for w in sway.wait_windows(2)}
        sway.settled_screenshot("both", still=0.5)
        ours, theirs = windows["Wayland Confine"], windows["Qt window"]
        sway.input.click(ours["x"] + ours["width"] // 2, ours["y"] + ours["height"] // 2)
        time.sleep(0.5)
        sway.input.click(theirs["x"] + theirs["width"] // 2, theirs["y"] + theirs["height"] - 16)
        if confined:
            time.sleep(1)
            check("pressed" not in place.log_text(other), "the pointer has left")
        else:
            wait_until(lambda: "pressed" in place.log_text(other), what="the click on the other window")
            check("PointerLock=allow" in place.log_text(proxy.process), "no line about the refusal")


def pointer_lock_allowed(place):
    confine(place, "", True)


def pointer_lock_denied(place):
    confine(place, "PointerLock=deny", False)


def play(place, display, inhibited):
    """mpv keeps the screen on while it plays."""
    with Sway(place) as sway, proxy_for(place, sway, display) as proxy:
        place.spawn([*mpv(place), "--pause=no", "--loop-file=inf"], env=proxy.env)
        sway.wait_window()

        def inhibits():
            return sway.windows()[0]["idle_inhibitors"]["application"] != "none"
        if inhibited:
            wait_until(inhibits, what="the screen to be kept on")
        else:
            wait_until(lambda: "InhibitIdle=allow" in place.log_text(proxy.process), what="the line about the refusal")
            check(not inhibits(), "the screen is kept on")


def idle_allowed(place):
    play(place, "", True)


def idle_denied(place):
    play(place, "InhibitIdle=deny", False)


def shortcut(place, display, inhibited):
    """A key of sway's own, pressed in a window that wants all keys."""
    done = os.path.join(place.home, "done")
    with Sway(place, config=f"bindsym Mod1+k exec touch {done}\n") as sway, proxy_for(place, sway, display) as proxy:
        window = place.spawn(["/usr/bin/python3", os.path.join(FOLDER, "gtk-grab.py")], env=proxy.env)
        sway.wait_window(name="GTK grab")
        wait_until(lambda: "grabbed" in place.log_text(window), what="the window to want all keys")
        sway.settled_screenshot("window", still=0.5, ready=lambda image: True)
        sway.input.key("alt+k")
        if inhibited:
            wait_until(lambda: "key k" in place.log_text(window), what="the key in the window")
            time.sleep(0.5)
            check(not os.path.exists(done), "sway has obeyed its key too")
        else:
            wait_until(lambda: os.path.exists(done), what="sway to obey its key")
            check("key k" not in place.log_text(window), "the window got the key too")
            check("InhibitShortcuts=allow" in place.log_text(proxy.process), "no line about the refusal")


def shortcuts_allowed(place):
    shortcut(place, "InhibitShortcuts=allow", True)


def shortcuts_denied(place):
    shortcut(place, "", False)


def input_method(place, display, offered):
    """foot says when there is no input method to ask."""
    with Sway(place) as sway, proxy_for(place, sway, display) as proxy:
        client = foot(place, proxy, "sleep 1000")
        sway.wait_window()
        check_equal("text input interface not implemented" in place.log_text(client), not offered, "what foot misses")


def input_method_allowed(place):
    input_method(place, "", True)


def input_method_denied(place):
    input_method(place, "TextInput=no", False)


def editor_on(place):
    """weston-editor can do nothing without version 1 of text input, and says so."""
    with Weston(place) as weston, Proxy(place, weston, "[Display]\nTextInput=yes\n") as proxy:
        editor = place.spawn(["weston-editor"], env={**proxy.env, "WAYLAND_DEBUG": "1"})
        wait_until(lambda: "create_text_input" in place.log_text(editor), what="an object of text input")
        weston.wait_window()
        check_equal(editor.poll(), None, "exit status of weston-editor, which runs")


def editor_off(place):
    with Weston(place) as weston, Proxy(place, weston, "[Display]\nTextInput=no\n") as proxy:
        editor = place.spawn(["weston-editor"], env=proxy.env)
        wait_until(lambda: editor.poll() is not None, what="weston-editor to give up")
        check("No text input manager global" in place.log_text(editor), f"it says {place.log_text(editor)!r}")


def portals(place, value, offered):
    with Sway(place) as sway, Proxy(place, sway, f"[Bus]\nPortals={value}\n") as proxy:
        check("zxdg_exporter_v2" in place.run(["wayland-info"], env=sway.env).stdout, "sway has no zxdg_exporter_v2")
        listed = place.run(["wayland-info"], env=proxy.env).stdout
        for interface in ("zxdg_exporter_v1", "zxdg_exporter_v2", "zxdg_importer_v1", "zxdg_importer_v2"):
            check_equal(interface in listed, offered, f"whether {interface} is offered")


def portals_on(place):
    portals(place, "yes", True)


def portals_off(place):
    portals(place, "no", False)


def decorations(place):
    """Who draws the frame is the compositor's word: sway draws it for those that speak one of its two protocols."""
    pictures = []
    for deny, said in (("", "using SSD decorations"), ("DenyGlobals=zxdg_decoration_manager_v1;"
                                                       "org_kde_kwin_server_decoration_manager", "using CSDs")):
        with Sway(place) as sway, proxy_for(place, sway, deny) as proxy:
            terminal = foot(place, proxy, "sleep 1000")
            wait_until(lambda: said in place.log_text(terminal), what=f"foot to say {said!r}")
            place.end(terminal)
            sway.wait_no_windows()
            place.spawn(["/usr/bin/python3", os.path.join(FOLDER, "gtk-grab.py")], env=proxy.env)
            sway.wait_window(name="GTK grab")
            pictures.append(sway.settled_screenshot(f"gtk-{len(pictures)}", still=0.5, ready=lambda image: True))
    # Without a frame of sway's, GTK 3 draws a bar with the title.
    check(pictures[0].difference(pictures[1]) > 0.01, "GTK draws its frame itself in both")


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


tests = [panel_allowed, panel_hidden, panel_in_containers, fullscreen_allowed, fullscreen_denied, title,
         activation_allowed, activation_denied, pointer_lock_allowed, pointer_lock_denied, idle_allowed, idle_denied,
         shortcuts_allowed, shortcuts_denied, input_method_allowed, input_method_denied, editor_on,
         editor_off, portals_on, portals_off, decorations, clients_limited]

if __name__ == "__main__":
    sys.exit(desktop_main(*tests, needs=["sway", "grim", "foot", "wofi", "wayland-info", "weston-confine", "mpv",
                                         "ffmpeg"]))
