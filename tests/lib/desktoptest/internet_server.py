"""Serves HTTP at a port of every address of a namespace, and names at 127.0.0.53: helper of internet.py."""
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.connection.getsockname()[0].removeprefix("::ffff:").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        print(self.client_address[0], self.connection.getsockname()[0], flush=True)


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


def names():
    """Every name has the address 203.0.113.7, and no IPv6 one."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.53", 53))
    while True:
        query, who = s.recvfrom(512)
        end = query.index(b"\0", 12) + 5
        address = query[end - 4:end - 2] == b"\0\1"
        answer = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + bytes((203, 0, 113, 7)) if address else b""
        s.sendto(query[:2] + b"\x81\x80\0\1\0" + bytes([address]) + b"\0\0\0\0" + query[12:end] + answer, who)


threading.Thread(target=names, daemon=True).start()
Server(("::", int(sys.argv[1])), Page).serve_forever()
