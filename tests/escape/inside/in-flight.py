"""Puts as many descriptors into sockets as the kernel lets it, holds them there, and writes the number into the file
named."""
import array
import resource
import socket
import sys
import time

hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
kept, count = [], 0
fds = array.array("i", [0] * 250)
while True:
    a, b = socket.socketpair()
    a.setblocking(False)
    kept.append((a, b))
    try:
        while True:
            a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
            count += len(fds)
    except BlockingIOError:
        continue
    except OSError:
        break
# The rest one by one.
fds = array.array("i", [0])
try:
    while True:
        a, b = socket.socketpair()
        kept.append((a, b))
        for _ in range(10):
            a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
            count += 1
except OSError:
    pass
with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write(str(count))
time.sleep(1000)
