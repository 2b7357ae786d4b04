"""Headless compositors, drawn by the CPU, of one fixed size."""
import glob
import json
import os
import signal
import socket
import struct
import time

from . import proc
from .image import Image
from .inputs import VirtualInput

SIZE = (1024, 768)


class Compositor:
    """display: name of its socket; env: what a client needs to find it, on top of place.env."""

    def __init__(self, place, size=SIZE):
        self.place, self.size = place, size
        self._shots = 0
        before = set(self._sockets())
        self.process = self._start()
        self.display = self._await(lambda: next(iter(set(self._sockets()) - before), None), "its Wayland socket")
        self.socket_path = os.path.join(place.runtime, self.display)
        self.env = {"WAYLAND_DISPLAY": self.display, "XDG_SESSION_TYPE": "wayland", "GDK_BACKEND": "wayland",
                    "QT_QPA_PLATFORM": "wayland", "QT_WAYLAND_DISABLE_WINDOWDECORATION": "1"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.place.end(self.process)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for leftover in (self.socket_path, self.socket_path + ".lock"):
            os.unlink(leftover)

    def settled_screenshot(self, name, seconds=15, ready=lambda image: image.colours() > 1, still=0.0):
        """The picture once it is ready and two in a row are the same, or all of them for so many seconds as still says.
        It is kept with the artifacts."""
        last, since = [None], [0.0]

        def settled():
            image, now = self.screenshot(), time.monotonic()
            if last[0] is None or image != last[0]:
                last[0], since[0] = image, now
                return None
            return image if now - since[0] >= still and ready(image) else None
        try:
            image = proc.wait_until(settled, seconds, "a picture that stays the same", 0.15)
        finally:
            if last[0]:
                last[0].write(os.path.join(self.place.artifacts, name + ".png"))
        return image

    def _sockets(self):
        return [os.path.basename(p) for p in glob.glob(os.path.join(self.place.runtime, "wayland-*"))
                if not p.endswith(".lock")]

    def _await(self, condition, what):
        def look():
            if self.process.poll() is not None:
                raise AssertionError(f"{type(self).__name__} ended ({self.process.returncode}) before {what} was there:"
                                     f"\n{self.place.log_text(self.process)}")
            return condition()
        return proc.wait_until(look, 15, what)


class Sway(Compositor):
    """One window fills the output; with more, they share it. No borders, no animation, no Xwayland.

    input: keyboard and pointer. Extra lines of configuration may be given."""

    BACKEND = {"WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1",
               "WLR_HEADLESS_OUTPUTS": "1"}
    CONFIG = """
xwayland disable
output * resolution {width}x{height} position 0 0 bg #204060 solid_color
default_border none
default_floating_border none
focus_follows_mouse no
seat * hide_cursor 0
"""

    def __init__(self, place, size=SIZE, config="", with_input=True):
        self._config = self.CONFIG.format(width=size[0], height=size[1]) + config
        super().__init__(place, size)
        self._ipc_path = self._await(lambda: next(iter(glob.glob(
            os.path.join(place.runtime, f"sway-ipc.*.{self.process.pid}.sock"))), None), "its IPC socket")
        self.env["SWAYSOCK"] = self._ipc_path
        self._await(self._output_ready, "its output")
        self.input = VirtualInput(place, self.env, size) if with_input else None
        if self.input:
            self.input.move(size[0] - 1, size[1] - 1)  # the pointer is drawn: out of the picture with it

    def _start(self):
        path = self.place.write("sway.conf", self._config)
        return self.place.spawn(["sway", "-c", path], env=self.BACKEND)

    def close(self):
        if self.input and self.process.poll() is None:
            self.input.close()
        super().close()

    # IPC (sway-ipc(7))

    def ipc(self, kind, payload=""):
        body = payload.encode()
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10 * proc.PATIENCE)
            s.connect(self._ipc_path)
            s.sendall(b"i3-ipc" + struct.pack("=II", len(body), kind) + body)
            length, _ = struct.unpack("=II", _read_exactly(s, 14)[6:])
            return json.loads(_read_exactly(s, length))

    def command(self, text):
        for result in self.ipc(0, text):
            if not result["success"]:
                raise AssertionError(f"sway does not obey {text!r}: {result.get('error')}")

    def tree(self):
        return self.ipc(4)

    def windows(self):
        """Nodes of the tree that are windows, each with app_id, name (the title), pid, rect, focused."""
        found, queue = [], [self.tree()]
        while queue:
            node = queue.pop()
            queue += node["nodes"] + node["floating_nodes"]
            if node.get("pid") and node["type"] in ("con", "floating_con"):
                found.append(node)
        return sorted(found, key=lambda n: n["id"])

    def wait_windows(self, count=1, seconds=15, **wanted):
        """Waits until count windows or more have these attributes, and returns them."""
        def look():
            found = [w for w in self.windows() if all(w.get(k) == v for k, v in wanted.items())]
            return found if len(found) >= count else None
        try:
            return proc.wait_until(look, seconds, f"{count} window(s) with {wanted}")
        except AssertionError as e:
            seen = [(w["app_id"], w["name"]) for w in self.windows()]
            raise AssertionError(f"{e}; there are {seen}") from None

    def wait_window(self, seconds=15, **wanted):
        return self.wait_windows(1, seconds, **wanted)[0]

    def wait_no_windows(self, seconds=15):
        proc.wait_until(lambda: not self.windows(), seconds, "all windows to be gone")

    def screenshot(self, name=None):
        """The whole output, without the pointer. With a name it is kept with the artifacts."""
        self._shots += 1
        path = os.path.join(self.place.runtime, f"shot-{self._shots}.ppm")
        self.place.run(["grim", "-t", "ppm", path], env=self.env)
        image = Image.read(path)
        os.unlink(path)
        if name:
            image.write(os.path.join(self.place.artifacts, name + ".png"))
        return image

    def _output_ready(self):
        try:
            outputs = self.ipc(3)
        except ConnectionRefusedError:
            return False  # the socket is bound, and not listened on yet
        return outputs and outputs[0].get("current_mode", {}).get("width") == self.size[0]


