#!/usr/bin/env python3
"""Writes the seeds of the corpus: short sessions in the format of harness.h. make-seeds.py CORPUS"""
import pathlib
import struct
import sys

(COMPOSITOR, SUBCOMPOSITOR, SHM, SEAT, DATA, OUTPUT, WM, VIEWPORTER, TABLET, DMABUF, ACTIVATION, PRIMARY, XDG_OUTPUT, TEXT_INPUT,
 PRESENTATION, SHORTCUTS, CONSTRAINTS, IDLE, DRAG, ICON, TAG, SCREENCOPY) = range(1, 23)
NAMES = {
    COMPOSITOR: ("wl_compositor", 4), SUBCOMPOSITOR: ("wl_subcompositor", 1), SHM: ("wl_shm", 1), SEAT: ("wl_seat", 7),
    DATA: ("wl_data_device_manager", 3), OUTPUT: ("wl_output", 4), WM: ("xdg_wm_base", 5),
    VIEWPORTER: ("wp_viewporter", 1), TABLET: ("zwp_tablet_manager_v2", 1), DMABUF: ("zwp_linux_dmabuf_v1", 4),
    ACTIVATION: ("xdg_activation_v1", 1), PRIMARY: ("zwp_primary_selection_device_manager_v1", 1),
    XDG_OUTPUT: ("zxdg_output_manager_v1", 3), TEXT_INPUT: ("zwp_text_input_manager_v3", 1), PRESENTATION: ("wp_presentation", 1),
    SHORTCUTS: ("zwp_keyboard_shortcuts_inhibit_manager_v1", 1), CONSTRAINTS: ("zwp_pointer_constraints_v1", 1),
    IDLE: ("zwp_idle_inhibit_manager_v1", 1), DRAG: ("xdg_toplevel_drag_manager_v1", 1),
    ICON: ("xdg_toplevel_icon_manager_v1", 1), TAG: ("xdg_toplevel_tag_manager_v1", 1),
}


def text(value):
    data = value.encode() + b"\0"
    return struct.pack("<I", len(data)) + data + b"\0" * (-len(data) % 4)


def message(target, opcode, *args):
    body = b"".join(text(a) if isinstance(a, str) else
                    struct.pack("<I", len(a)) + a + b"\0" * (-len(a) % 4) if isinstance(a, bytes) else
                    struct.pack("<I", a & 0xffffffff) for a in args)
    return struct.pack("<II", target, (8 + len(body)) << 16 | opcode) + body


NULL, MEMORY, PIPE = range(3)


