"""A person at a terminal: job control in a shell inside, and of isolate itself in the shell outside; hanging up."""
import os
import time

from desktoptest import check, check_equal, desktop_main, wait_until
from inside import Inside, Terminal


def job_control_works(place):
    product = Inside(place)
    product.quiet()
    shell = Terminal(["/bin/bash", "--norc", "--noprofile", "-i"], {**product.env, "PS1": "outer$ "}, cwd=place.home)
    shell.read_until("outer$ ")
    before = shell.modes()
    # A shell inside: Ctrl-C, Ctrl-Z and the window's size are its own.
    shell.type(product.command + " run --project first --env PS1='inner$ ' -- bash --norc --noprofile -i\n")
    shell.read_until("inner$ ")
    shell.type("tty; stty size; echo $((6 * 7))\n")
    check("/dev/pts/0" in shell.read_until("42"), "no pty of its own")
    shell.resize(50, 132)
    shell.type("while [ \"$(stty size)\" != '50 132' ]; do sleep 0.05; done; echo resiz''ed\n")
    shell.read_until("resized")
    shell.read_until("inner$ ")
    shell.type("sleep 1000\n")
    time.sleep(0.3)
    shell.type("\x03")
    shell.read_until("inner$ ")
    shell.type("echo status=$?\n")
    shell.read_until("status=130")
    shell.type("sleep 1000\n")
    time.sleep(0.3)
    shell.type("\x1a")
    shell.read_until("Stopped")
    shell.type("kill -9 %1; sleep 0.2; true\n")
    shell.read_until("Killed")
    shell.type("exit 5\n")
    shell.read_until("outer$ ")
    shell.type("echo status=$?\n")
    shell.read_until("status=5")
    shell.read_until("outer$ ")
    check_equal(shell.modes(), before, "the modes of the person's terminal afterwards")
    # An application without a shell inside: Ctrl-Z goes to the shell outside, fg and bg bring it back.
    shell.type(product.command + " run --project first -- cat\n")
    shell.type("one\n")
    shell.read_until("one\r\none")
    shell.type("\x1a")
    shell.read_until("Stopped")
    shell.read_until("outer$ ")
    check_equal(shell.modes(), before, "the modes while it is stopped")
    shell.type("fg\n")
    shell.read_until("run --project first -- cat")
    time.sleep(0.3)
    shell.type("two\n")
    shell.read_until("two\r\ntwo")
    shell.type("\x04")
    shell.read_until("outer$ ")
    shell.type("echo status=$?\n")
    shell.read_until("status=0")
    # In the background it does not touch the terminal.
    shell.type(product.command + " run --project first -- sh -c 'sleep 1; echo done''-behind' &\n")
    shell.read_until("outer$ ")
    shell.type("echo out''er\n")
    shell.read_until("outer")
    shell.read_until("done-behind")
    shell.type("wait; exit 0\n")
    check_equal(shell.wait(), 0, "the outer shell's status")
    product.run("stop", "first")


def hanging_up_ends_it(place):
    product = Inside(place)
    product.quiet()
    terminal = Terminal([product.command, "run", "--project", "first", "--", "sh", "-c", "echo up; sleep 1000"],
                        product.env)
    terminal.read_until("up")
    os.close(terminal.fd)
    os.waitpid(terminal.pid, 0)
    wait_until(lambda: "sleep" not in product.run("ps", "first").stdout, what="the application to be hung up")
    product.run("stop", "first")


desktop_main(job_control_works, hanging_up_ends_it, needs=["bwrap"])
