"""The three standard streams work as they would without a container, whatever they are outside: data, ends, order, what is left
unread, signals."""
import os
import signal
import socket
import subprocess
import time

from desktoptest import check, check_equal, desktop_main, wait_until
from inside import Inside, Terminal


# What fds 0, 1 and 2 are.
KINDS = "for n in 0 1 2; do link=$(readlink /proc/$$/fd/$n); echo ${link%%:*}; done; echo end''ed"


def mixed_with_a_terminal(place):
    """stdout on a terminal, stdin from a file: only what is a terminal outside is one inside."""
    product = Inside(place)
    product.quiet()
    place.write("home/input", "from the file\n")
    shell = Terminal(["/bin/bash", "--norc", "--noprofile", "-i"], {**product.env, "PS1": "outer$ "}, cwd=place.home)
    shell.read_until("outer$ ")
    run = product.command + " run --tty --project first -- "
    place.write("home/.local/share/isolate/first/home/kinds", KINDS)
    pty = "/dev/pts/0"
    for redirection, kinds in (("", [pty, pty, pty]), ("< input", ["pipe", pty, pty]), ("2> /dev/null", [pty, pty, "pipe"]),
                               ("< input 2> /dev/null", ["pipe", pty, "pipe"])):
        shell.type(f"{run} sh ./kinds {redirection}\n")
        shell.read_until("\n")
        check_equal(shell.read_until("ended").split("\r\n")[:3], kinds, redirection)
        shell.read_until("outer$ ")
    shell.type(f"{run} sh -c 'cat; read x < /dev/tty; echo got $x' < input\n")
    shell.read_until("from the file")
    shell.type("a line\n")
    shell.read_until("got a line")
    shell.read_until("outer$ ")
    shell.type("exit\n")
    shell.wait()
    product.run("stop", "first")


def works_as_usual(place):
    product = Inside(place)
    product.quiet()
    run = [product.command, "run", "--project", "first", "--"]
    size = 20_000_000

    def piped(argv, **options):
        return subprocess.run(run + argv, env=product.env, capture_output=True, timeout=60, check=False, **options)

    data = os.urandom(size)
    check(piped(["cat"], input=data).stdout == data, "much data both ways is not the same afterwards")
    check_equal(len(piped(["head", "-c", "1000"], input=data).stdout), 1000, "an application that stops reading")
    done = subprocess.run(["sh", "-c", '"$@" | head -c 10', "sh", *run, "yes"], env=product.env, capture_output=True,
                          timeout=20, check=False)
    check_equal(done.stdout, b"y\n" * 5, "a reader that stops")
    both = piped(["sh", "-c", "for i in 1 2 3 4 5; do echo out$i; echo err$i >&2; done"])
    check_equal((both.stdout.count(b"out"), both.stderr.count(b"err")), (5, 5), "two streams")
    one = subprocess.run(run + ["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do echo out$i; echo err$i >&2; done"],
                         env=product.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20, check=False)
    check_equal(one.stdout.decode().split(), [f"{n}{i}" for i in range(1, 10) for n in ("out", "err")],
                "the order of two streams in one pipe")
    # What is left running keeps neither isolate nor its reader.
    start = time.monotonic()
    check_equal(piped(["sh", "-c", "sleep 1000 & yes > /dev/null & echo done"]).stdout, b"done\n", "output before the end")
    check(time.monotonic() - start < 5, "isolate waits for what the application left running")
    product.run("kill", "first")


def input_is_given_back(place):
    """As without a container, a script's next command reads what this one has left of a file."""
    product = Inside(place)
    product.quiet()
    place.write("home/list", "".join(f"line {i}\n" for i in range(20)))
    script = 'while read line; do "$0" run --project first -- true; echo "$line"; done < list'
    done = place.run(["sh", "-c", script, product.command], env=product.env)
    check_equal(done.stdout.count("line"), 20, "lines that the loop has seen")
    done = place.run(["sh", "-c", '{ "$0" run --project first -- cat; cat; } < list', product.command], env=product.env)
    check_equal(done.stdout.count("line"), 20, "lines, all read by the first")
    product.run("stop", "first")


def signals_are_passed_on(place):
    product = Inside(place)
    product.quiet()
    for number, name in ((signal.SIGTERM, "TERM"), (signal.SIGINT, "INT"), (signal.SIGHUP, "HUP"), (signal.SIGUSR1, "USR1")):
        app = product.spawn("run", "--project", "first", "--", "sh", "-c",
                            f"trap 'echo got-{name}; exit 9' {name}; echo up; while :; do sleep 0.05; done", name="app")
        wait_until(lambda a=app: "up" in place.log_text(a), what="the application")
        app.send_signal(number)
        wait_until(lambda a=app: a.poll() is not None, what=f"the end by SIG{name}")
        check_equal((app.returncode, f"got-{name}" in place.log_text(app)), (9, True), f"SIG{name}")
    product.run("stop", "first")


def is_passed_on(pid, number):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        masks = {line.split(":")[0]: int(line.split()[1], 16) for line in f if line.startswith(("SigBlk", "SigCgt"))}
    return (masks["SigBlk"] | masks["SigCgt"]) >> (number - 1) & 1


def stopping_and_going_on(place):
    """Ctrl-Z, fg and bg without a pty inside: both halves stop, both go on."""
    product = Inside(place)
    product.quiet()
    shell = Terminal(["/bin/bash", "--norc", "--noprofile", "-i"], {**product.env, "PS1": "outer$ "}, cwd=place.home)
    shell.read_until("outer$ ")
    state = "grep -h State $(grep -lx sleep /proc/[0-9]*/comm | sed s/comm/status/)"

    def is_stopped():
        return "T (stopped)" in product.sh("first", state)

    shell.type(product.command + " run --no-tty --project first -- sleep 1000\n")
    wait_until(lambda: "sleep" in product.run("ps", "first").stdout, what="the application")
    # Until it has heard that the application runs, a signal is isolate's own.
    wait_until(lambda: any(is_passed_on(pid, signal.SIGTSTP) for pid in product.processes("isolate")), what="isolate to attend")
    shell.type("\x1a")
    shell.read_until("Stopped")
    wait_until(is_stopped, what="the application to stop")
    shell.read_until("outer$ ")
    shell.type("bg\n")
    shell.read_until("outer$ ")
    wait_until(lambda: not is_stopped(), what="it to go on")
    shell.type("fg\n")
    time.sleep(0.3)
    shell.type("\x03")
    shell.read_until("outer$ ")
    shell.type("echo status=$?\n")
    shell.read_until("status=130")
    shell.type("exit\n")
    shell.wait()
    product.run("stop", "first")


desktop_main(mixed_with_a_terminal, works_as_usual, input_is_given_back, signals_are_passed_on,
             stopping_and_going_on, needs=["bwrap"])
