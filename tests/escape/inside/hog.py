"""hog.py MIB [PROCESSES]: takes that much memory, in that many processes each, and touches it. Prints what it got, in MiB."""
import mmap
import os
import sys

want, processes, got = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1, 0
children = []
for _ in range(processes - 1):
    children.append(os.fork())
    if children[-1] == 0:
        children = []
        break
held = []
try:
    while got < want:
        block = mmap.mmap(-1, 8 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        for at in range(0, 8 << 20, 4096):
            block[at] = 1
        held.append(block)
        got += 8
except (OSError, MemoryError):
    pass
print(f"{got}\n", end="", flush=True)
for child in children:
    os.waitpid(child, 0)
