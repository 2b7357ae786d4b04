"""A GTK 3 window that wants all keys, also the compositor's own, and says on stdout which it got."""
import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402


def grab(window, event):
    Gdk.Display.get_default().get_default_seat().grab(
        window.get_window(), Gdk.SeatCapabilities.KEYBOARD, False, None, event, None)
    print("grabbed", flush=True)


window = Gtk.Window(title="GTK grab")
window.connect("map-event", grab)
window.connect("key-press-event", lambda window, event: print("key", Gdk.keyval_name(event.keyval), flush=True))
window.show_all()
Gtk.main()
