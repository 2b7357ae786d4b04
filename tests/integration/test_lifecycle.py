"""What shows a running container: ps of all, top, logs; and starts that are interrupted."""
import json
import os
import signal
import subprocess
import time

from desktoptest import Product, check, check_equal, desktop_main, wait_until
from desktoptest.product import one_error_line

PLAIN = "[Display]\nWayland=no\n[Network]\nMode=none\n[Project]\nGate=never\n"


def projects(place, *names, text=PLAIN):
    product = Product(place)
    for name in names:
        product.project(name, text)
    return product


def ps_of_all(place):
    product = projects(place, "first", "second", "third")
    check_equal(product.run("ps").stdout, "", "ps where nothing runs")
    check_equal(product.json("ps"), [], "the same as JSON")
    product.run("start", "first")
    product.run("run", "--project", "second", "--detach", "--", "sh", "-c", "sleep 301 & sleep 302; true")
    wait_until(lambda: "sleep 302" in product.run("ps", "second").stdout, what="the processes")
    lines = product.run("ps").stdout.splitlines()
    check_equal(lines[:2], ["first", "second"], "projects that run")
    names = [line.rsplit("─", 1)[1].split(" ", 1)[1] for line in lines[2:]]
    check_equal(names, ["sh -c sleep 301 & sleep 302; true", "sleep 301", "sleep 302"], "the tree")
    check([line[:3] for line in lines[2:]] == ["└─" + lines[2][2], "  ├", "  └"], f"the tree: {lines}")
    found = {one["project"]: one["processes"] for one in product.json("ps")}
    check_equal(sorted(found), ["first", "second"], "projects in JSON")
    check_equal(sorted(one["command"] for one in found["second"]),
                ["sh -c sleep 301 & sleep 302; true", "sleep 301", "sleep 302"], "processes in JSON")


def ps_of_a_deep_tree(place):
    """However deep processes nest, all are listed."""
    product = projects(place, "first")
    product.run("run", "--project", "first", "--detach", "--", "python3", "-c",
                "import os,time\nfor i in range(60):\n if os.fork(): break\ntime.sleep(600)")
    wait_until(lambda: len(product.json("ps", "first")) == 61, what="61 processes")
    lines = product.run("ps").stdout.splitlines()
    check_equal(len(lines), 62, "lines of the tree")
    check(max(map(len, lines)) < 300, "a line that is too long")


def ps_of_very_many(place):
    """No number of processes, and no length of their command lines, takes the answer away."""
    product = projects(place, "first")
    product.run("run", "--project", "first", "--detach", "--", "python3", "-c",
                "import os,time\nfor i in range(1200):\n if os.fork() == 0:\n"
                "  os.execv('/bin/sleep', ['sleep'] + ['0'] * 1990 + ['600'])\ntime.sleep(600)")
    wait_until(lambda: product.run("ps", "first").stdout.count(" sleep 0 0") == 1200, 60, what="1200 processes")
    check_equal(len(product.run("ps").stdout.splitlines()), 1202, "lines of the tree")


def top(place):
    product = projects(place, "busy", "idle")
    product.run("run", "--project", "busy", "--detach", "--", "python3", "-c",
                "import threading,time\nb = bytearray(80 << 20)\n"
                "for _ in range(4): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\nwhile 1: pass")
    product.run("run", "--project", "idle", "--detach", "--", "sleep", "600")
    wait_until(lambda: product.json("top", "--once")[0]["memory"] > 80 << 20, what="the memory")
    busy, idle = product.json("top", "--once")
    check_equal((busy["project"], idle["project"]), ("busy", "idle"), "the busiest first")
    check_equal((busy["processes"], busy["tasks"], idle["processes"], idle["tasks"]), (1, 5, 1, 1), "processes and tasks")
    check(80 << 20 < busy["memory"] < 160 << 20 and idle["memory"] < 20 << 20, f"memory: {busy} {idle}")
    check(2 < busy["cpu-percent"] < 200 and idle["cpu-percent"] < 2, f"processor: {busy} {idle}")
    lines = product.run("top", "--once").stdout.splitlines()
    check_equal([line.split()[0] for line in lines], ["PROJECT", "busy", "idle"], "lines")
    # Until it is interrupted, a block each time.
    live = product.spawn("top", "-d", "0.2", "--json", stdout=subprocess.PIPE, text=True)
    for _ in range(3):
        check_equal(len(json.loads(live.stdout.readline())), 2, "projects each time")
    live.send_signal(signal.SIGINT)
    check_equal(live.wait(5), 0, "exit status of top")
    one_error_line(product.run("top", "-d", "-1", check=False), 125, "--delay")


def time_of_the_dead_counts(place):
    """Short-lived processes are the load of a build."""
    product = projects(place, "first")
    product.run("run", "--project", "first", "--detach", "--", "sh", "-c", "while :; do /bin/true; done")
    wait_until(lambda: product.json("top", "--once"), what="the project")
    check(product.json("top", "--once", "-d", "2")[0]["cpu-percent"] > 2, "the time of those that have ended")


def logs_of(product, *words):
    return [one for one in product.json("logs", "first", *words) if one["source"] != "isolate-session"]


