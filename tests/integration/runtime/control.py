"""The control socket of a session, message by message: docs/control-protocol.md and common/message.c."""
import os
import socket
import struct

import gi

gi.require_version("GLib", "2.0")
from gi.repository import GLib  # pylint: disable=wrong-import-position

HEADER = struct.Struct("=IIII")
MAGIC = 0x31736F69


class Control:
    """One connection. send() returns the serial; receive() a tuple of serial, name and body, None when it has closed."""

    def __init__(self, product, project):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(60)
        self._socket.connect(os.path.join(product.runtime(project), "control"))
        self._serial = 0

    def send(self, name, **fields):
        self._serial += 1
        message = GLib.Variant("(usv)", (self._serial, name, GLib.Variant("a{sv}", fields)))
        data = message.get_data_as_bytes().get_data()
        self._socket.send(HEADER.pack(MAGIC, len(data), 0, 0) + data)
        return self._serial

    def receive(self):
        for _ in range(2):
            try:
                packet = self._socket.recv(1 << 20)
                break
            except ConnectionResetError:  # it closed while we wrote: what it said before is still to be read
                packet = b""
        if not packet:
            return None
        data = GLib.Bytes.new(packet[HEADER.size:])
        return GLib.Variant.new_from_bytes(GLib.VariantType("(usv)"), data, False).unpack()

    def close(self):
        self._socket.close()
