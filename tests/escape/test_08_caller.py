"""8. What the caller has in its environment and its descriptors reaches neither the application nor any helper on the
host."""
import os
import shutil
import socket
import subprocess

from desktoptest import Sway, check, check_equal, desktop_main, proc, wait_until
from escapetest import Box

# Each has the value of somebody who wants to be run, or found.
MARK = "planted-by-the-caller"


def hostile(place, library):
    script = place.write("planted.sh", f"echo $0 $$ >> {place.path}/shells\n", 0o755)
    folder = os.path.join(place.path, "planted")
    os.makedirs(folder)
    shutil.copy(library, folder)
    for name in ("bwrap", "isolate-session", "isolate-init", "isolate-wlproxy", "env", "sh"):
        place.write(f"planted/{name}", f"#!/bin/sh\necho {name} >> {place.path}/shells\nexit 1\n", 0o755)
    names = ["LD_LIBRARY_PATH", "LD_AUDIT_", "GIO_EXTRA_MODULES", "GIO_MODULE_DIR", "GTK_PATH", "QT_PLUGIN_PATH",
             "GCONV_PATH", "LOCPATH", "PYTHONPATH", "PERL5LIB", "RUBYLIB", "MALLOC_TRACE_", "XDG_DATA_DIRS"]
    return {**{name: f"{folder}/{MARK}" for name in names},
            "GIO_EXTRA_MODULES": folder, "LD_PRELOAD": os.path.join(folder, os.path.basename(library)),
            "PRELOADED_LOG": os.path.join(place.path, "preloaded"), "BASH_ENV": script, "ENV": script,
            "PROMPT_COMMAND": f"touch {MARK}", "BASH_FUNC_true%%": f"() {{ echo {MARK}; }}", "IFS": MARK,
            "SHELLOPTS": "xtrace", "PS4": MARK, "GTK_MODULES": MARK, "G_DEBUG": MARK, "PYTHONSTARTUP": script,
            "NODE_OPTIONS": f"--require {MARK}", "JAVA_TOOL_OPTIONS": MARK, "GLIBC_TUNABLES": f"glibc.{MARK}=1",
            "SSH_AUTH_SOCK": f"/{MARK}", "GPG_AGENT_INFO": MARK, "AWS_SECRET_ACCESS_KEY": MARK, "TMPDIR": f"/{MARK}", "PATH": f"{folder}:{place.env['PATH']}",
            # isolate itself is preloaded under sanitizers as well.
            "ASAN_OPTIONS": place.env.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}


def helpers(product):
    return [p for name in product.PROGRAMS for p in product.processes(name)]


def descriptors_of(pid):
    """The inodes of its descriptors; nothing where we may not look: there nobody may."""
    found = set()
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except PermissionError:
        return found
    for name in names:
        try:
            info = os.stat(f"/proc/{pid}/fd/{name}")
        except OSError:
            continue
        found.add((info.st_dev, info.st_ino))
    return found


def readable(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()
    except OSError:
        return ""


def is_dynamic(program):
    """Whether the dynamic linker loads it."""
    return "INTERP" in subprocess.run(["readelf", "-lW", program], capture_output=True, text=True, check=True).stdout


def environment(place):
    with Sway(place, with_input=False) as sway:
        box = Box(place, compositor=sway)
        env = hostile(place, place.built("libescape-preloaded.so"))
        clean = box.facts("facts.py")["environment"]
        box.stop()
        box.product.wait_gone()
        first = box.facts("facts.py", env=env)["environment"]
        joined = box.facts("facts.py", env=env)["environment"]
        for name, seen in (("the first application", first), ("one that joined", joined)):
            check_equal(seen, clean, f"environment of {name}")
        for pid in helpers(box.product):
            text = readable(f"/proc/{pid}/environ")
            command = " ".join(proc.command_line(pid))
            check(MARK not in text and "LD_" not in text and "BASH" not in text, f"{command} has {text!r}")
        # Whoever was loaded with the library, or ran one of the scripts: what the caller starts, isolate among it unless
        # that is static.
        place.run(["/bin/true"], env=env)
        loaded = {os.path.basename(line) for line in readable(env["PRELOADED_LOG"]).splitlines()}
        check_equal(loaded, {"true", *(["isolate"] if is_dynamic(box.product.command) else [])},
                    "programs with the caller's library")
        check_equal(readable(os.path.join(place.path, "shells")), "", "shells and programs of the caller that ran")


def descriptors(place):
    with Sway(place, with_input=False) as sway:
        box = Box(place, compositor=sway)
        secret = place.write("home/secret", "secret")
        ours, theirs = socket.socketpair()
        opened = [os.open(secret, os.O_RDWR), os.open(place.home, os.O_RDONLY | os.O_DIRECTORY), theirs.fileno(),
                  os.open("/", os.O_PATH), os.memfd_create("secret", 0)]
        for fd in opened:
            os.set_inheritable(fd, True)
        env = {"WAYLAND_SOCKET": str(theirs.fileno()), "LISTEN_FDS": str(len(opened)), "LISTEN_PID": "1",
               "NOTIFY_SOCKET": os.path.join(place.runtime, "notify")}
        wanted = {(i.st_dev, i.st_ino) for i in map(os.fstat, opened)}
        for when in ("first", "joined"):
            facts = box.facts("facts.py", env=env, pass_fds=opened)
            check_equal(sorted(facts["descriptors"]), ["0", "1", "2"], f"descriptors of the application ({when})")
            check("WAYLAND_SOCKET" not in facts["environment"], "WAYLAND_SOCKET is inside")
        for pid in helpers(box.product):
            command = " ".join(proc.command_line(pid))
            check(not descriptors_of(pid) & wanted, f"{command} has a descriptor of the caller's")
        # That a look at the descriptors finds something at all: isolate has them while it runs.
        running = box.spawn("/bin/sleep", "1000", env=env, pass_fds=opened)
        wait_until(lambda: descriptors_of(running.pid) & wanted, what="the descriptors in isolate itself")
        ours.setblocking(False)
        try:
            check(ours.recv(100) == b"", "somebody spoke over WAYLAND_SOCKET")
        except BlockingIOError:
            pass


def signals_and_masks(place):
    """Ignored and blocked signals are inherited through execve."""
    import signal
    box = Box(place)

    def ignore():
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE, signal.SIGHUP, signal.SIGCHLD, signal.SIGTSTP):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD})
        os.umask(0o777)
    for when in ("first", "joined"):
        done = box.product.run("run", "--project", box.name, "--no-tty", "--", "/bin/cat", "/proc/self/status",
                               preexec_fn=ignore)
        status = dict(line.split(":\t", 1) for line in done.stdout.splitlines())
        check_equal((status["SigIgn"], status["SigBlk"]), ("0" * 16, "0" * 16), f"ignored, blocked ({when})")


desktop_main(environment, descriptors, signals_and_masks, needs=["sway", "bwrap"])
