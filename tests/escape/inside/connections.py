"""Tries to reach a port at each ADDRESS of the command line, by TCP and by UDP, and prints as JSON what came of it: "success",
the name of the error, or "silence" where nothing answers."""
import concurrent.futures
import errno
import json
import socket
import sys

PORT, SECONDS = int(sys.argv[1]), 4


def attempt(address, kind):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    host, _, scope = address.partition("%")
    target = (host, PORT) if family == socket.AF_INET else (host, PORT, 0, int(scope or 0))
    try:
        with socket.socket(family, kind) as s:
            s.settimeout(SECONDS)
            s.connect(target)
            s.send(b"GET / HTTP/1.0\r\n\r\n")
            return "success" if s.recv(1) else "silence"
    except socket.timeout:
        return "silence"
    except OSError as e:
        return errno.errorcode.get(e.errno, str(e))


def both(address):
    return attempt(address, socket.SOCK_STREAM), attempt(address, socket.SOCK_DGRAM)


with concurrent.futures.ThreadPoolExecutor(64) as pool:
    print(json.dumps(dict(zip(sys.argv[2:], pool.map(both, sys.argv[2:])))))
