"""isolate-wlproxy as a program of its own, in front of a compositor."""
import os
import select

from . import proc

PERMISSIVE = "[Display]\nProfile=permissive\n"


class Proxy:
    """Clients that get env are behind it. policy: text of its keyfile; debug: words for ISOLATE_DEBUG."""

    def __init__(self, place, compositor, policy="[Project]\nName=first\n", name="proxied", debug=None):
        self.place, self.display = place, name
        self.socket_path = os.path.join(place.runtime, name)
        self.env = {k: v for k, v in compositor.env.items() if k != "SWAYSOCK"}
        self.env["WAYLAND_DISPLAY"] = name
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb", buffering=0) as ready:
            self.process = place.spawn([
                place.built("isolate-wlproxy"), "--listen", self.socket_path, "--upstream", compositor.socket_path,
                "--policy", place.write(name + ".policy", policy), "--ready-fd", str(writer)],
                env={"ISOLATE_DEBUG": debug} if debug else {}, pass_fds=[writer])
            os.close(writer)
            if not select.select([ready], [], [], 10 * proc.PATIENCE)[0] or not ready.read(1):
                raise AssertionError(f"isolate-wlproxy does not get ready:\n{place.log_text(self.process)}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.place.end(self.process)
