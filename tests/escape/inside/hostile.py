"""hostile.py HOME: a process, threads, files, output and links whose names are made to act on whatever shows them."""
import ctypes
import os
import socket
import sys

EVIL = "\033]0;owned\007\033[2J\u202eevil\u2066\u200b\r\n9999 isolate-init\u0085\x9b31m\x7f\t"
RAW = EVIL.encode() + b"\xff\xfe\xc0\xaf"
NAME = RAW.replace(b"/", b"_")


def files(home):
    folder = os.path.join(os.fsencode(home), b"hostile")
    os.makedirs(os.path.join(folder, NAME, NAME))
    for name, content in ((NAME + b"file", RAW), (NAME + b"-closed", b"")):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(content)
    os.chmod(os.path.join(folder, NAME + b"-closed"), 0)
    os.symlink(RAW[:200], os.path.join(folder, NAME + b"link"))
    os.mkfifo(os.path.join(folder, NAME + b"fifo"))
    os.mkdir(os.path.join(folder, NAME + b"-shut"), 0)
    server = socket.socket(socket.AF_UNIX)
    os.chdir(folder)
    server.bind(b"\033[31mso")


def processes():
    for argv in ([RAW, "-I", "-c", "import time; time.sleep(600)", EVIL], [b"\n", "-I", "-c", "import time; time.sleep(601)"]):
        if os.fork() == 0:
            os.execv(sys.executable, argv)
    if os.fork() == 0:
        # One that has no command line: its name is shown.
        libc = ctypes.CDLL(None)
        libc.prctl(15, RAW[:15], 0, 0, 0)
        libc.pause()


if __name__ == "__main__":
    files(sys.argv[1])
    processes()
    sys.stdout.buffer.write(RAW + b"\n" + RAW * 500 + b"\n")
    sys.stdout.flush()
    sys.stderr.buffer.write(RAW)
    os.mkdir(os.path.join(sys.argv[1], "ready"))
