"""annex_server.py LISTEN UPSTREAM [GLOBAL…]: a middleman that gives a compositor globals that it does not have.

Everything passes as it is, but for the globals of ANNEX: they are added to every registry, their requests are checked
as the protocols say and answered here, and each is a line of JSON on stdout: client (a number), interface, request,
object, and what that had for arguments.

The compositor wants ids without gaps, so it is given an object for each of ours, of a kind that has no events: a
wl_compositor for a manager, a wl_region for what a manager makes. Their opcodes for creating (1) and destroying (0) are
those of ours, so both requests go on to the compositor, which also says which ids are free again."""
import array
import json
import os
import selectors
import socket
import struct
import sys

DISPLAY, GET_REGISTRY, DELETE_ID = 1, 1, 1
FIRST_NAME = 0xA0000000  # names of our globals: a compositor counts from 1
ICON_SIZES = (24, 48)
CHUNK, FDS = 65536, 253

# Requests of ours by opcode: name, arguments (o: an object of this interface, ? for none; i, s). Those that create and
# destroy are the ones for which the compositor has a substitute.
ANNEX = {
    "xdg_toplevel_icon_manager_v1": [
        ("destroy", ()), ("create_icon", ("new xdg_toplevel_icon_v1",)),
        ("set_icon", ("xdg_toplevel", "?xdg_toplevel_icon_v1"))],
    "xdg_toplevel_icon_v1": [("destroy", ()), ("set_name", ("s",)), ("add_buffer", ("wl_buffer", "i"))],
    "xdg_toplevel_drag_manager_v1": [
        ("destroy", ()), ("get_xdg_toplevel_drag", ("new xdg_toplevel_drag_v1", "wl_data_source"))],
    "xdg_toplevel_drag_v1": [("destroy", ()), ("attach", ("xdg_toplevel", "i", "i"))],
    "xdg_toplevel_tag_manager_v1": [
        ("destroy", ()), ("set_toplevel_tag", ("xdg_toplevel", "s")),
        ("set_toplevel_description", ("xdg_toplevel", "s"))],
}
MANAGERS = [name for name in ANNEX if "_manager_" in name]
# What makes the objects that those name: interface and opcode, the interface of the new one, the word with its id.
MAKERS = {
    ("wl_shm", 0): ("wl_shm_pool", 0), ("wl_shm_pool", 0): ("wl_buffer", 0),
    ("wl_data_device_manager", 0): ("wl_data_source", 0),
    ("xdg_wm_base", 2): ("xdg_surface", 0), ("xdg_surface", 1): ("xdg_toplevel", 0),
}
DESTROYERS = {("wl_shm_pool", 1), ("wl_buffer", 0), ("wl_data_source", 1), ("xdg_surface", 0), ("xdg_toplevel", 0)}
FOLLOWED = {interface for interface, _ in MAKERS}


class ProtocolError(Exception):
    def __init__(self, object_id, code, text):
        super().__init__(text)
        self.object_id, self.code = object_id, code


class Pipe:
    """One direction: bytes and descriptors that came in, whole messages that go out. A descriptor goes no later than
    the message that it came with: those are read in order, and none of ours has one."""

    def __init__(self, source, sink):
        self.source, self.sink = source, sink
        self.incoming, self.outgoing, self.fds = bytearray(), bytearray(), []

    def read(self):
        data, ancillary, _, _ = self.source.recvmsg(CHUNK, socket.CMSG_SPACE(FDS * 4))
        for level, kind, body in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds = array.array("i")
                fds.frombytes(body[:len(body) - len(body) % 4])
                self.fds += fds
        self.incoming += data
        return bool(data)

    def messages(self):
        while len(self.incoming) >= 8:
            object_id, word = struct.unpack_from("=II", self.incoming)
            size = word >> 16
            if size < 8:
                raise ProtocolError(DISPLAY, 1, "a message that is too short")
            if len(self.incoming) < size:
                return
            message = bytes(self.incoming[:size])
            del self.incoming[:size]
            yield object_id, word & 0xFFFF, message

    def put(self, object_id, opcode, body):
        self.outgoing += struct.pack("=II", object_id, (8 + len(body)) << 16 | opcode) + body

    def flush(self):
        self.sink.setblocking(True)
        while self.outgoing:
            now, self.fds = self.fds[:28], self.fds[28:]
            sent = self.sink.sendmsg([self.outgoing], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", now))]
                                     if now else [])
            del self.outgoing[:sent]
            for fd in now:
                os.close(fd)


