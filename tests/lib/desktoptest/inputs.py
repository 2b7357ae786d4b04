"""The keyboard and the pointer of a headless compositor: tests/tools/virtual-input, kept alive."""
import subprocess

from . import proc


class VirtualInput:
    def __init__(self, place, env, size):
        self._process = place.spawn([place.built("virtual-input"), f"{size[0]}x{size[1]}"], env=env,
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        answer = self._process.stdout.readline().strip()
        if answer != "ready":
            raise AssertionError(f"virtual-input does not start: {place.log_text(self._process)}")

    def command(self, line):
        """One command as described in virtual-input.c; returns when the compositor has seen it."""
        if "\n" in line:
            raise ValueError("one line at a time")
        self._process.stdin.write(line + "\n")
        answer = self._process.stdout.readline().strip()
        if answer != "ok":
            raise AssertionError(f"input {line!r}: {answer or 'virtual-input is gone'}")

    def type(self, text):
        """Newlines become Return."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.key("Return")
            if line:
                self.command("type " + line)

    def key(self, name):
        self.command("key " + name)

    def move(self, x, y):
        self.command(f"move {int(x)} {int(y)}")

    def click(self, x=None, y=None, button="left"):
        if x is not None:
            self.move(x, y)
        self.command("click " + button)

    def drag(self, start, end, steps=8, hover=0.0):
        """hover: seconds above the goal before the button is let go, for a program that takes long to accept."""
        self.move(*start)
        self.command("press left")
        for i in range(1, steps + 1):
            self.move(*(a + (b - a) * i / steps for a, b in zip(start, end)))
            self.command(f"wait {int(10 * proc.SLOWNESS)}")
        for offset in (1, 0) if hover else ():
            self.command(f"wait {int(500 * hover * proc.SLOWNESS)}")
            self.move(end[0] + offset, end[1])
        self.command("release left")

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(5 * proc.PATIENCE)
