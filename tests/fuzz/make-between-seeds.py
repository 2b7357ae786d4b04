#!/usr/bin/env python3
"""Writes the seeds of the corpora of fuzz-names and fuzz-audio, in the format of between.h. make-between-seeds.py CORPUS"""
import pathlib
import struct
import sys


def records(*sent):
    """Each of sent: (bytes, whether the server sends them[, whether a descriptor goes with the first])."""
    made = b""
    for data, server, *fd in sent:
        for at in range(0, len(data), 64):
            part = data[at:at + 64]
            made += bytes([server << 7 | (bool(fd) and at == 0) << 6 | len(part) - 1]) + part
    return made


# D-Bus

BUS = "org.freedesktop.DBus"
PATH, INTERFACE, MEMBER, ERROR, REPLY_TO, DESTINATION, SENDER, SIGNATURE, FDS = range(1, 10)
TYPES = {PATH: "o", INTERFACE: "s", MEMBER: "s", ERROR: "s", REPLY_TO: "u", DESTINATION: "s", SENDER: "s", SIGNATURE: "g", FDS: "u"}
CALL, RETURN, FAILURE, SIGNAL = range(1, 5)


def pad(data, to):
    return data + b"\0" * (-len(data) % to)


def value(kind, content, order):
    if kind == "u":
        return struct.pack(order + "I", content)
    text = content.encode()
    return (struct.pack(order + "I", len(text)) if kind in "so" else bytes([len(text)])) + text + b"\0"


def message(kind, fields, *body, order="<"):
    """body: texts and numbers."""
    content = b""
    for part in body:
        content = pad(content, 4) + value("u" if isinstance(part, int) else "s", part, order)
    if body:
        fields = {**fields, SIGNATURE: "".join("u" if isinstance(part, int) else "s" for part in body)}
    head = b""
    for code, field in fields.items():
        head = pad(head, 8) + bytes([code, 1, ord(TYPES[code]), 0]) + value(TYPES[code], field, order)
    fixed = (b"l" if order == "<" else b"B") + bytes([kind, 0, 1]) + struct.pack(order + "III", len(content), 1, len(head))
    return pad(fixed + head, 8) + content


def call(member, *body, to=BUS, order="<", more=None):
    return message(CALL, {PATH: "/org/freedesktop/DBus", INTERFACE: BUS, MEMBER: member, DESTINATION: to, **(more or {})}, *body, order=order)


def told(member, *body, order="<", sender=BUS):
    return message(SIGNAL, {PATH: "/org/freedesktop/DBus", INTERFACE: BUS, MEMBER: member, SENDER: sender}, *body, order=order)


NAME, OWN = "org.gnome.X", "isolate.abcdefghijklmnopqrstuvwxyz-12345.org.gnome.X"
OWNER = f"type='signal',sender='{BUS}',interface='{BUS}',member='NameOwnerChanged',path='/org/freedesktop/DBus'"
GREETING = b"\0AUTH EXTERNAL 31303030\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n"
ANSWERS = b"OK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n"
NAMES = {
    "names-of-all-kinds": records(*[(call(m, NAME), 0) for m in ("GetNameOwner", "NameHasOwner", "ReleaseName")],
                                  (call("RequestName", NAME, 4), 0), (call("StartServiceByName", OWN, 0, order=">"), 0)),
    "destinations": records(*[(message(CALL, {PATH: "/", MEMBER: "Do", DESTINATION: n}, "text", 5, order=o), 0)
                              for n in (NAME, OWN, "org.example.Y", ":1.5") for o in "<>"]),
    "matches": records(*[(call(m, r), 0) for m in ("AddMatch", "RemoveMatch") for r in (
        OWNER + f",arg0='{NAME}'", f"sender={NAME},path_namespace=/a,arg0path='/b'", OWNER + ",arg0namespace='org.gnome'",
        "arg0=org.example.Y,member=NameLost,arg1='x y'")]),
    "told": records((ANSWERS, 1), *[(told("NameOwnerChanged", n, "", ":1.5", order=o), 1) for n in (NAME, OWN, ":1.5") for o in "<>"],
                    (told("NameAcquired", OWN), 1), (told("NameLost", OWN, sender=":1.5"), 1)),
    "descriptors": records((message(CALL, {PATH: "/", MEMBER: "Do", DESTINATION: NAME, FDS: 1}), 0, True), (ANSWERS, 1),
                           (message(RETURN, {REPLY_TO: 1, FDS: 1}), 1, True)),
    "a-long-body": records((message(CALL, {PATH: "/", MEMBER: "Do", DESTINATION: NAME}, "x" * 1500), 0), (ANSWERS, 1),
                           (message(RETURN, {REPLY_TO: 1}, "y" * 1500), 1)),
    # What was found: too much was added to many destinations.
    "many-destinations": records((b"l\1\0\1" + struct.pack("<III", 0, 1, 16 * 100) +
                                  (b"\6\1s\0\1\0\0\0a" + b"\0" * 7) * 100, 0)),
}

