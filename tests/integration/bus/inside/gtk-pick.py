"""A GTK 3 application with a window, which asks for a file as GTK applications do, and prints what it can read of it."""
import gi

gi.require_version("Gtk", "3.0")
from gi.repository import GLib, Gtk


def main():
    window = Gtk.Window(title="gtk-pick")
    window.show_all()

    def ask():
        chooser = Gtk.FileChooserNative.new("Pick for GTK", window, Gtk.FileChooserAction.OPEN, None, None)
        chooser.connect("response", answered)
        chooser.show()
        window.chooser = chooser

    def answered(chooser, response):
        name = chooser.get_filename() if response == Gtk.ResponseType.ACCEPT else None
        print("picked", name, flush=True)
        print(open(name, encoding="utf-8").read() if name else "nothing", flush=True)
        Gtk.main_quit()

    GLib.timeout_add(500, ask)
    Gtk.main()


main()
