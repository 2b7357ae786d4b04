"""garbage.py KIND: what no D-Bus library sends. Prints "gone" when the connection was ended, else "open"."""
import array
import errno
import os
import random
import socket
import struct
import sys
import time


def connect():
    s = socket.socket(socket.AF_UNIX)
    s.connect(os.environ["XDG_RUNTIME_DIR"] + "/bus")
    s.settimeout(10)
    return s


def authenticated():
    s = connect()
    s.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
    assert s.recv(4096).startswith(b"OK"), "not let in"
    s.sendall(b"NEGOTIATE_UNIX_FD\r\n")
    assert s.recv(4096).startswith(b"AGREE"), "no descriptors"
    s.sendall(b"BEGIN\r\n")
    return s


def header(fields_length=0, body_length=0, order=b"l", version=1):
    return order + bytes([1, 0, version]) + struct.pack("<III", body_length, 1, fields_length)


def random_bytes(s):
    generator = random.Random(7)
    for _ in range(200):
        s.sendall(generator.randbytes(1024))


def fds(s):
    pipes = [os.open("/dev/null", os.O_RDONLY) for _ in range(250)]
    for _ in range(50):
        try:
            s.sendmsg([b"l"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", pipes))])
        except OSError as e:
            if e.errno != errno.ETOOMANYREFS:  # the kernel's own limit, while nobody has read them
                raise


def few_fds(s):
    """One with each byte of a message that never ends."""
    null = os.open("/dev/null", os.O_RDONLY)
    data = header(fields_length=30000) + bytes(30000)
    for i in range(2000):
        s.sendmsg([data[i:i + 1]], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [null]))])


KINDS = {
    "random": lambda: (connect(), random_bytes),
    "endless-line": lambda: (connect(), lambda s: [s.sendall(b"A" * 4096) for _ in range(100)]),
    "random-messages": lambda: (authenticated(), random_bytes),
    "vast-header": lambda: (authenticated(), lambda s: s.sendall(header(fields_length=1 << 26))),
    "vast-body": lambda: (authenticated(), lambda s: s.sendall(header(fields_length=0, body_length=0xffffffff))),
    "wrong-version": lambda: (authenticated(), lambda s: s.sendall(header(version=2))),
    "bad-fields": lambda: (authenticated(), lambda s: s.sendall(header(fields_length=64) + b"\xff" * 64)),
    "many-destinations": lambda: (authenticated(), lambda s: s.sendall(
        header(fields_length=2040 * 16) + b"\x06\x01s\0\x01\0\0\0a\0\0\0\0\0\0\0" * 2040)),
    "fds": lambda: (authenticated(), fds),
    "few-fds": lambda: (authenticated(), few_fds),
}


def many():
    """As many connections as it may have, which say nothing."""
    held = []
    try:
        for _ in range(900):
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(1)
            s.connect(os.environ["XDG_RUNTIME_DIR"] + "/bus")
            held.append(s)
    except OSError:
        pass
    print(len(held), flush=True)
    time.sleep(1)


def main(kind):
    if kind == "many":
        many()
        return
    s, attack = KINDS[kind]()
    try:
        attack(s)
        while s.recv(4096):
            pass
        print("gone")
    except ConnectionError:
        print("gone")
    except TimeoutError:
        print("open")


main(*sys.argv[1:])
