"""For SECONDS, tries to get hold of each new process before it has become the application: its program, its memory, its
descriptors. Prints as JSON how often it saw one of init's, and what it got."""
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
                ours = f.read().startswith("isolate-")
        except OSError:
            continue
        if not ours:
            continue
        seen += name != "1"
        for path in ("exe", "root", "cwd", "environ", "mem"):
            try:
                fd = os.open(f"/proc/{name}/{path}", os.O_RDONLY | os.O_CLOEXEC)
                link, program = os.readlink(f"/proc/self/fd/{fd}"), os.readlink(f"/proc/{name}/exe")
                os.close(fd)
            except OSError:
                continue
            # It may have become the application meanwhile: that is open, and has the first three only.
            if os.path.basename(link).startswith("isolate-") or os.path.basename(program).startswith("isolate-"):
                got.append(f"{name}: {path} {link}")
        try:
            # /bin/true, which it becomes, opens files only.
            for fd in os.listdir(f"/proc/{name}/fd"):
                link = os.readlink(f"/proc/{name}/fd/{fd}")
                if int(fd) > 2 and not link.startswith(("/usr/", "/etc/", "/proc/")):
                    got.append(f"{name}: fd {fd} {link}")
        except OSError:
            pass
print(json.dumps({"seen": seen, "got": got}))
