"""15. SIGKILL to anything of ours: the error is one line, nothing that runs is left, and the next launch works."""
import os
import signal

from desktoptest import Sway, check, check_equal, desktop_main, proc, wait_until
from escapetest import Box, kill

# Daemons inside that do not want to end, besides the application that isolate waits for.
BUSY = "(trap '' TERM HUP INT; setsid sleep 1000) & (setsid sh -c 'setsid sleep 1000' &) ; echo running; exec sleep 1000"


def inside(product):
    """Pids of all that was started in containers: descendants with a PID namespace that is not ours."""
    ours, found = os.readlink("/proc/self/ns/pid"), []
    for pid in proc.descendants(os.getpid()):
        try:
            if os.readlink(f"/proc/{pid}/ns/pid") != ours:
                found.append(pid)
        except PermissionError:
            found.append(pid)  # isolate-init, which nobody may look into
        except OSError:
            pass
    return found


def start(box):
    """isolate, with an application that has said that it runs; its stderr is in its log."""
    output = open(os.path.join(box.place.path, "output"), "wb")
    process = box.spawn("/bin/sh", "-c", BUSY, stdout=output)
    wait_until(lambda: os.path.getsize(output.name), what="the application")
    output.close()
    return process


def victims(box):
    product = box.product
    return {"session": product.session_of(box.name), "init": box.init(), "bwrap": product.processes("bwrap")[0],
            **({"proxy": product.processes("isolate-wlproxy")[0]} if product.processes("isolate-wlproxy") else {})}


def killed(place, who, number=signal.SIGKILL):
    with Sway(place, with_input=False) as sway:
        box = Box(place, compositor=sway)
        box.sh("echo kept > ~/file")
        for round_ in range(3):
            process = start(box)
            os.kill(victims(box)[who], number)
            if who == "proxy":
                # The application has no window: it does not notice. The next proxy is there for the next one.
                wait_until(lambda: box.product.processes("isolate-wlproxy"), what="the next proxy")
                check_equal(process.poll(), None, "the application, which runs")
                check("wl_compositor" in box.sh("wayland-info"), "a client of the next proxy")
                box.product.run("kill", box.name)
            status = process.wait(15)
            if who != "proxy":
                check_equal(status, 125, "exit status of isolate")
                lines = box.place.log_text(process).splitlines()
                check(len(lines) == 1 and lines[0].startswith("isolate: "), f"isolate says {lines}")
            box.product.wait_gone()
            wait_until(lambda: not inside(box.product), what="the end of everything inside")
            check_equal(box.sh("cat ~/file"), "kept\n", "the next launch")
            check_equal(len(box.product.processes("isolate-init")), 1, "containers")
        box.stop()
        box.product.wait_gone()
        check_equal(box.product.sockets(), [os.path.join(place.runtime, "isolate/")] if box.product.sockets() else [],
                    "what is left in the runtime directory")


def session(place):
    killed(place, "session")


def init(place):
    killed(place, "init")


def engine(place):
    killed(place, "bwrap")


def proxy(place):
    killed(place, "proxy")


def by_a_crash(place):
    """A fault of ours is an end like the others."""
    killed(place, "session", signal.SIGSEGV)


def isolate_itself(place):
    """The one that waits: what it started goes on, and the terminal or pipe ends for the application."""
    box = Box(place)
    process = start(box)
    process.kill()
    process.wait()
    check_equal(box.sh("echo works"), "works\n", "the container")
    check("sleep 1000" in box.product.run("ps", box.name).stdout, "the application goes on")
    box.product.run("kill", box.name)
    box.product.wait_gone()
    wait_until(lambda: not inside(box.product), what="the end of everything inside")


def while_others_wait(place):
    """Twenty that wait for applications: each gets its line and its status, at once."""
    box = Box(place)
    box.run("/bin/true")
    waiting = [box.spawn("/bin/sleep", "1000") for _ in range(20)]
    wait_until(lambda: box.product.run("ps", box.name).stdout.count("sleep 1000") == 20, what="twenty applications")
    kill(box.init())
    for process in waiting:
        check_equal(process.wait(15), 125, "exit status")
        check_equal(len(place.log_text(process).splitlines()), 1, f"lines of {place.log_text(process)!r}")
    box.product.wait_gone()


def stopped_not_killed(place):
    """A session or an init that does not answer: stop says so or works, kill works, nothing hangs for ever."""
    box = Box(place)
    start(box)
    os.kill(box.init(), signal.SIGSTOP)
    box.product.run("kill", box.name, seconds=30)
    box.product.wait_gone()
    wait_until(lambda: not inside(box.product), what="the end of everything inside")
    check_equal(box.sh("echo works"), "works\n", "the next launch")


def leftovers_of_a_killed_session(place):
    """Files where its sockets were, of whatever kind, do not keep the next one from starting."""
    box = Box(place)
    box.run("/bin/true")
    kill(box.product.session_of(box.name))
    box.product.wait_gone()
    for name in ("sockets/wayland-0", "sockets/wayland-1", "upstream/x", "control", "lock"):
        path = os.path.join(box.runtime, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "w", encoding="utf-8") as f:
            f.write("left")
    check_equal(box.sh("echo works"), "works\n", "the next launch")
    box.stop()


def with_no_session_the_verbs_say_so(place):
    box = Box(place)
    box.run("/bin/true")
    kill(box.product.session_of(box.name))
    box.product.wait_gone()
    for words in (["status", "first"], ["ps", "first"], ["stop", "first"], ["kill", "first"]):
        done = box.product.run(*words, check=False)
        check_equal(done.returncode, 0, f"{words}: {done}")
        check(len(done.stderr.splitlines()) <= 1, f"{words}: {done}")


desktop_main(session, init, engine, proxy, by_a_crash, isolate_itself, while_others_wait, stopped_not_killed,
             leftovers_of_a_killed_session, with_no_session_the_verbs_say_so, needs=["sway", "bwrap", "wayland-info"])
