"""watch.py NAME: says "appeared OWNER" and "vanished", as Gio.bus_watch_name() tells it, and "signal TEXT" for what a proxy of
that name hears. watch.py NAME application: becomes a Gio.Application of that name meanwhile."""
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib


def main(name, application=None):
    loop = GLib.MainLoop()

    def say(*words):
        print(*words, flush=True)

    bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    Gio.bus_watch_name_on_connection(bus, name, Gio.BusNameWatcherFlags.NONE, lambda _, who, owner: say("appeared", owner),
                                     lambda *_: say("vanished"))
    bus.signal_subscribe(name, "org.example.Told", "Said", None, None, Gio.DBusSignalFlags.NONE,
                         lambda _, sender, path, interface, signal, body: say("signal", body.unpack()[0]))
    if application:
        app = Gio.Application.new(name, Gio.ApplicationFlags.FLAGS_NONE)
        app.connect("activate", lambda a: (a.hold(), say("active", "remote" if a.get_is_remote() else "first")))
        GLib.timeout_add(300, lambda: app.register(None) and app.activate())
    else:
        say("watching")
    loop.run()


main(*sys.argv[1:])
