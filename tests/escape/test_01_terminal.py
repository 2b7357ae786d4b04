"""1. A container types into no terminal but its own, and cannot even do that by ioctl, while Ctrl-C and job control
work."""
import os

from desktoptest import check, check_equal, desktop_main, wait_until
from escapetest import Box, Terminal, attempts, compare

# Says that it runs in words that the echo of the command line does not hold.
SLEEPER = "sh -c 'printf \"%s%s\\n\" run ning; exec sleep 1000'"


def shell(box):
    """A shell inside, on a terminal of the host's."""
    terminal = Terminal(box.place, [box.product.command, "run", "--project", box.name, "--tty", "--", "bash", "--norc",
                                    "--noprofile", "-i"], env={**box.product.env, "TERM": "dumb"})
    terminal.command("PS1=; set -b; echo rea''dy", r"\nready")
    return terminal


def in_foreground(box, name):
    """Waits until it is: then the terminal's keys are its own."""
    wait_until(lambda: "+" in box.sh(f"ps -C {name} -o stat= || true"), what=f"{name} in the foreground")


def keys_and_job_control_work(place):
    box = Box(place)
    terminal = shell(box)
    for key, status in (("\x03", 130), ("\x1c", 131)):
        terminal.command(SLEEPER, "running")
        terminal.send(key)
        terminal.command("echo status=$?", rf"status={status}\r")
    terminal.command(SLEEPER, "running")
    terminal.send("\x1a")
    terminal.expect("Stopped")
    terminal.command("jobs", "Stopped.*sleep")
    terminal.command("bg; jobs", "Running.*sleep")
    terminal.command("fg", "sleep")
    # The shell says so before it does so.
    in_foreground(box, "sleep")
    terminal.send("\x03")
    terminal.command("echo status=$?", r"status=130\r")
    terminal.send("cat > ~/typed; echo status=$?\n")
    in_foreground(box, "cat")
    terminal.send("line\n\x04")
    terminal.expect(r"status=0\r")
    terminal.command("cat ~/typed", r"\nline\r")
    terminal.command("stty size", r"24 80\r")
    terminal.resize(40, 132)
    wait_until(lambda: terminal.command("stty size", r"(\d+ \d+)\r").group(1) == "40 132", what="the new size")
    terminal.send("exit 7\n")
    check_equal(terminal.status(), 7, "exit status")


def nothing_is_typed_for_the_person(place):
    box = Box(place)
    bare = Terminal(place, box.bare_words("syscalls", "terminal")).rest()
    inside = Terminal(place, [box.product.command, "run", "--project", box.name, "--tty", "--",
                              *box.words("syscalls", "terminal")], env=box.product.env).rest()
    compare(bare, inside, 5)
    # Where this kernel still has TIOCSTI, the control's letters arrive: on its terminal they are echoed.
    if attempts(bare)["native", "ioctl TIOCSTI"][1] == "success":
        check("xnative" in bare and "xnative" not in inside, f"without a filter {bare!r}, inside {inside!r}")


def the_hosts_terminal_is_not_inside(place):
    box = Box(place)
    terminal = shell(box)
    host = os.stat(terminal.path)
    terminal.command("tty", r"\n/dev/pts/\d+\r")
    device = int(terminal.command("stat -L -c device=%d /proc/self/fd/0", r"device=(\d+)\r").group(1))
    check(device != host.st_dev, "the terminal inside is on the host's devpts")
    terminal.command(f"for f in /dev/pts/*; do echo $f; done; echo en''d", r"end\r")
    terminal.command("test -e /dev/console; echo console=$?", r"console=1\r")
    terminal.command("true < /dev/tty; echo tty=$?", r"tty=0\r")
    terminal.send("exit\n")
    check_equal(terminal.status(), 0, "exit status")


def no_terminal_without_asking(place):
    """Without a pty there is no controlling terminal to open, though the caller has one."""
    box = Box(place)
    terminal = Terminal(place, [box.product.command, "run", "--project", box.name, "--no-tty", "--", "sh", "-c",
                                "exec 2>&1; true < /dev/tty && echo o''pened; ls /dev/pts; echo en''d"], env=box.product.env)
    text = terminal.rest()
    check("end" in text and "opened" not in text, f"/dev/tty: {text!r}")
    check_equal([w for w in text.split() if w.isdigit()], [], "terminals inside")


desktop_main(keys_and_job_control_work, nothing_is_typed_for_the_person, the_hosts_terminal_is_not_inside,
             no_terminal_without_asking, needs=["bwrap"])