def logs(place):
    product = projects(place, "first")
    product.run("run", "--project", "first", "--detach", "--", "sh", "-c", "echo one; echo two >&2; printf three")
    wait_until(lambda: len(logs_of(product)) == 3, what="three lines")
    found = logs_of(product)
    check_equal([one["text"] for one in found], ["one", "two", "three"], "lines")
    check(all(one["source"].startswith("sh[") and one["source"].endswith("]") for one in found), f"{found}")
    check(all(abs(one["time"] / 1e6 - time.time()) < 60 for one in found), f"times: {found}")
    check_equal([one["text"] for one in logs_of(product, "-n", "2")], ["two", "three"], "the last two")
    shown = product.run("logs", "first").stdout.splitlines()
    check(shown[-1].endswith(": three") and time.strftime("%Y-%m-%d") in shown[-1], f"{shown}")
    # What has somebody to read it is not kept.
    check_equal(product.run("run", "--project", "first", "--", "echo", "not this").stdout, "not this\n", "a pipe")
    product.run("stop", "first")
    check_equal([one["text"] for one in logs_of(product)], ["one", "two", "three"], "lines when it does not run")
    one_error_line(product.run("logs", "frist", check=False), 125, "there is no project", "first")


def logs_followed(place):
    product = projects(place, "first")
    product.run("run", "--project", "first", "--detach", "--", "echo", "before")
    wait_until(lambda: logs_of(product), what="a line")
    follower = product.spawn("logs", "first", "-f", "-n", "1", stdout=subprocess.PIPE, text=True)
    check(follower.stdout.readline().endswith(": before\n"), "what was there")
    for word in ("after", "and after"):
        product.run("run", "--project", "first", "--detach", "--", "echo", word)
        line = follower.stdout.readline()
        while "isolate-session" in line:
            line = follower.stdout.readline()
        check(line.endswith(f": {word}\n"), f"what came: {line!r}")
    follower.send_signal(signal.SIGINT)
    follower.wait(5)


def logs_are_bounded(place):
    """A program that writes without end fills no disk, keeps nothing busy, and pushes out little."""
    product = projects(place, "first")
    product.run("run", "--project", "first", "--detach", "--", "echo", "early")
    product.run("run", "--project", "first", "--detach", "--", "sh", "-c", "yes flood & yes '' & head -c 50000000 /dev/zero; yes")
    time.sleep(4)
    state = os.path.join(place.home, ".local/state/isolate/first")
    sizes = {name: os.path.getsize(os.path.join(state, name)) for name in os.listdir(state)}
    check(sum(sizes.values()) < 2 << 20, f"what it left: {sizes}")
    texts = [one["text"] for one in logs_of(product)]
    check("early" in texts, "the line before the flood was pushed out")
    session = product.session_of("first")
    with open(f"/proc/{session}/stat", encoding="utf-8") as f:
        before = f.read().rsplit(")", 1)[1].split()
    time.sleep(2)
    with open(f"/proc/{session}/stat", encoding="utf-8") as f:
        after = f.read().rsplit(")", 1)[1].split()
    used = (int(after[11]) + int(after[12]) - int(before[11]) - int(before[12])) / os.sysconf("SC_CLK_TCK")
    check(used < 1.2, f"the session used {used} s of processor in 2 s")
    print(f"kept {sum(sizes.values())} bytes; the session used {used / 2:.0%} of a processor")
    check_equal(product.run("run", "--project", "first", "--", "echo", "works").stdout, "works\n", "the project, meanwhile")
    product.run("stop", "--grace", "0", "first")
    check(any("lines were too many to keep" in one["text"] for one in product.json("logs", "first")), "what was left out is said")


def interrupted_starts(place):
    """^C at any moment of a start leaves nothing that runs, and the next start works."""
    product = projects(place, "first", text=PLAIN + "Linger=0\n")
    product.run("run", "--project", "first", "--", "true")
    product.wait_gone()
    outcomes = {}
    for ms in list(range(0, 60, 3)) + [80, 120, 200, 400]:
        process = product.spawn("run", "--project", "first", "--no-tty", "--", "sleep", "600",
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(ms / 1000)
        os.killpg(process.pid, signal.SIGINT)
        status = process.wait(20)
        outcomes.setdefault(status, []).append(ms)
        check(status != 0, f"after {ms} ms it said that all was well")
        product.wait_gone(20)
        check_equal(product.sockets()[1:], [], f"what is left in the runtime folder after {ms} ms")
    print(outcomes)
    check_equal(product.run("run", "--project", "first", "--", "echo", "works").stdout, "works\n", "the next start")


def several_terminals_and_many_starts(place):
    """20 at once are one container, of which some are interrupted."""
    product = projects(place, "first")
    runs = [product.spawn("run", "--project", "first", "--no-tty", "--", "sh", "-c", "sleep 1; echo done",
                          stdout=subprocess.PIPE, text=True) for _ in range(20)]
    time.sleep(0.05)
    for one in runs[::5]:
        os.killpg(one.pid, signal.SIGINT)
    ended = [one.communicate(timeout=60)[0] for one in runs]
    check_equal(sum(text == "done\n" for i, text in enumerate(ended) if i % 5), 16, "those that were left alone")
    check_equal(len(product.processes("isolate-session")), 1, "sessions")
    product.run("stop", "--grace", "0", "first")
    product.wait_gone()


desktop_main(ps_of_all, ps_of_a_deep_tree, ps_of_very_many, top, time_of_the_dead_counts, logs, logs_followed, logs_are_bounded,
             interrupted_starts, several_terminals_and_many_starts, needs=["bwrap"])
