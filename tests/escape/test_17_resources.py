"""17. A fork bomb with Tasks=, a memory hog with Memory=: contained, and what is not contained here is said."""
import json
import os
import resource
import subprocess

from desktoptest import Skip, check, check_equal, desktop_main, wait_until
from escapetest import Box, Terminal, one_line

TASKS = 40
MEMORY_MIB = 128


def by(box, name):
    """Who sees to a limit, as status says."""
    found = [one for one in box.product.json("status", box.name)["limits"] if one["resource"] == name]
    check_equal(len(found), 1, f"limits of {name}")
    return found[0]["by"]


def processes_of(box):
    return len(box.product.json("ps", box.name))


def a_fork_bomb(place):
    free, box = Box(place, "free"), Box(place, text=f"[Resources]\nTasks={TASKS}")
    check(free.run("bomb.py", str(2 * TASKS), check=False).stdout.split() == [str(2 * TASKS), "most"],
          "the control: without Tasks= nothing stops it")
    box.run("/bin/true")
    if by(box, "tasks") == "unenforced":
        raise Skip("this kernel counts the processes of a user inside and outside together: Tasks= limits nothing")
    bomb = box.spawn("bomb.py", str(2 * TASKS), "2", stdout=subprocess.PIPE, text=True)
    made, why = bomb.stdout.readline().split()
    # Itself and init count too.
    check(int(made) < TASKS and why == "EAGAIN", f"{made} processes of {TASKS}, {why}")
    check(processes_of(box) <= TASKS, f"{processes_of(box)} processes inside")
    # While it lasts: nothing of the host's or of another project's is refused.
    check_equal(free.run("/bin/echo", "works").stdout, "works\n", "another project")
    check_equal(os.waitstatus_to_exitcode(os.wait4(os.spawnlp(os.P_NOWAIT, "true", "true"), 0)[1]), 0, "the host")
    done = box.run("/bin/true", check=False)
    if done.returncode:
        check("Resource temporarily unavailable" in one_line(done.stderr), f"a start meanwhile: {done.stderr}")
    bomb.wait(30)
    check_equal(box.run("/bin/echo", "works").stdout, "works\n", "the project, afterwards")


def a_fork_bomb_is_stopped(place):
    """Ending it takes no process of the container's."""
    box = Box(place, text=f"[Resources]\nTasks={TASKS}")
    bomb = box.spawn("bomb.py", "100000", "600", stdout=subprocess.PIPE, text=True)
    bomb.stdout.readline()
    box.product.run("stop", "--grace", "1", box.name)
    check(bomb.wait(20) != 0, "the bomb ended well")
    box.product.wait_gone()


def everybody_inside_counts(place):
    """Also who joins, with a terminal, and by other ways to make a process."""
    box = Box(place, text=f"[Resources]\nTasks={TASKS}")
    sleepers = [box.spawn("/bin/sleep", "100") for _ in range(TASKS + 10)]
    box.product.run("start", box.name)
    if by(box, "tasks") == "unenforced":
        raise Skip("this kernel counts the processes of a user inside and outside together: Tasks= limits nothing")
    wait_until(lambda: sum(one.poll() == 125 for one in sleepers) > 10, what="starts that are refused")
    refused = sum(one.poll() == 125 for one in sleepers)
    check(refused >= 10, f"only {refused} of {len(sleepers)} were refused")
    check(processes_of(box) <= TASKS, f"{processes_of(box)} processes inside")
    terminal = Terminal(place, [box.product.command, "shell", box.name], env=box.product.env)
    check("unavailable" in terminal.rest(), "a shell when there is no process left for one")
    threads = ("import threading,time\nn=0\ntry:\n while n<500:\n  threading.Thread(target=time.sleep,args=(9,),"
               "daemon=True).start(); n+=1\nexcept RuntimeError: pass\nprint(n, flush=True)\nimport os\nos._exit(0)")
    box.stop()
    made = int(box.run("/usr/bin/python3", "-c", threads).stdout)
    check(made < TASKS, f"{made} threads of {TASKS} tasks")


def with_a_layer(place):
    """Where init is root of the container, and drops that for each application."""
    box = Box(place, text=f"[Root]\nLayer=ephemeral\n[Resources]\nTasks={TASKS}\nMemory={MEMORY_MIB}M")
    done = box.run("bomb.py", str(2 * TASKS), check=False)
    if done.returncode == 125:
        raise Skip(f"no layers here: {done.stderr}")
    if by(box, "tasks") != "unenforced":
        made, why = done.stdout.split()
        check(int(made) < TASKS and why == "EAGAIN", f"{made} processes of {TASKS}, {why}")
    if by(box, "memory") == "rlimit":
        check(int(box.run("hog.py", str(2 * MEMORY_MIB)).stdout) < MEMORY_MIB, "a hog")


