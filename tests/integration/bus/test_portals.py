"""Real portals, asked from inside a container."""
import os
import re

from bus_place import PORTALS, Desktop, need_fuse
from desktoptest import check, check_equal, desktop_main, wait_until

PORTAL = ["org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"]


def settings(place):
    """The desktop is dark, and a program inside knows."""
    with Desktop(place) as desktop:
        said = desktop.facts("call.py", *PORTAL, "org.freedesktop.portal.Settings", "Read", "(ss)",
                             "('org.freedesktop.appearance', 'color-scheme')")
        check_equal(said, {"answer": "(<<uint32 1>>,)"}, "the colour scheme")


def file_chooser(place):
    """A person picks a file of the host in the portal's dialog: it can be read inside, at the path that the application was
    given. Before it could not, and another project still cannot."""
    need_fuse()
    secret = place.write("home/papers/of-the-host.txt", "what only the host has\n")
    with Desktop(place) as desktop:
        desktop.configure(PORTALS, "second")
        refused = desktop.product.run("run", "--project", "first", "--", "cat", secret, check=False)
        check(refused.returncode != 0 and "No such file" in refused.stderr, f"it can be read unasked: {refused}")
        waiting = desktop.spawn("pick.py", "Pick for first", name="pick")
        dialog = desktop.sway.wait_window(name="Pick for first", seconds=40)
        check(not dialog["app_id"].startswith("isolate."), f"the dialog is a window of the container: {dialog['app_id']}")
        desktop.sway.settled_screenshot("dialog")
        desktop.sway.input.type(secret)
        desktop.sway.settled_screenshot("typed")
        desktop.sway.input.key("Return")
        wait_until(lambda: waiting.poll() is not None, 30, "the answer inside")
        said = place.log_text(waiting)
        check('"response": 0' in said and "what only the host has" in said, f"picking gave {said}")
        path = re.search(r'"path": "([^"]+)"', said)[1]
        check(path.startswith(os.path.join(place.runtime, "doc/")) and path.endswith("/of-the-host.txt"),
              f"the path inside is {path}")
        check_equal(desktop.product.sh("first", f"cat '{path}'"), "what only the host has\n", "another program inside")
        # Who it was given to is the project, not whoever runs as the user.
        by_app = os.path.join(place.runtime, "doc/by-app")
        document = os.path.relpath(path, os.path.join(place.runtime, "doc"))
        check(os.path.exists(os.path.join(by_app, "isolate.first", document)), "the document is not isolate.first's")
        for reach in (path, os.path.join(by_app, "isolate.first", document)):
            other = desktop.product.run("run", "--project", "second", "--", "cat", reach, check=False)
            check(other.returncode != 0, f"another project reads {reach}")
        changed = desktop.product.sh("first", f"echo changed > '{path}' && cat '{path}'", check=False)
        check_equal(changed, "changed\n", "what the application may change")
        with open(secret, encoding="utf-8") as f:
            check_equal(f.read(), "changed\n", "the host's file")
        # A project that takes the name over has none of it.
        desktop.product.run("stop", "first")
        desktop.product.run("remove", "first", "--yes")
        check(not os.path.exists(os.path.join(by_app, "isolate.first", document)), "the document is still isolate.first's")
        desktop.configure(PORTALS)
        again = desktop.product.run("run", "--project", "first", "--", "cat", path, check=False)
        check(again.returncode != 0, f"another project of the same name reads {path}: {again}")


def gtk_application(place):
    """A GTK application's own file dialog is the portal's, above its window."""
    need_fuse()
    secret = place.write("home/papers/of-the-host.txt", "what only the host has\n")
    with Desktop(place) as desktop:
        waiting = desktop.spawn("gtk-pick.py", name="gtk-pick")
        dialog = desktop.sway.wait_window(name="Pick for GTK", seconds=40)
        check(not dialog["app_id"].startswith("isolate."), f"the dialog is the application's own: {dialog['app_id']}")
        # sway lets a window float that can be resized and has a parent: the one that was exported.
        check_equal(dialog["type"], "floating_con", "what sway makes of a dialog above a window")
        desktop.sway.settled_screenshot("gtk-dialog")
        desktop.sway.input.type(secret)
        desktop.sway.settled_screenshot("gtk-typed")
        desktop.sway.input.key("Return")
        wait_until(lambda: waiting.poll() is not None, 30, "the end of the application")
        said = place.log_text(waiting)
        check("picked " + os.path.join(place.runtime, "doc/") in said and "what only the host has" in said, f"it says {said}")


