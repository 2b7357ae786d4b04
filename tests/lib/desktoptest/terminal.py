"""A terminal of the host with a program on it."""
import errno
import fcntl
import os
import re
import select
import struct
import termios

from . import proc


class Terminal:
    """A terminal of the host with a program on it."""

    def __init__(self, place, argv, env=None, rows=24, columns=80):
        self.master, slave = os.openpty()
        self.path = os.ttyname(slave)
        self.resize(rows, columns)
        self.place, self.text = place, ""
        self.process = place.spawn(argv, env=env, stdin=slave, stdout=slave, stderr=slave,
                                   preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, text):
        os.write(self.master, text.encode())

    def expect(self, pattern, seconds=15):
        """Waits until pattern has been printed, and forgets what was before its end. Returns the match."""
        end = proc.deadline(seconds)
        while True:
            match = re.search(pattern, self.text)
            if match:
                self.text = self.text[match.end():]
                return match
            if not self._read(end):
                raise AssertionError(f"{pattern!r} did not come; on the terminal: {self.text!r}")

    def rest(self, seconds=15):
        """All that comes until the program has ended."""
        end = proc.deadline(seconds)
        while self._read(end):
            pass
        return self.text

    def command(self, line, pattern, seconds=15):
        self.send(line + "\n")
        return self.expect(pattern, seconds)

    def close(self):
        os.close(self.master)

    def status(self, seconds=10):
        return self.process.wait(seconds * proc.SLOWNESS)

    def _read(self, end):
        left = end - proc.deadline(0)
        if left <= 0 or not select.select([self.master], [], [], left)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError as e:
            if e.errno == errno.EIO:  # nobody has the other end
                return False
            raise
        self.text += data.decode(errors="replace")
        return bool(data)
