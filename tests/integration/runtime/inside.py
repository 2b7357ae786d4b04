"""For tests of what runs in a container: projects without a compositor, and a person at a terminal."""
import fcntl
import os
import pty
import select
import struct
import termios
import time

from desktoptest import QUIET, Product, check, deadline

PLAIN = QUIET + "Linger=forever\n[Display]\nWayland=no\n"


class Inside(Product):
    """Product with projects that need no compositor."""

    def quiet(self, project="first", text=PLAIN):
        self.project(project, text)


class Terminal:
    """A person at a terminal at which command runs."""

    def __init__(self, command, env, cwd=None, rows=30, columns=100):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.chdir(cwd or "/")
            os.execve(command[0], command, {"TERM": "dumb", **env})
        self.text = b""

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def modes(self):
        return termios.tcgetattr(self.fd)

    def type(self, text):
        os.write(self.fd, text.encode())

    def read_until(self, word, seconds=10):
        """Everything up to word, which must come."""
        word = word.encode()
        end = deadline(seconds)
        while word not in self.text:
            ready = select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]
            data = b""
            if ready:
                try:
                    data = os.read(self.fd, 65536)
                except OSError:
                    pass  # nobody has the other end any more
            if not data:
                raise AssertionError(f"{word} does not come, but {self.text[-2000:]}")
            self.text += data
        at = self.text.index(word) + len(word)
        seen, self.text = self.text[:at], self.text[at:]
        return seen.decode(errors="replace")

    def wait(self, seconds=10):
        """The exit status; the rest of the output is in rest."""
        end = deadline(seconds)
        while True:
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.text += os.read(self.fd, 65536)
                except OSError:
                    pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            check(time.monotonic() < end, f"does not end; {self.text[-2000:]}")