def notification(place):
    """A real daemon shows it, and the portal told its backend whose it is."""
    with Desktop(place) as desktop:
        place.spawn(["mako"], env=desktop.env)
        monitor = place.spawn(["dbus-monitor", "--session", "interface='org.freedesktop.impl.portal.Notification'"],
                              env=desktop.env)
        wait_until(lambda: "NameAcquired" in place.log_text(monitor), what="the monitor")
        said = desktop.facts("call.py", *PORTAL, "org.freedesktop.portal.Notification", "AddNotification", "(sa{sv})",
                             "('one', {'title': <'From inside'>, 'body': <'a container'>})")
        check_equal(said, {"answer": "()"}, "the portal's answer")
        wait_until(lambda: "From inside" in place.run(["makoctl", "list"], env=desktop.env).stdout, 30,
                   "the notification")
        wait_until(lambda: 'string "isolate.first"' in place.log_text(monitor), what="the name that the backend is told")
        desktop.sway.settled_screenshot("notification")


BROWSER = """[Desktop Entry]
Type=Application
Name=Test browser
Exec={path} %u
MimeType=x-scheme-handler/http;x-scheme-handler/https;
"""


def open_uri(place):
    """The host's browser is started with the link, whether a program asks the portal, xdg-open or GIO."""
    log = os.path.join(place.path, "browsed")
    browser = place.write("browser.sh", f"#!/bin/sh\necho \"$@\" >> {log}\n", 0o755)
    place.write("home/.local/share/applications/test-browser.desktop", BROWSER.format(path=browser))
    place.write("home/.config/mimeapps.list", "[Default Applications]\nx-scheme-handler/http=test-browser.desktop\n"
                "x-scheme-handler/https=test-browser.desktop\n")

    def browsed():
        if not os.path.exists(log):
            return []
        with open(log, encoding="utf-8") as f:
            return f.read().split()
    with Desktop(place) as desktop:
        def opened(link):
            def look():
                if link in browsed():
                    return True
                for window in desktop.sway.windows():  # where the portal asks which application
                    desktop.sway.command(f"[con_id={window['id']}] focus")
                    desktop.sway.input.key("Return")
                return False
            wait_until(look, 40, f"the browser with {link}; it has {browsed()}", interval=0.5)
        desktop.facts("call.py", *PORTAL, "org.freedesktop.portal.OpenURI", "OpenURI", "(ssa{sv})",
                      "('', 'https://example.org/portal', {})")
        opened("https://example.org/portal")
        desktop.product.sh("first", "xdg-open https://example.org/xdg-open")
        opened("https://example.org/xdg-open")
        desktop.product.sh("first", "gio open https://example.org/gio")
        opened("https://example.org/gio")
        # No path of the container's is one of the host's, and no command either.
        for uri in ("file:///bin/sh", f"file://{browser}", f"{browser}", "test-browser.desktop"):
            desktop.facts("call.py", *PORTAL, "org.freedesktop.portal.OpenURI", "OpenURI", "(ssa{sv})",
                          f"('', '{uri}', {{}})")
        desktop.product.sh("first", "xdg-open https://example.org/last")
        opened("https://example.org/last")
        check_equal(browsed(), [f"https://example.org/{n}" for n in ("portal", "xdg-open", "gio", "last")],
                    "what was opened")
        check(not desktop.sway.windows(), "something asks, or was started")


desktop_main(settings, file_chooser, gtk_application, notification, open_uri,
             needs=["sway", "bwrap", "dbus-daemon", "xdg-dbus-proxy", "mako", "makoctl", "dbus-monitor", "grim"])
