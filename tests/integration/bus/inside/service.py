"""service.py NAME…: owns these names on the session bus, answers every call with "reached", and writes down what was called. A
call of Tell makes it say so to everybody first."""
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib


def main(*names):
    bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)

    def seen(connection, message, incoming):
        if not incoming or message.get_message_type() != Gio.DBusMessageType.METHOD_CALL:
            return message
        print("called", message.get_interface(), message.get_member(), flush=True)
        if message.get_member() == "Tell":
            bus.emit_signal(None, "/", "org.example.Told", "Said", GLib.Variant("(s)", ("told",)))
        reply = message.new_method_reply()
        reply.set_body(GLib.Variant("(s)", ("reached",)))
        bus.send_message(reply, Gio.DBusSendMessageFlags.NONE)
        return None

    bus.add_filter(seen)
    for name in names:
        Gio.bus_own_name_on_connection(bus, name, Gio.BusNameOwnerFlags.NONE, None, None)
    print("ready", flush=True)
    GLib.MainLoop().run()


main(*sys.argv[1:])
