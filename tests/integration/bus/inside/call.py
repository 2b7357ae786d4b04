"""call.py DESTINATION PATH INTERFACE METHOD [TYPE VALUE]: calls it on the session bus, and prints {"answer": …} or {"error": …}
as JSON. VALUE is GVariant text."""
import json
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib


def main(destination, path, interface, method, *arguments):
    value = GLib.Variant.parse(GLib.VariantType.new(arguments[0]), arguments[1], None, None) if arguments else None
    try:
        bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        answer = bus.call_sync(destination, path, interface, method, value, None, Gio.DBusCallFlags.NONE, 20000, None)
        print(json.dumps({"answer": answer.print_(False)}))
    except GLib.Error as error:
        print(json.dumps({"error": error.message}))


main(*sys.argv[1:])