def string(text):
    data = text.encode() + b"\0"
    return struct.pack("=I", len(data)) + data + bytes(-len(data) % 4)


def take_string(data, at):
    size, = struct.unpack_from("=I", data, at)
    text = data[at + 4:at + 4 + size]
    if size == 0 or text[-1:] != b"\0":
        raise ValueError("no string")
    return text[:-1].decode(), at + 4 + (size + 3) // 4 * 4


class Client:
    count = 0

    def __init__(self, down, upstream, offered):
        Client.count += 1
        self.number, self.offered = Client.count, offered
        up = socket.socket(socket.AF_UNIX)
        up.connect(upstream)
        self.requests, self.events = Pipe(down, up), Pipe(up, down)
        self.objects = {}  # of those that we follow: id → interface
        self.facts = {}  # id → what is known of it
        self.compositor = None  # name of that global
        self.waiting = set()  # registries that were not told of ours yet

    # Requests

    def handle_request(self, object_id, opcode, message):
        interface = self.objects.get(object_id)
        if interface in ANNEX:
            self.handle_own(interface, object_id, opcode, message)
            return
        if object_id == DISPLAY and opcode == GET_REGISTRY:
            registry, = struct.unpack_from("=I", message, 8)
            self.objects[registry] = "wl_registry"
            self.waiting.add(registry)
        elif interface == "wl_registry" and self.handle_bind(object_id, message):
            return
        elif (interface, opcode) in MAKERS:
            self.handle_maker(interface, opcode, object_id, message)
        elif (interface, opcode) in DESTROYERS:
            self.objects.pop(object_id)
            self.facts.pop(object_id, None)
        self.requests.outgoing += message

    def handle_maker(self, interface, opcode, object_id, message):
        made, word = MAKERS[interface, opcode]
        new_id, *rest = struct.unpack_from(f"={len(message) // 4 - 2}I", message, 8)
        self.objects[new_id] = made
        if made == "wl_buffer":
            self.facts[new_id] = rest[1:3]

    def handle_bind(self, registry, message):
        """True when it is of one of ours."""
        name, = struct.unpack_from("=I", message, 8)
        interface, at = take_string(message, 12)
        version, new_id = struct.unpack_from("=II", message, at)
        if name < FIRST_NAME:
            if interface in FOLLOWED:
                self.objects[new_id] = interface
            return False
        if name - FIRST_NAME >= len(self.offered) or self.offered[name - FIRST_NAME] != interface or version != 1:
            raise ProtocolError(registry, 0, f"invalid bind of {interface} {version}, {name}")
        self.objects[new_id] = interface
        self.requests.put(registry, 0, struct.pack("=I", self.compositor) + string("wl_compositor")
                          + struct.pack("=II", 1, new_id))
        if interface == "xdg_toplevel_icon_manager_v1":
            for size in ICON_SIZES:
                self.events.put(new_id, 0, struct.pack("=i", size))
            self.events.put(new_id, 1, b"")
        self.record(new_id, "bind", version)
        return True

    def arguments(self, types, message):
        found, at = [], 8
        for kind in types:
            if kind == "s":
                value, at = take_string(message, at)
            else:
                value, = struct.unpack_from("=i", message, at)
                at += 4
            if kind.startswith("new "):
                self.objects[value] = kind[4:]
            elif kind not in ("s", "i") and not (kind[0] == "?" and value == 0) and \
                    self.objects.get(value) != kind.lstrip("?"):
                raise ValueError(f"object {value} is a {self.objects.get(value)}, no {kind}")
            found.append(value)
        if at != len(message):
            raise ValueError("more than its arguments")
        return found

    def handle_own(self, interface, object_id, opcode, message):
        try:
            request, types = ANNEX[interface][opcode]
            found = self.arguments(types, message)
        except (IndexError, ValueError, struct.error) as e:
            raise ProtocolError(object_id, 0, f"invalid request {opcode} of {interface}: {e}") from None
        self.record(object_id, request, *found)
        check = getattr(self, "check_" + request, None)
        if check:
            check(object_id, *found)
        if request == "destroy":
            del self.objects[object_id]
            self.facts.pop(object_id, None)
            if interface in MANAGERS:
                return  # what the compositor has for it cannot be destroyed
        if request == "destroy" or types[:1] and types[0].startswith("new "):
            self.requests.put(object_id, opcode, message[8:12])

    def record(self, object_id, request, *arguments):
        entry = {"client": self.number, "interface": self.objects[object_id], "request": request, "object": object_id,
                 "arguments": arguments}
        if request == "add_buffer":
            entry["size"] = self.facts.get(arguments[0])
        print(json.dumps(entry), flush=True)

    # The errors that the protocols name

    def check_set_icon(self, manager, toplevel, icon):
        if icon:
            self.facts[icon] = "set"

    def check_set_name(self, icon, name):
        if self.facts.get(icon) == "set":
            raise ProtocolError(icon, 2, "the icon is set already")

    def check_add_buffer(self, icon, buffer, scale):
        self.check_set_name(icon, None)
        width, height = self.facts.get(buffer, (0, 0))
        if width != height or width == 0 or scale < 1:
            raise ProtocolError(icon, 1, f"a buffer of {width} × {height}, scale {scale}")

    def check_get_xdg_toplevel_drag(self, manager, drag, source):
        if self.facts.get(source) == "drag":
            raise ProtocolError(manager, 0, "the source has a drag already")
        self.facts[source] = "drag"

    # Events

    def handle_event(self, object_id, opcode, message):
        self.events.outgoing += message
        if object_id == DISPLAY and opcode == DELETE_ID:
            freed, = struct.unpack_from("=I", message, 8)
            self.objects.pop(freed, None)
            self.facts.pop(freed, None)
        elif self.objects.get(object_id) == "wl_registry" and opcode == 0:
            name, = struct.unpack_from("=I", message, 8)
            if take_string(message, 12)[0] == "wl_compositor":
                self.compositor = name
                self.announce(object_id)

    def announce(self, registry):
        if registry not in self.waiting:
            return
        self.waiting.remove(registry)
        for number, interface in enumerate(self.offered):
            self.events.put(registry, 0,
                            struct.pack("=I", FIRST_NAME + number) + string(interface) + struct.pack("=I", 1))

    def turn(self, pipe):
        """False when it is over."""
        handle = self.handle_request if pipe is self.requests else self.handle_event
        try:
            if not pipe.read():
                return False
            for message in pipe.messages():
                handle(*message)
            self.requests.flush()
            self.events.flush()
            return True
        except ProtocolError as e:
            print(json.dumps({"client": self.number, "error": str(e)}), flush=True)
            self.events.put(DISPLAY, 0, struct.pack("=II", e.object_id, e.code) + string(str(e)))
            self.events.flush()
            return False
        except OSError:
            return False

    def close(self, selector):
        for pipe in (self.requests, self.events):
            selector.unregister(pipe.source)
            pipe.source.close()
            for fd in pipe.fds:
                os.close(fd)


def main(listen, upstream, *offered):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(listen)
    listener.listen(64)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                client = Client(listener.accept()[0], upstream, offered or MANAGERS)
                for pipe in (client.requests, client.events):
                    selector.register(pipe.source, selectors.EVENT_READ, (client, pipe))
            elif key.fileobj.fileno() >= 0 and not key.data[0].turn(key.data[1]):
                key.data[0].close(selector)


main(*sys.argv[1:])
