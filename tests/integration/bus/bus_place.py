"""A desktop with a session bus, xdg-desktop-portal and its GTK backend, and a project that may use them."""
import json
import os
import shutil
import sys

from desktoptest import Product, Skip, Sway, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = "[Project]\nGate=never\nLinger=forever\n[Network]\nMode=none\n"
PORTALS = PROJECT  # the default
DARK = ("[org/gnome/desktop/interface]\ncolor-scheme='prefer-dark'\nenable-animations=false\ncursor-blink=false\n"
        "[org/gtk/settings/file-chooser]\nlocation-mode='filename-entry'\n")


class Desktop:
    """sway, the bus with everything that it starts, and isolate. Programs of inside/ are at self.programs, in the project too."""

    def __init__(self, place, project=PORTALS, name="first", bus=True):
        self.place, self.name = place, name
        self.sway = Sway(place)
        self.product = Product(place, self.sway)
        self.env = self.product.env
        self.bus_log = None
        place.write("home/.config/glib-2.0/settings/keyfile", DARK)
        if bus:
            self.start_bus()
        self.programs = os.path.join(place.path, "programs")
        shutil.copytree(os.path.join(HERE, "inside"), self.programs, ignore=shutil.ignore_patterns("__pycache__"))
        self.configure(project)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            print(session_log(self.place, self.name), file=sys.stderr)
        self.sway.close()

    def configure(self, text, name=None):
        self.product.project(name or self.name, text + f"[Files]\nReadOnly={self.programs}\n")

    def start_bus(self):
        """What the bus starts is on the compositor."""
        env = {**self.env, "XDG_CURRENT_DESKTOP": "GNOME", "G_MESSAGES_DEBUG": "all", "XDG_DATA_DIRS":
               f"{self.place.home}/.local/share:/usr/local/share:/usr/share"}
        self.bus = self.place.spawn(["dbus-daemon", "--session", "--nofork", "--nopidfile",
                                     "--address=" + self.env["DBUS_SESSION_BUS_ADDRESS"]], env=env)
        wait_until(lambda: os.path.exists(os.path.join(self.place.runtime, "bus")), what="the session bus")

    def words(self, program, *words):
        return ["/usr/bin/python3", "-I", os.path.join(self.programs, program), *words]

    def run(self, program, *words, project=None, **options):
        """Runs a program of inside/ in the project."""
        return self.product.run("run", "--project", project or self.name, "--no-tty", "--", *self.words(program, *words),
                                **options)

    def facts(self, program, *words, **options):
        done = self.run(program, *words, **options)
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"{program} {words}: {done.stdout}{done.stderr}\n") from None

    def spawn(self, program, *words, project=None, **options):
        return self.product.spawn("run", "--project", project or self.name, "--no-tty", "--", *self.words(program, *words), **options)

    def on_host(self, program, *words, **options):
        """The same on the host's own bus: what is refused inside works here, or the test could not fail."""
        return json.loads(self.place.run(self.words(program, *words), env=self.env, **options).stdout)

    def bus_output(self):
        return self.place.log_text(self.bus)


def need_fuse():
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise Skip("/dev/fuse cannot be used here, and the document portal needs it")


def session_log(place, name="first"):
    path = os.path.join(place.home, ".local/state/isolate", name, "session.log")
    try:
        with open(path, encoding="utf-8") as f:
            return f.read()
    except FileNotFoundError:
        return ""
