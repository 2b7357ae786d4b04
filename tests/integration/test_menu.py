"""Menu entries: valid, and started as a menu starts them, through GIO."""
import os

from desktoptest import Product, Sway, check, check_equal, desktop_main, wait_until

PROJECT = """[Network]
Mode=none
[Project]
Gate=never
[App foot]
Exec=foot
Name=Terminal
WindowClass=foot
[App show]
Exec=sh -c 'printf "%s\\\\n" "$@" > ~/arguments' show
Name=Show & tell "it"
"""


def entries(place):
    folder = os.path.join(place.home, ".local/share/applications")
    return sorted(f for f in (os.listdir(folder) if os.path.isdir(folder) else []) if f.endswith(".desktop"))


def path_of(place, entry):
    return os.path.join(place.home, ".local/share/applications", entry)


def sync_writes_valid_entries(place):
    product = Product(place)
    product.project("first", PROJECT)
    product.run("desktop", "sync")
    check_equal(entries(place), ["isolate.first.foot.desktop", "isolate.first.show.desktop"], "entries")
    for entry in entries(place):
        done = place.run(["desktop-file-validate", path_of(place, entry)], check=False)
        check_equal((done.returncode, done.stdout + done.stderr), (0, ""), f"desktop-file-validate {entry}")
    before = {e: os.stat(path_of(place, e)).st_mtime_ns for e in entries(place)}
    product.run("desktop", "sync")
    check_equal({e: os.stat(path_of(place, e)).st_mtime_ns for e in entries(place)}, before, "a second sync writes")
    os.unlink(os.path.join(place.home, ".config/isolate/projects/first.conf"))
    product.run("desktop", "prune")
    check_equal(entries(place), [], "entries of a project that is gone")


def started_through_gio(place):
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", PROJECT)
        product.run("desktop", "sync")
        place.spawn(["gio", "launch", path_of(place, "isolate.first.foot.desktop")], env=product.env)
        window = sway.wait_window(app_id="isolate.first.foot")
        check(window["focused"], "the window has the focus")
        joined = product.spawn("foot", "--project", "first")
        sway.wait_windows(2, app_id="isolate.first.foot")
        check_equal(len(product.processes("isolate-init")), 1, "containers")
        place.end(joined)


def arguments_reach_the_application(place):
    with Sway(place) as sway:
        product = Product(place, sway)
        product.project("first", PROJECT)
        product.run("desktop", "sync")
        place.run(["gio", "launch", path_of(place, "isolate.first.show.desktop")], env=product.env)
        path = os.path.join(product.home("first"), "arguments")
        wait_until(lambda: os.path.exists(path), what="the application")


desktop_main(sync_writes_valid_entries, started_through_gio, arguments_reach_the_application,
             needs=["sway", "foot", "bwrap", "gio", "desktop-file-validate"])