# PulseAudio


def packet(payload, channel=0xffffffff, flags=0):
    return struct.pack(">IIIII", len(payload), channel, 0, 0, flags) + payload


def command(number, tag, *values):
    made = b""
    for v in (number, tag, *values):
        made += v if isinstance(v, bytes) else b"L" + struct.pack(">I", v)
    return packet(made)


def properties(**named):
    made = b"P"
    for name, v in named.items():
        v = v.encode() + b"\0"
        made += b"t" + name.replace("_", ".").encode() + b"\0L" + struct.pack(">I", len(v)) + b"x" + struct.pack(">I", len(v)) + v
    return made + b"N"


PLAY, RECORD, AUTH, NAME_SET, VOLUME, LOAD = 3, 5, 8, 9, 37, 51
PROPLIST = properties(application_name="a", media_class="Audio/Sink", media_role="music")
SPEC = b"a\3\2\0\0\xac\x44m\2\1\2v\2\0\1\0\0\0\1\0\0"
AUDIO = {
    "a-stream": records((command(AUTH, 0, 0xc0000023, b"x\0\0\1\0" + b"c" * 256), 0), (command(2, 0, 35), 1),
                        (command(NAME_SET, 1, PROPLIST), 0), (command(2, 1, 77), 1),
                        (command(PLAY, 2, SPEC, 0xffffffff, b"N1" + PROPLIST), 0), (command(2, 2, 4, 40, 65536), 1),
                        (packet(b"samples!" * 30, channel=4), 0), (command(VOLUME, 3, 40, b"v\1\0\1\0\0"), 0), (command(2, 3), 1)),
    "denied": records(*[(command(n, n, b"tmodule\0N"), 0) for n in (LOAD, RECORD, VOLUME, 100, 250)], (command(2, 1, 1), 1)),
    "a-recording": records((command(RECORD, 7, SPEC, b"0" + PROPLIST + b"f" + b"B\1" + PROPLIST), 0), (command(2, 7, 1, 50), 1),
                           (command(98, 8, 50, b"v\1\0\1\0\0"), 0), (packet(b"sound" * 20, channel=1), 1)),
    "shared-memory": records((packet(b"L\0\0\0\3", flags=0x80000000), 0), (command(101, 0), 1)),
    "errors-in-between": records(*[(command(LOAD, n), 0) for n in range(20)], (packet(b"half", channel=1)[:22], 1)),
}


def main(corpus):
    for folder, seeds, kinds in (("names", NAMES, (1, 0)), ("audio", AUDIO, (3, 1, 0))):
        path = pathlib.Path(corpus, folder)
        path.mkdir(parents=True, exist_ok=True)
        for name, data in seeds.items():
            for kind in kinds:
                # A program that has not said who it is does so first.
                before = records((GREETING, 0)) if folder == "names" and kind == 0 else b""
                (path / f"seed-{name}-{kind}").write_bytes(bytes([kind]) + before + data)


main(*sys.argv[1:])
