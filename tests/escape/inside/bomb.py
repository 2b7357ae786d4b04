"""bomb.py MOST: forks until it is refused, or MOST live at once; says how many and why it ended. They stay for a moment, so that
somebody can look from outside."""
import errno
import os
import signal
import sys
import time

most, children, why = int(sys.argv[1]), [], "most"
while len(children) < most:
    try:
        pid = os.fork()
    except OSError as e:
        why = errno.errorcode[e.errno]
        break
    if pid == 0:
        # Each tries to go on by itself, as a bomb does.
        try:
            os.fork()
        except OSError:
            pass
        signal.pause()
    children.append(pid)
print(len(children), why, flush=True)
time.sleep(float(sys.argv[2]) if len(sys.argv) > 2 else 0)
os.kill(-1, signal.SIGKILL)
