"""test_one_glib.py FOLDER: what links GIO has the shared GLib alone. With a second one linked in, each would have main loops,
types and memory of its own."""
import os
import subprocess
import sys

found = []
for folder, _, names in os.walk(sys.argv[1]):
    for path in (os.path.join(folder, name) for name in names):
        if os.path.islink(path) or not os.access(path, os.X_OK) or path.endswith((".so", ".o", ".a")):
            continue
        with open(path, "rb") as f:
            if f.read(4) != b"\x7fELF":
                continue
        needed = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
        if "libgio-2.0" not in needed and "libgobject-2.0" not in needed:
            continue
        symbols = subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout
        found.append(path)
        if " T g_malloc\n" in symbols:
            sys.exit(f"{path} has two GLibs: name gio before what has the static one, in its meson.build")
if not any(path.endswith("isolate-gate") for path in found):
    sys.exit(f"isolate-gate was not looked at: {found}")
print(f"{len(found)} programs with GIO have one GLib")
