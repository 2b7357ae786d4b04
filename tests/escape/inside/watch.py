"""For SECONDS, tries to get hold of each new process before it has become the application: its program, its descriptors
and its memory. Prints as JSON how often it saw one of init's, and what it got."""
import json
import os
import sys
import time

end = time.monotonic() + float(sys.argv[1])
seen, got = 0, []
print("watching", flush=True)
while time.monotonic() < end:
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/comm", encoding="utf-8") as f:
                ours = f.read().startswith("isolate-init")
        except OSError:
            continue
        if not ours:
            continue
        seen += name != "1"
        for path in ("exe", "fd", "mem", "root", "cwd", "environ"):
            try:
                if path == "fd":
                    got += [f"{name}: {fd}" for fd in os.listdir(f"/proc/{name}/fd")]
                    continue
                fd = os.open(f"/proc/{name}/{path}", os.O_RDONLY | os.O_CLOEXEC)
                link = os.readlink(f"/proc/self/fd/{fd}")
                os.close(fd)
                # It may have become the application meanwhile.
                if "isolate-init" in link or path == "mem" and "isolate-init" in open(f"/proc/{name}/comm").read():
                    got.append(f"{name}: {path} {link}")
            except OSError:
                pass
print(json.dumps({"seen": seen, "got": got}))
