"""Does not want to end: ignores every signal that can be ignored, in this process, in a daemon, in one that is stopped,
and in one that forks whenever it is asked to end. Then writes "ready" into the file named."""
import os
import signal
import sys
import time


def ignore_all():
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass


def daemon(body):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            null = os.open("/dev/null", os.O_RDWR)
            for n in range(3):
                os.dup2(null, n)
            body()
            time.sleep(1000)
        os._exit(0)
    os.wait()


def multiply():
    signal.signal(signal.SIGTERM, lambda *_: os.fork())
    while True:
        time.sleep(1000)


ignore_all()
daemon(lambda: None)
daemon(lambda: os.kill(os.getpid(), signal.SIGSTOP))
daemon(multiply)
with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write("ready")
while True:
    time.sleep(1000)
