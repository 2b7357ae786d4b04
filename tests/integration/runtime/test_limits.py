"""Much of everything: many applications, few descriptors, long command lines; and how long a container stays."""
import os
import resource
import socket
import time

from desktoptest import check, check_equal, desktop_main, one_error_line
from inside import PLAIN, Inside


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def few_descriptors(place):
    """Those for whom none is left wait, and do not make the session spin."""
    product = Inside(place)
    product.quiet()
    limited = ["prlimit", "--nofile=80:80", product.command, "start", "first"]
    check_equal(place.run(limited, env=product.env).returncode, 0, "status of a start with few descriptors")
    session = product.session_of("first")
    check("80" in open(f"/proc/{session}/limits", encoding="utf-8").read().split("Max open files")[1].split("\n")[0],
          "the session's limit")
    apps = [product.spawn("run", "--project", "first", "--", "sleep", "1000") for _ in range(90)]
    connections = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(90)]
    for connection in connections:
        connection.setblocking(False)
        connection.connect(os.path.join(product.runtime("first"), "control"))
    before = cpu_seconds(session)
    time.sleep(3)
    took = cpu_seconds(session) - before
    check(took < 0.5, f"the session used {took:.1f} s of CPU in 3 s while it could do nothing")
    for connection in connections:
        connection.close()
    for app in apps:
        check(app.poll() in (None, 125), f"status {app.returncode}: {place.log_text(app)}")
        app.kill()
        app.wait()
    check_equal(product.sh("first", "echo works").strip(), "works", "a launch when there are some again")
    product.run("kill", "first")


def many_applications(place):
    product = Inside(place)
    product.quiet()
    product.run("start", "first")
    apps = [product.spawn("run", "--project", "first", "--", "sh", "-c", f"exit {i % 7}", name="many") for i in range(150)]
    for i, app in enumerate(apps):
        check_equal(app.wait(60), i % 7, f"status of application {i}")
    check_equal(product.json("status", "first")["jobs"], [], "jobs that are still known")
    session = product.session_of("first")
    check(len(os.listdir(f"/proc/{session}/fd")) < 20, "descriptors of the session")
    product.run("stop", "first")


def descriptors_inside(place):
    """The usual limit to begin with, whatever the session took for itself; and less than the host's at most."""
    product = Inside(place)
    product.quiet()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    inner = [int(word) for word in product.sh("first", "ulimit -Sn; ulimit -Hn").split()]
    check_equal(inner, [min(soft, hard // 2, 65536), min(hard // 2, 65536)], f"limits inside, of {soft} and {hard}")
    product.run("stop", "first")


def long_command_lines(place):
    product = Inside(place)
    product.quiet()
    # 100 kB in one word, 2 MB in many: as far as the kernel goes.
    check_equal(product.run("run", "--project", "first", "--", "printenv", "X", env={"Y": "y"}, check=False).returncode, 1,
                "printenv")
    done = product.run("run", "--project", "first", "--", "sh", "-c", "echo ${#1} $#", "sh", "x" * 100000, "y")
    check_equal(done.stdout, "100000 2\n", "one long word")
    done = product.run("run", "--project", "first", "--", "sh", "-c", "echo $#", "sh", *["word"] * 30000)
    check_equal(done.stdout, "30000\n", "many words")
    one_error_line(product.run("run", "--project", "first", "--", "true", *["word"] * 40000, check=False), 125, "too long")
    product.run("stop", "first")


def how_long_it_stays(place):
    product = Inside(place)
    product.quiet(text=PLAIN.replace("Linger=forever", "Linger=1s"))
    product.sh("first", "true")
    check(product.processes("isolate-init"), "it stays for the linger time")
    # A start says that it shall stay, also to one that is about to end.
    product.run("start", "first")
    time.sleep(2)
    check(product.processes("isolate-init"), "it stays when it was started")
    product.sh("first", "true")
    product.wait_gone(5)
    # What an application leaves running keeps it.
    product.run("run", "--project", "first", "--detach", "--", "sh", "-c", "sleep 3 &")
    time.sleep(2)
    check("sleep" in product.run("ps", "first").stdout, "what was left running runs")
    product.wait_gone(8)


def its_environment(place):
    """Where it starts, its umask, and what of the caller's environment reaches it."""
    product = Inside(place)
    share = os.path.join(place.home, "share")
    os.makedirs(os.path.join(share, "below"))
    product.quiet(text=PLAIN + f"[Files]\nShare={share}\n[Environment]\nPass=COLOUR\nMINE=1\n")
    check_equal(product.sh("first", "pwd").strip(), place.home, "the usual folder")
    check_equal(product.sh("first", "pwd", cwd=os.path.join(share, "below")).strip(), os.path.join(share, "below"),
                "the caller's folder, when it is shared")
    check_equal(product.sh("first", "pwd", cwd="/tmp").strip(), place.home, "the caller's folder, when it is not")
    check_equal(product.run("run", "--project", "first", "--cwd", "/usr", "--", "pwd").stdout.strip(), "/usr", "--cwd")
    one_error_line(product.run("run", "--project", "first", "--cwd", "/nowhere", "--", "pwd", check=False), 125, "/nowhere")
    done = place.run(["sh", "-c", 'umask 027; exec "$0" run --project first -- sh -c umask', product.command],
                     env=product.env)
    check_equal(done.stdout.strip(), "0027", "the umask")
    env = {"COLOUR": "red", "SECRET": "x", "MINE": "2"}
    seen = product.run("run", "--project", "first", "--env", "GIVEN=g", "--", "env", env=env).stdout.split("\n")
    check("COLOUR=red" in seen and "GIVEN=g" in seen and "MINE=1" in seen and "SECRET=x" not in seen, f"{seen}")
    product.run("stop", "first")


desktop_main(few_descriptors, many_applications, descriptors_inside, long_command_lines, how_long_it_stays, its_environment,
             needs=["bwrap", "prlimit"])
