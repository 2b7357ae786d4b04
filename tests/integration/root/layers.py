"""What the tests of layers and bases share."""
import os
import subprocess
import time

from desktoptest import Product, Skip

QUIET = "[Project]\nGate=never\nLinger=forever\n[Display]\nWayland=no\n[Network]\nMode=none\n"


def need_layers():
    """Skips, with the reason, where the machine gives nobody a layer."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise Skip("/dev/fuse cannot be opened here: NO LAYER WAS TESTED")
    with open("/etc/subuid", encoding="utf-8") as f:
        if os.environ["USER"] + ":" not in f.read():
            raise Skip("the user has no subordinate ids: NO LAYER WAS TESTED")


class Layered(Product):
    """A product whose projects have layers."""

    def __init__(self, place):
        need_layers()
        super().__init__(place)

    def layered(self, kind="persistent", text="", name="first"):
        return self.project(name, f"{QUIET}[Root]\nLayer={kind}\n{text}")

    def as_root(self, script, name="first", check=True, seconds=60):
        """Runs a script in `isolate shell --root`."""
        path = self.place.write(f"script-{time.monotonic_ns()}", "umask 022\n" + script)
        with open(path, encoding="utf-8") as f:
            return self.run("shell", name, "--root", stdin=f, check=check, seconds=seconds)

    def layer(self, name="first"):
        return os.path.join(self.place.home, ".local/share/isolate", name, "layer")

    def left(self):
        """Processes of layers below this test."""
        return self.processes("isolate-layer") + self.processes("fuse-overlayfs")


def package(place, name):
    """A real package of Debian, in a folder that is a repository. It is fetched once, from where this machine has its own."""
    folder = os.path.join(place.path, "repository")
    os.makedirs(folder, mode=0o755, exist_ok=True)
    os.chmod(folder, 0o755)
    done = subprocess.run(["apt-get", "download", name], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skip(f"apt-get download {name}: {done.stderr.strip()}")
    with open(os.path.join(folder, "Packages"), "w", encoding="utf-8") as f:
        subprocess.run(["dpkg-scanpackages", "-m", "."], cwd=folder, stdout=f, stderr=subprocess.DEVNULL, check=True)
    for file in os.listdir(folder):
        os.chmod(os.path.join(folder, file), 0o644)  # apt reads as an account of its own
    return folder


def not_installed(*names):
    """The first of these packages that the host lacks, so that it is a sign of the layer."""
    for name in names:
        if subprocess.run(["dpkg-query", "-W", name], capture_output=True, check=False).returncode != 0:
            return name
    raise Skip("the host has all of " + ", ".join(names))