def send(*messages, fds=0, kind=NULL):
    data = b"".join(messages)
    assert len(data) % 4 == 0 and len(data) <= 1020
    return bytes([kind << 5 | fds << 3, len(data) // 4]) + data


def act(target, opcode, value):
    return bytes([2, target, opcode, value])


RUN, CLOSE = bytes([3]), bytes([7])


def outside(choice):
    """What judge_act() does."""
    return bytes([11, choice])


PUSH, PULL, YES, NO, TOKEN, POLICY, BUSY, AWAY = range(8)

# The first byte: judge-filter.c.
GUARDED, PRIVATE, ASK, ALLOW, DENY = range(5)


def policy(mode=GUARDED, deny=False, allow=False, gpu=False, small=False):
    return mode + 5 * (deny | allow << 1 | gpu << 2 | small << 3)


WITHOUT_XDG_OUTPUT = 160


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
    "newer": WINDOW + send(message(6, 10, 1, 2)) + RUN,
    "version": START + send(message(2, 0, SHM, "wl_shm", 2, 4)) + RUN,
    "destroyed": WINDOW + send(message(4, 1, 9), message(9, 0), message(6, 4, 9)) + RUN,
    "twice": WINDOW + send(message(8, 0), message(8, 2, "a title")) + RUN,
    "no-nul": WINDOW + send(struct.pack("<III8s", 8, 20 << 16 | 2, 8, b"textless")) + RUN,
    "nul-inside": WINDOW + send(struct.pack("<III8s", 8, 20 << 16 | 2, 8, b"tex\0les\0")) + RUN,
    "short-pool": START + send(bind(SHM, 4)) + send(message(4, 0, 5), fds=1, kind=MEMORY) + RUN,
    "screencopy": START + send(message(2, 0, SCREENCOPY, "zwlr_screencopy_manager_v1", 3, 4)) + RUN,
    "hidden": START + send(message(2, 0, 77, "zwlr_screencopy_manager_v1", 1, 4)) + RUN,
    "garbage": START + send(b"\xff" * 40) + RUN,
}

# A client with a keyboard on its surface and both selection devices: ids, and in comments the server's resources.
HELD = START + send(bind(SEAT, 4), bind(COMPOSITOR, 5), bind(DATA, 6), bind(PRIMARY, 7)) + send(
    message(4, 1, 8), message(5, 0, 9), message(6, 1, 10, 4), message(7, 1, 11, 4)) + RUN
# 0 seat, 1 compositor, 2 data manager, 3 primary manager, 4 keyboard, 5 surface, 6 data device, 7 primary device
ENTER, LEAVE, PRESS = act(4, 1, 4), act(4, 2, 4), act(4, 3, 1)
OFFERED = act(6, 0, 0) + act(8, 0, 2) + act(6, 5, 2) + act(7, 0, 0) + act(9, 0, 2) + act(7, 1, 2) + RUN
READ = send(message(0xff000000, 1, "text/plain"), fds=1, kind=PIPE) + send(
    message(0xff000001, 0, "text/plain"), fds=1, kind=PIPE) + RUN
SOURCES = send(message(6, 0, 12), message(7, 0, 13), message(12, 0, "text/plain"), message(13, 0, "text/plain"), message(
    12, 2, 3)) + send(message(10, 1, 12, 4), message(11, 0, 13, 4)) + RUN
CLIPBOARD = HELD + ENTER + RUN + OFFERED + READ + PRESS + RUN + READ + SOURCES + act(10, 1, 2) + act(11, 0, 2) + act(
    10, 2, 0) + act(11, 1, 0) + RUN
DRAGGED = HELD + ENTER + PRESS + RUN + SOURCES + send(message(10, 0, 12, 9, 0, 1)) + RUN + act(6, 0, 0) + act(10, 0, 2) + act(
    10, 1, 2) + act(6, 1, 2) + act(6, 3, 2) + act(6, 4, 0) + act(6, 2, 0) + RUN

# What filters decide, each under policies that decide it in other ways: name, first byte, session.
FILTERED = [
    *((f"clipboard-{name}", policy(mode), CLIPBOARD) for name, mode in (
        ("guarded", GUARDED), ("private", PRIVATE), ("ask", ASK), ("allow", ALLOW), ("deny", DENY))),
    ("clipboard-small", policy(small=True), CLIPBOARD),
    ("ask-yes", policy(ASK), CLIPBOARD + READ + outside(YES) + RUN + READ + outside(NO)),
    ("moved", policy(PRIVATE), HELD + ENTER + OFFERED + SOURCES + outside(PUSH) + outside(PUSH | 8) + RUN + act(8, 1, 2) + act(
        9, 0, 2) + RUN + outside(PULL) + outside(PULL | 8) + RUN + READ + LEAVE + RUN),
    *((f"drag-{name}", value, DRAGGED) for name, value in (
        ("allow", policy()), ("private", policy(PRIVATE)), ("deny", policy(deny=True)), ("deny-private", policy(
            PRIVATE, deny=True)))),
    ("let-go", policy(), HELD + ENTER + PRESS + OFFERED + send(message(8, 0), message(9, 0)) + RUN + READ),
    ("shm-memory", policy(small=True), START + send(bind(SHM, 4)) + send(message(4, 0, 5, 4096), fds=1, kind=MEMORY) + send(
        message(5, 0, 6, 0, 8, 8, 32, 0), message(5, 2, 8000), message(6, 0), message(5, 0, 7, 0, 8, 8, 32, 0), message(
            5, 1)) + RUN + send(message(4, 0, 8, 65536), fds=1, kind=MEMORY) + RUN),
    *((f"activation-{name}", value, HELD + send(bind(ACTIVATION, 12), message(12, 1, 13), message(13, 0, 4, 4), message(
        13, 1, "app"), message(13, 2, 9), message(13, 3), message(12, 2, "text/plain", 9), message(
            12, 2, "isolate-refused", 9)) + RUN + outside(YES) + RUN + act(9, 0, 2) + RUN + outside(TOKEN) + send(
                message(12, 2, "text/plain", 9)) + RUN)
      for name, value in (("ask", policy()), ("allow", policy(allow=True)), ("deny", policy(deny=True)))),
    *((f"inhibit-{name}", value, HELD + send(bind(SHORTCUTS, 12), bind(IDLE, 13), bind(CONSTRAINTS, 14), message(4, 0, 15)) + send(
        message(12, 1, 16, 9, 4), message(13, 1, 17, 9), message(14, 1, 18, 9, 15, 0, 2), message(16, 0)) + RUN + outside(
            YES) + RUN + send(message(18, 0), message(17, 0)) + RUN)
      for name, value in (("ask", policy()), ("allow", policy(allow=True)), ("deny", policy(deny=True)))),
    ("fullscreen-deny", policy(deny=True), WINDOW + send(message(8, 11, 0), message(8, 12)) + RUN),
    ("xdg-output-local", WITHOUT_XDG_OUTPUT, START + send(bind(OUTPUT, 4), message(2, 0, 0xfe000000, *NAMES[XDG_OUTPUT], 5), message(
        5, 1, 6, 4)) + RUN + act(0, 1, 1) + act(0, 3, 2) + act(0, 2, 0) + RUN),
    ("xdg-output", policy(), START + send(bind(OUTPUT, 4), bind(XDG_OUTPUT, 5), message(5, 1, 6, 4)) + RUN + b"".join(
        act(0, o, 2) + act(2, o, 2) for o in range(6)) + RUN),
    ("dmabuf-gpu", policy(gpu=True), START + send(bind(DMABUF, 4), message(4, 2, 5)) + RUN + act(1, 1, 0) + act(1, 2, 8) + act(
        1, 4, 8) + act(1, 6, 1) + act(1, 5, 8) + act(1, 3, 0) + act(1, 0, 0) + RUN),
    ("icon", policy(), WINDOW + send(bind(ICON, 9), message(9, 1, 10), message(10, 1, "app"), message(9, 2, 8, 10)) + RUN),
    *((f"toplevel-drag-{name}", value, HELD + ENTER + PRESS + RUN + SOURCES + send(bind(DRAG, 14), message(14, 1, 15, 12)) + RUN + send(
        message(15, 0), message(10, 0, 12, 9, 0, 1)) + RUN)
      for name, value in (("private", policy(PRIVATE)), ("deny", policy(deny=True)))),
    ("tag", policy(), WINDOW + send(bind(TAG, 9), message(9, 1, 8, "tag"), message(9, 2, 8, "words")) + RUN),
    ("apps", policy(), WINDOW + send(message(8, 3, "org.example.Native"), message(8, 3, "windowclass")) + RUN),
    ("new-policy", policy(), WINDOW + outside(POLICY | 8) + send(bind(SEAT, 9)) + RUN + outside(POLICY | 16) + RUN),
]

ANNOUNCE = b"".join(send(message(2, 0, name, *NAMES[name])) for name in range(COMPOSITOR, PRIMARY + 1)) + RUN
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
    "hidden": ANNOUNCE + send(message(2, 0, SCREENCOPY, "zwlr_screencopy_manager_v1", 3)) + RUN,
    "no-nul": ANNOUNCE + send(struct.pack("<III8s", BOUND[SEAT], 20 << 16 | 1, 8, b"textless")) + RUN,
    "error": ANNOUNCE + send(message(1, 0, 5, 1, "no")) + RUN,
    "newer": ANNOUNCE + send(message(BOUND[SEAT], 99), message(999, 0)) + RUN,
    "garbage": ANNOUNCE + send(b"\xff" * 40) + RUN,
}

# With a GPU, since the client then binds all of the globals.
EVENTS_FILTERED = [(f"{name}-{mode}", policy(mode, gpu=True), data) for mode in range(5) for name, data in EVENTS.items() if name in (
    "offer", "seat", "output", "window")]

for folder, seeds, filtered in (("requests", REQUESTS, FILTERED), ("events", EVENTS, EVENTS_FILTERED)):
    for name, choice, data in [(name, policy(), data) for name, data in seeds.items()] + filtered:
        path = pathlib.Path(sys.argv[1]) / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes([choice]) + data)
