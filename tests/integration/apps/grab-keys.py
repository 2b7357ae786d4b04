"""A GTK 3 window that takes the desktop's shortcuts (zwp_keyboard_shortcuts_inhibit_manager_v1), as a remote desktop or a virtual
machine's window does, and says on stdout which keys reach it."""
import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

GLib.set_prgname("grab-keys")
window = Gtk.Window(title="Grab keys")


def take(*_):
    status = window.get_display().get_default_seat().grab(window.get_window(), Gdk.SeatCapabilities.KEYBOARD, True, None, None,
                                                          None)
    print("grab", status.value_nick, flush=True)
    return False


window.connect("key-press-event", lambda _, event: print("key", Gdk.keyval_name(event.keyval), flush=True))
window.connect("map-event", lambda *_: GLib.timeout_add(300, take))
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
