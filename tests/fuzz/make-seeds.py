#!/usr/bin/env python3
"""Writes the seeds of the corpus: short sessions in the format of harness.h. make-seeds.py CORPUS"""
import pathlib
import struct
import sys

COMPOSITOR, SUBCOMPOSITOR, SHM, SEAT, DATA, OUTPUT, WM, VIEWPORTER, TABLET, DMABUF, ACTIVATION, PRIMARY = range(1, 13)
NAMES = {
    COMPOSITOR: ("wl_compositor", 4), SUBCOMPOSITOR: ("wl_subcompositor", 1), SHM: ("wl_shm", 1), SEAT: ("wl_seat", 7),
    DATA: ("wl_data_device_manager", 3), OUTPUT: ("wl_output", 4), WM: ("xdg_wm_base", 5),
    VIEWPORTER: ("wp_viewporter", 1), TABLET: ("zwp_tablet_manager_v2", 1), DMABUF: ("zwp_linux_dmabuf_v1", 4),
    ACTIVATION: ("xdg_activation_v1", 1), PRIMARY: ("zwp_primary_selection_device_manager_v1", 1),
}


def text(value):
    data = value.encode() + b"\0"
    return struct.pack("<I", len(data)) + data + b"\0" * (-len(data) % 4)


def message(target, opcode, *args):
    body = b"".join(text(a) if isinstance(a, str) else
                    struct.pack("<I", len(a)) + a + b"\0" * (-len(a) % 4) if isinstance(a, bytes) else
                    struct.pack("<I", a & 0xffffffff) for a in args)
    return struct.pack("<II", target, (8 + len(body)) << 16 | opcode) + body


def send(*messages, fds=0):
    data = b"".join(messages)
    assert len(data) % 4 == 0 and len(data) <= 1020
    return bytes([fds << 3, len(data) // 4]) + data


def act(target, opcode, value):
    return bytes([2, target, opcode, value])


RUN, CLOSE = bytes([3]), bytes([7])


def bind(name, new_id):
    interface, version = NAMES[name]
    return message(2, 0, name, interface, version, new_id)


START = send(message(1, 1, 2), message(1, 0, 3)) + RUN
WINDOW = START + send(bind(COMPOSITOR, 4), bind(WM, 5), message(4, 0, 6), message(5, 2, 7, 6), message(7, 1, 8)) + send(
    message(8, 2, "a title"), message(8, 3, "app"), message(6, 6)) + RUN

REQUESTS = {
    "sync": START + send(*(message(1, 0, 4 + i) for i in range(20))) + RUN,
    "window": WINDOW + act(0, 0, 0) + act(3, 0, 5) + RUN + send(
        message(8, 4, 0, 1, 0, 0), message(8, 0), message(7, 0), message(6, 0)) + RUN,
    "shm": START + send(bind(SHM, 4)) + send(message(4, 0, 5, 4096), fds=1) + send(
        message(5, 0, 6, 0, 8, 8, 32, 0), message(5, 2, 8192), message(6, 0), message(5, 1)) + RUN,
    "popup": WINDOW + send(message(5, 1, 9), message(9, 1, 10, 10), message(4, 0, 10), message(5, 2, 11, 10),
                           message(11, 2, 12, 7, 9), message(12, 0), message(11, 0), message(9, 0)) + RUN,
    "input": START + send(bind(SEAT, 4), message(4, 0, 5), message(4, 1, 6), message(4, 2, 7)) + RUN + b"".join(
        act(i, o, v) for i in range(4) for o in range(6) for v in (0, 4)) + RUN + send(
        message(5, 1), message(6, 0), message(7, 0), message(4, 3)) + RUN,
    "selection": START + send(bind(SEAT, 4), bind(DATA, 5), message(5, 1, 6, 4), message(5, 0, 7), message(
        7, 0, "text/plain"), message(6, 1, 7, 1)) + RUN + act(2, 0, 0) + act(4, 0, 2) + act(2, 5, 2) + RUN + send(
        message(0xff000000, 1, "text/plain"), fds=1) + send(message(0xff000000, 2), message(7, 1)) + RUN + act(
        2, 0, 0) + RUN,
    "output": START + send(bind(OUTPUT, 4)) + RUN + b"".join(act(0, o, 2) for o in range(6)) + RUN,
    "dmabuf": START + send(bind(DMABUF, 4), message(4, 1, 5)) + send(message(5, 1, 0, 0, 32, 0, 0), fds=1) + send(
        message(5, 3, 6, 8, 8, 0x34325258, 0), message(4, 2, 7)) + RUN + act(2, 1, 8) + act(2, 2, 8) + RUN,
    "tablet": START + send(bind(SEAT, 4), bind(TABLET, 5), message(5, 0, 6, 4)) + RUN + b"".join(
        act(2, o, 0) for o in range(3)) + RUN + act(3, 0, 2) + act(4, 1, 2) + RUN,
    "cut": WINDOW[:-20] + CLOSE,
    "hidden": START + send(message(2, 0, 77, "zwlr_screencopy_manager_v1", 1, 4)) + RUN,
    "garbage": START + send(b"\xff" * 40) + RUN,
}

ANNOUNCE = b"".join(send(message(2, 0, name, *NAMES[name])) for name in NAMES) + RUN
# The client binds in this order: ids 3 and up.
BOUND = {name: 2 + name for name in NAMES}

EVENTS = {
    "announce": ANNOUNCE + RUN,
    "shm": ANNOUNCE + send(message(BOUND[SHM], 0, 0), message(BOUND[SHM], 0, 1)) + RUN,
    "seat": ANNOUNCE + send(message(BOUND[SEAT], 0, 7), message(BOUND[SEAT], 1, "seat0")) + RUN + act(
        3, 0, 0) + act(3, 1, 0) + RUN + send(message(16, 0, 1, 4096), message(15, 2, 1, 256, 256), fds=1) + RUN,
    "output": ANNOUNCE + send(message(BOUND[OUTPUT], 0, 0, 0, 1, 1, 0, "make", "model", 0), message(
        BOUND[OUTPUT], 1, 1, 640, 480, 60000), message(BOUND[OUTPUT], 4, "X-1"), message(BOUND[OUTPUT], 2)) + RUN,
    "offer": ANNOUNCE + act(4, 1, 0) + RUN + send(message(15, 0, 0xff000000), message(0xff000000, 0, "text/plain"), message(
        15, 5, 0xff000000)) + RUN + act(13, 2, 0) + RUN + send(message(15, 0, 0xff000000), message(15, 5, 0)) + RUN,
    "window": ANNOUNCE + act(0, 0, 0) + act(6, 2, 0) + RUN + act(13, 1, 0) + RUN + send(
        message(17, 0, 640, 480, b"\x01\0\0\0"), message(16, 0, 1)) + RUN,
    "removed": ANNOUNCE + send(message(2, 1, OUTPUT), message(2, 0, OUTPUT, "wl_output", 2)) + RUN,
    "deleted": ANNOUNCE + act(0, 0, 0) + RUN + act(12, 0, 0) + RUN + send(message(1, 1, 15)) + RUN + act(0, 0, 0) + RUN,
    "error": ANNOUNCE + send(message(1, 0, 5, 1, "no")) + RUN,
    "newer": ANNOUNCE + send(message(BOUND[SEAT], 99), message(999, 0)) + RUN,
    "garbage": ANNOUNCE + send(b"\xff" * 40) + RUN,
}

for folder, seeds in (("requests", REQUESTS), ("events", EVENTS)):
    for name, data in seeds.items():
        path = pathlib.Path(sys.argv[1]) / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