class Weston(Compositor):
    """Weston's desktop shell without panel and animation. It has no seat, so no input, and foot refuses it: see
    NestedWeston. The place of the first window is the same in each run."""

    CONFIG = """[core]
idle-time=0
[shell]
background-color=0xff204060
panel-position=none
animation=none
startup-animation=none
close-animation=none
locking=false
"""
    OPTIONS = ("--backend=headless-backend.so", "--shell=desktop-shell.so")
    RENDERER = "--use-pixman"
    UPSTREAM = {}

    def _start(self):
        config = self.place.write("weston.ini", self.CONFIG)
        numbers = [int(s.rsplit("-", 1)[1]) for s in self._sockets()]
        return self.place.spawn([
            "weston", *self.OPTIONS, "--config=" + config, self.RENDERER, "--debug", f"--width={self.size[0]}",
            f"--height={self.size[1]}", f"--socket=wayland-{max(numbers, default=0) + 1}"], env=self.UPSTREAM)

    def screenshot(self, name=None):
        pictures = os.path.join(self.place.path, "pictures")
        os.makedirs(pictures, mode=0o700, exist_ok=True)
        self.place.run(["weston-screenshooter"], env={**self.env, "XDG_PICTURES_DIR": pictures}, cwd=pictures)
        path = max(glob.glob(os.path.join(pictures, "*.png")))
        image = Image.read(path)
        os.unlink(path)
        if name:
            image.write(os.path.join(self.place.artifacts, name + ".png"))
        return image

    def scene(self):
        """Weston's description of what is on screen: for each window "top-level window 'TITLE' of APP_ID"."""
        talker = self.place.spawn(["weston-debug", "scene-graph"], env=self.env)
        try:
            return proc.wait_until(lambda: self._whole_scene(talker), 5, "weston's scene")
        finally:
            self.place.end(talker)
            os.unlink(talker.log)

    def _whole_scene(self, talker):
        text = self.place.log_text(talker)
        return text if text.endswith("\n\n") and "Layer" in text else None

    def wait_window(self, app_id=None, seconds=15):
        wanted = f"of {app_id}," if app_id else "top-level window"
        return proc.wait_until(lambda: next((line for line in self.scene().splitlines() if wanted in line), None),
                               seconds, f"a window with app_id {app_id}")


class NestedWeston(Weston):
    """Weston in a window of sway, which gives it a seat and takes the pictures. Its kiosk shell lets each window fill
    the output."""

    OPTIONS = ("--backend=wayland-backend.so", "--shell=kiosk-shell.so")

    def __init__(self, sway):
        self.sway, self.input = sway, sway.input
        self.UPSTREAM = sway.env
        super().__init__(sway.place, (sway.size[0] - 64, sway.size[1] - 64))  # room for its frame
        sway.wait_window(pid=self.process.pid)

    def screenshot(self, name=None):
        return self.sway.screenshot(name)


def _read_exactly(s, size):
    data = b""
    while len(data) < size:
        part = s.recv(size - len(data))
        if not part:
            raise AssertionError("sway closed its IPC socket")
        data += part
    return data