def limits_cannot_be_raised(place):
    """Nor by a new user namespace, where those can be made."""
    box = Box(place, text=f"[Security]\nNestedSandbox=yes\n[Resources]\nTasks={TASKS}\nMemory={MEMORY_MIB}M")
    box.run("/bin/true")
    raised = ("import resource as r\nfor limit, name in ((r.RLIMIT_NPROC, 'tasks'), (r.RLIMIT_DATA, 'memory')):\n"
              " for hard in (-1, 1 << 40):\n  try: r.setrlimit(limit, (hard, hard)); print(name)\n"
              "  except (ValueError, PermissionError, OSError): pass\n")
    shown = set(box.run("/usr/bin/python3", "-c", raised).stdout.split())
    rlimits = {name for name in ("tasks", "memory") if by(box, name) == "rlimit"}
    check(not shown & rlimits, f"raised: {shown & rlimits}")
    if by(box, "tasks") == "unenforced":
        return
    nested = box.run("/usr/bin/unshare", "--user", "--map-root-user", *box.words("bomb.py", str(2 * TASKS)), check=False)
    check(nested.returncode in (1, 125, 137, 0), f"{nested}")
    if nested.stdout:
        made, why = nested.stdout.split()
        check(int(made) < TASKS and why == "EAGAIN", f"in a namespace of its own: {made} of {TASKS}, {why}")
    else:
        print(f"no namespace inside: {nested.stderr}")


def a_memory_hog(place):
    free, box = Box(place, "free"), Box(place, text=f"[Resources]\nMemory={MEMORY_MIB}M")
    check_equal(free.run("hog.py", str(2 * MEMORY_MIB)).stdout, f"{2 * MEMORY_MIB}\n", "the control: without Memory=")
    box.run("/bin/true")
    done = box.run("hog.py", str(2 * MEMORY_MIB), check=False)
    if by(box, "memory") == "cgroup":
        check(done.returncode == 137 or int(done.stdout or 0) < MEMORY_MIB, f"it got {done.stdout} MiB: {done}")
    else:
        check(int(done.stdout) < MEMORY_MIB, f"one process got {done.stdout} MiB of {MEMORY_MIB}")
    check_equal(box.run("/bin/echo", "works").stdout, "works\n", "the project, afterwards")
    # What only reserves addresses works all the same.
    reserve = "import mmap; mmap.mmap(-1, 1 << 36, prot=0, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); print('reserved')"
    check_equal(box.run("/usr/bin/python3", "-c", reserve).stdout, "reserved\n", "64 GiB of addresses")


def many_hogs_together(place):
    """Where cgroups are delegated all of the container counts together; elsewhere that is not so, and said."""
    box = Box(place, text=f"[Resources]\nMemory={MEMORY_MIB}M")
    box.run("/bin/true")
    if by(box, "memory") != "cgroup":
        # The limit is each process's: what is said in status, explain and doctor has to be that.
        got = sum(map(int, box.run("hog.py", str(2 * MEMORY_MIB), "2", check=False).stdout.split()))
        check(got > MEMORY_MIB, f"two processes got {got} MiB: more is kept than is promised")
        print("NOT CONTAINED HERE: no cgroups of memory are delegated to this user; tests/system/limits tries it where they are")
        return
    done = box.run("hog.py", str(MEMORY_MIB), "4", check=False)
    got = sum(map(int, done.stdout.split()))
    check(got < 3 * MEMORY_MIB, f"four processes got {got} MiB of {MEMORY_MIB} (and as much swap)")


def what_is_enforced_is_said(place):
    box = Box(place, text=f"[Resources]\nMemory={MEMORY_MIB}M\nCpu=50%\nTasks={TASKS}")
    box.run("/bin/true")
    done = box.product.run("doctor", "--json", check=False)
    doctor = {one["subject"]: one for one in json.loads(done.stdout)}["limits"]
    ways = {name: by(box, name) for name in ("memory", "cpu", "tasks")}
    complete = set(ways.values()) == {"cgroup"}
    check_equal(doctor["state"], "ok" if complete else "note", f"what doctor says where {ways}")
    explained = box.product.run("explain", box.name).stdout
    status = box.product.run("status", box.name).stdout
    for text, where in ((explained, "explain"), (status, "status")):
        for name, words in (("memory", f"{MEMORY_MIB}M of memory"), ("cpu", "50% of a processor"),
                            ("tasks", f"{TASKS} processes and threads")):
            line = [one for one in text.splitlines() if words in one]
            check_equal(len(line), 1, f"lines of {where} about {name}")
            check(("does not enforce" in line[0]) == (ways[name] == "unenforced"), f"{where}: {line[0]}")
            check(("each process by itself" in line[0]) == (name == "memory" and ways[name] == "rlimit"),
                  f"{where}: {line[0]}")
    print(f"here: {ways}")


def no_limit_is_asked_for(place):
    """Nothing is limited then, and explain says that."""
    box = Box(place)
    limits = box.run("/usr/bin/python3", "-c", "import resource as r; print(*r.getrlimit(r.RLIMIT_NPROC), "
                     "*r.getrlimit(r.RLIMIT_DATA))").stdout.split()
    ours = [*resource.getrlimit(resource.RLIMIT_NPROC), *resource.getrlimit(resource.RLIMIT_DATA)]
    # A limit that bubblewrap's new namespace starts without is none either.
    for inside, outside in zip(map(int, limits), ours):
        check(inside in (outside, resource.RLIM_INFINITY), f"limits inside: {limits}, outside: {ours}")
    check_equal(box.product.json("status", box.name)["limits"], [], "limits")
    check("as much memory, processor time and processes as this machine has" in
          box.product.run("explain", box.name).stdout, "explain says nothing of limits")


desktop_main(a_fork_bomb, a_fork_bomb_is_stopped, everybody_inside_counts, with_a_layer, limits_cannot_be_raised, a_memory_hog,
             many_hogs_together, what_is_enforced_is_said, no_limit_is_asked_for, needs=["bwrap"])
