"""pick.py [TITLE]: asks the portal for a file, as a toolkit does, and prints what came: {"response": N, "uris": […], "content": …}."""
import json
import os
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib


def main(title="Pick one"):
    bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    loop = GLib.MainLoop()
    token = "pick"
    handle = f"/org/freedesktop/portal/desktop/request/{bus.get_unique_name()[1:].replace('.', '_')}/{token}"

    def response(connection, sender, path, interface, signal, parameters):
        number, results = parameters.unpack()
        uris = results.get("uris", [])
        path = Gio.File.new_for_uri(uris[0]).get_path() if uris else None
        print(json.dumps({"response": number, "uris": uris, "path": path,
                          "content": open(path, encoding="utf-8").read() if path else None,
                          "writable": os.access(path, os.W_OK) if path else None}))
        loop.quit()

    bus.signal_subscribe("org.freedesktop.portal.Desktop", "org.freedesktop.portal.Request", "Response", handle, None,
                         Gio.DBusSignalFlags.NO_MATCH_RULE, response)
    bus.call_sync("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
                  "org.freedesktop.portal.FileChooser", "OpenFile",
                  GLib.Variant("(ssa{sv})", ("", title, {"handle_token": GLib.Variant("s", token)})), None,
                  Gio.DBusCallFlags.NONE, 20000, None)
    loop.run()


main(*sys.argv[1:])
