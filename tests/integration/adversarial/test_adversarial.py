"""Hostile clients in front of a real compositor: sway must not complain of a client, and live on."""
import os
import signal
import time

from desktoptest import Sway, check, desktop_main, wait_until

CASES = ("framing", "opcodes", "strings", "objects", "registry", "fds", "many-fds", "never-reads", "bytewise",
         "neighbours", "limits", "memory", "cut", "lifetimes")


def program(place):
    return os.environ.get("ISOLATE_WLPROXY") or place.built("isolate-wlproxy")


def complaints(place, sway):
    """What libwayland's server side writes when a client breaks the protocol."""
    return [line for line in place.log_text(sway.process).splitlines()
            if "error in client communication" in line or "Protocol error" in line]


def sway_lives_on(place, sway):
    check(sway.process.poll() is None, "sway is gone")
    sway.command("nop")


def run_cases(place, sway, *cases, seconds=120):
    done = place.run([place.built("adversarial"), "--upstream", sway.socket_path, *cases],
                     env={"ISOLATE_WLPROXY": program(place)}, seconds=seconds, check=False)
    print(done.stdout, end="", flush=True)
    check(done.returncode == 0, done.stderr)
    sway_lives_on(place, sway)
    check(not complaints(place, sway), "sway complains: " + "\n".join(complaints(place, sway)))


def hostile_clients(place):
    for case in CASES:
        with Sway(place) as sway:
            run_cases(place, sway, case)


def stopped_compositor(place):
    with Sway(place) as sway:
        run_cases(place, sway, "stopped")


def start_proxy(place, sway):
    path = os.path.join(place.runtime, "proxy")
    policy = place.write("policy.conf", "[Display]\n")
    proxy = place.spawn([program(place), "--listen", path, "--upstream", sway.socket_path, "--policy", policy])
    wait_until(lambda: os.path.exists(path), what="the proxy's socket")
    return proxy, path


def foot_outlives_a_stop(place):
    """A terminal that prints all the time, while sway stands still for 10 s."""
    with Sway(place) as sway:
        proxy, path = start_proxy(place, sway)
        place.spawn(["foot", "sh", "-c", "while :; do n=$((n+1)); echo $n; echo $n > next; mv next count; sleep 0.016; done"],
                    env={**sway.env, "WAYLAND_DISPLAY": path})
        sway.wait_window()

        def count():
            try:
                with open(os.path.join(place.home, "count"), encoding="ascii") as f:
                    return int(f.read() or 0)
            except FileNotFoundError:
                return 0
        wait_until(lambda: count() > 30, what="foot to print")
        os.kill(sway.process.pid, signal.SIGSTOP)
        before = count()
        time.sleep(10)
        printed = count() - before
        os.kill(sway.process.pid, signal.SIGCONT)
        check(printed > 100, f"foot printed only {printed} lines while sway stood still")
        check(proxy.poll() is None, "the proxy is gone")
        after = count()
        wait_until(lambda: count() > after + 30, what="foot to print on")
        check(len(sway.windows()) == 1, "the window is gone")
        sway.screenshot("foot-after-stop")
        check(not complaints(place, sway), "sway complains: " + "\n".join(complaints(place, sway)))


desktop_main(hostile_clients, stopped_compositor, foot_outlives_a_stop, needs=["sway", "foot"])
