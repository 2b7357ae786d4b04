"""Programs look and speak as they do outside: fonts, icons, cursors, themes, locale, timezone; and what of the home is kept."""
import glob
import os
import shutil

from desktoptest import QUIET, Product, check, check_equal, desktop_main

ALONE = QUIET + "Linger=forever\n[Display]\nWayland=no\n"
LOOK = "/run/isolate/look"
ICONS = r"""
import gi; gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
theme = Gtk.IconTheme(); theme.set_custom_theme("mine")
print(theme.lookup_icon("only-mine", 16, 0).get_filename())
"""
CURSOR = r"""
import ctypes
x = ctypes.CDLL("libXcursor.so.1"); x.XcursorLibraryLoadImages.restype = ctypes.c_void_p
print("found" if x.XcursorLibraryLoadImages(b"only-mine", b"mine", 24) else "none")
"""


def fonts(place):
    source = (glob.glob("/usr/share/fonts/**/DejaVuSans.ttf", recursive=True) or
              glob.glob("/usr/share/fonts/**/*.ttf", recursive=True))[0]
    for folder in (".local/share/fonts", ".fonts"):
        os.makedirs(f"{place.home}/{folder}")
        shutil.copy(source, f"{place.home}/{folder}/mine.ttf")
    product = Product(place)
    product.project("first", ALONE)
    seen = product.sh("first", "fc-list : file", seconds=60)
    for path in (source, f"{LOOK}/share/fonts/mine.ttf", f"{LOOK}/dot/fonts/mine.ttf"):
        check(path in seen, f"{path} is not among the fonts:\n{seen}")
    check_equal(product.sh("first", f"touch {LOOK}/share/fonts/x || echo ro; mkdir -p ~/.local/share/fonts && "
                           f"cp {LOOK}/share/fonts/mine.ttf ~/.local/share/fonts/own.ttf && fc-list : file | grep -c own.ttf"),
                "ro\n1\n", "the host's are read-only, the project's own are its own")


def icons_and_cursors(place):
    index = "[Icon Theme]\nName=mine\nDirectories=16x16/apps\n[16x16/apps]\nSize=16\n"
    place.write("home/.local/share/icons/mine/index.theme", index)
    icon = glob.glob("/usr/share/icons/*/16x16/**/*.png", recursive=True)
    cursor = glob.glob("/usr/share/icons/*/cursors/left_ptr")
    os.makedirs(f"{place.home}/.local/share/icons/mine/16x16/apps")
    place.write("home/.icons/mine/index.theme", index)
    os.makedirs(f"{place.home}/.icons/mine/cursors")
    place.write("home/.themes/mine/gtk-3.0/gtk.css", "")
    product = Product(place)
    product.project("first", ALONE)
    if icon:
        shutil.copy(icon[0], f"{place.home}/.local/share/icons/mine/16x16/apps/only-mine.png")
        check_equal(product.run("run", "--project", "first", "--", "/usr/bin/python3", "-c", ICONS).stdout,
                    f"{LOOK}/share/icons/mine/16x16/apps/only-mine.png\n", "where GTK finds an icon")
    if cursor and glob.glob("/usr/lib/*/libXcursor.so.1"):
        shutil.copy(cursor[0], f"{place.home}/.icons/mine/cursors/only-mine")
        check_equal(product.run("run", "--project", "first", "--", "/usr/bin/python3", "-c", CURSOR).stdout, "found\n", "a cursor")
    check(icon or cursor, "there is neither an icon nor a cursor on this machine to try with")
    check_equal(product.sh("first", "echo $XCURSOR_THEME $XCURSOR_SIZE; for d in $(echo $XDG_DATA_DIRS | tr : ' '); do "
                           "ls -d $d/themes/mine 2>/dev/null; done; true", env={"XCURSOR_THEME": "mine", "XCURSOR_SIZE": "48"}),
                f"mine 48\n{LOOK}/dot/themes/mine\n", "cursors and themes")


def locale_and_timezone(place):
    product = Product(place)
    product.project("first", ALONE)
    env = {"LANG": "C.UTF-8", "LC_TIME": "C", "TZ": "Asia/Tokyo"}
    check_equal(product.sh("first", "echo $LANG $LC_TIME $TZ; date -d @0 +%H; locale charmap", env=env),
                "C.UTF-8 C Asia/Tokyo\n09\nUTF-8\n", "what the caller's settings become")
    ours = place.run(["date", "+%z"], env={"TZ": ""}).stdout
    check_equal(product.sh("first", "unset TZ; date +%z"), place.run(["env", "-u", "TZ", "date", "+%z"]).stdout, "the timezone")
    check_equal(product.sh("first", "date +%z", env={"TZ": ""}), ours, "an empty one")
    check_equal(product.sh("first", "readlink -f /etc/localtime"), place.run(["readlink", "-f", "/etc/localtime"]).stdout,
                "what /etc/localtime is")


def homes_and_dotfiles(place):
    place.write("home/.vimrc", "set ruler\n")
    place.write("home/.config/app/settings", "mine\n")
    place.write("home/work/secret/key", "secret\n")
    place.write("home/work/doc/text", "text\n")
    product = Product(place)
    work = place.home + "/work"
    product.project("first", ALONE + f"[Home]\nDotfiles=.vimrc;.config/app;.nothere\n[Files]\nShare={work}:/srv/work\n"
                    f"ReadOnly={work}/doc:/srv/work/doc\nHide={work}/secret:/srv/work/secret\n")
    seen = product.sh("first", "cat ~/.vimrc ~/.config/app/settings; echo x >~/.vimrc || echo ro; rm ~/.vimrc || echo ro; "
                      "mv ~/.config/app ~/moved || echo ro; ls /srv/work/secret; cat /srv/work/doc/text; "
                      "echo x >/srv/work/doc/text || echo ro; echo new >/srv/work/new; echo kept >~/kept")
    check_equal(seen, "set ruler\nmine\nro\nro\nro\ntext\nro\n", "what is seen and may be done")
    check_equal(sorted(os.listdir(work)), ["doc", "new", "secret"], "the share")
    product.run("stop", "first")
    check_equal(product.sh("first", "cat ~/kept"), "kept\n", "a persistent home")
    product.run("stop", "first")
    product.project("first", ALONE + "[Home]\nMode=ephemeral\nDotfiles=.vimrc\n")
    check_equal(product.sh("first", "cat ~/.vimrc; ls ~; echo gone >~/gone"), "set ruler\n", "an ephemeral home")
    product.run("stop", "first")
    check_equal(product.sh("first", "ls ~"), "", "an ephemeral home, the next time")
    check_equal(os.listdir(product.home("first") + "/") and sorted(os.listdir(product.home("first")))[-1], "kept", "the kept home")


desktop_main(fonts, icons_and_cursors, locale_and_timezone, homes_and_dotfiles, needs=["bwrap", "fc-list"])
