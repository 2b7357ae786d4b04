"""Globals that the compositor at hand does not have: annex_server.py between it and its clients."""
import json
import os

from . import proc


class Annex:
    """Stands where the compositor would: socket_path and env are for its clients."""

    def __init__(self, place, compositor, *offered):
        self.place, self.display = place, "annexed"
        self.socket_path = os.path.join(place.runtime, self.display)
        self.env = {**compositor.env, "WAYLAND_DISPLAY": self.display}
        server = os.path.join(os.path.dirname(__file__), "annex_server.py")
        self.process = place.spawn(["/usr/bin/python3", "-I", server, self.socket_path, compositor.socket_path,
                                    *offered], name="annex")
        proc.wait_until(lambda: os.path.exists(self.socket_path), what="the annex")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.place.end(self.process)

    def requests(self, interface=None, request=None):
        """What came in so far, oldest first: client, interface, request, object, arguments. A client that broke the protocol
        is an AssertionError."""
        found = [json.loads(line) for line in self.place.log_text(self.process).splitlines() if line.endswith("}")]
        for entry in found:
            if "error" in entry:
                raise AssertionError(f"the annex: {entry['error']}")
        return [e for e in found if interface in (None, e["interface"]) and request in (None, e["request"])]
