"""20. What an application has as fd 0, 1 and 2 is an anonymous pipe or its own terminal, whatever the caller's are:
/proc/self/fd/N/.. leads nowhere."""
import json
import os
import socket

from desktoptest import check, check_equal, desktop_main, wait_until
from escapetest import Box, Terminal


def nothing_leaks(found, caller, where):
    """caller: descriptors of the caller; none of their inodes may be inside."""
    theirs = {(i.st_dev, i.st_ino) for i in map(os.fstat, caller)}
    for number, one in found.items():
        if number not in ("0", "1", "2"):
            continue
        check((one["device"], one["inode"]) not in theirs, f"{where}: fd {number} is the caller's: {one}")
        check(one["link"].startswith("pipe:[") and one["kind"] == "p", f"{where}: fd {number} is no pipe: {one}")
        check_equal((one["above"], one["itself"]), ("NotADirectoryError",) * 2, f"{where}: what is above fd {number}")


def files_and_folders(place):
    box = Box(place)
    secret = place.write("home/folder/input", "through\n")
    output, errors = os.path.join(place.path, "output"), os.path.join(place.path, "errors")
    for when in ("first", "joined"):
        with open(secret, "rb") as source, open(output, "w+b") as target, open(errors, "w+b") as other:
            box.spawn("stdio.py", "--read", "--error", stdin=source, stdout=target, stderr=other).wait(20)
            found = json.loads(open(output, encoding="utf-8").read())
            nothing_leaks(found, [source.fileno(), target.fileno(), other.fileno()], f"files, {when}")
        check_equal(found["input"], "through\n", "what came through")
        check_equal(open(errors, encoding="utf-8").read(), "on stderr\n", "what went to stderr")
    folder = os.open(place.home, os.O_RDONLY | os.O_DIRECTORY)
    above = ["/bin/ls", "/proc/self/fd/0/.."]
    done = box.run(*above, stdin=folder, check=False)
    check(done.returncode not in (0, 125) and not done.stdout, f"above a folder: {done}")
    check_equal(box.run("/bin/cat", stdin=folder).stdout, "", "what is read of a folder")
    # Without isolate in between it is an escape: from the folder up, outside of every mount of the container.
    bare = place.run(["bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink",
                      "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin", "--proc", "/proc", *above], stdin=folder)
    check("runtime" in bare.stdout.split(), f"the control: {bare}")
    os.close(folder)


def sockets_devices_and_pipes(place):
    box = Box(place)
    ours, theirs = socket.socketpair()
    ours.sendall(b"through")
    ours.shutdown(socket.SHUT_WR)
    found = json.loads(box.run("stdio.py", "--read", stdin=theirs).stdout)
    nothing_leaks(found, [theirs.fileno()], "a socket")
    check_equal(found["input"], "through", "what came from a socket")
    fifo = os.path.join(place.path, "fifo")
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDWR)
    os.write(reader, b"through\n")
    source = os.open(fifo, os.O_RDONLY)
    os.close(reader)
    found = json.loads(box.run("stdio.py", "--read", stdin=source).stdout)
    nothing_leaks(found, [source], "a FIFO with a name")
    check_equal(found["input"], "through\n", "what came from a FIFO")
    for path in ("/dev/null", "/dev/zero", "/dev/full"):
        device = os.open(path, os.O_RDWR)
        done = box.spawn("stdio.py", "--error", stdin=device, stdout=device, stderr=device)
        done.wait(20)
        found = json.loads(box.run("stdio.py", stdin=device).stdout)
        nothing_leaks(found, [device], path)
        os.close(device)


def closed_descriptors(place):
    """A caller without one of them: what isolate opens must not take its place and be handed on."""
    box = Box(place)
    for missing in ({0}, {1}, {2}, {0, 1}, {0, 1, 2}, {1, 2}):
        path = os.path.join(box.home, "found")

        def close(numbers=missing):
            for number in numbers:
                os.close(number)
        for when in ("first", "joined"):
            process = box.spawn("/bin/sh", "-c", f"exec {' '.join(box.words('stdio.py'))} 3>&1 > ~/found",
                                preexec_fn=close)
            check_equal(process.wait(20), 0, f"exit status without {missing} ({when})")
            with open(path, encoding="utf-8") as f:
                found = json.load(f)
            os.unlink(path)
            for number in ("0", "2"):
                check(found[number]["kind"] in "pc", f"without {missing}, {when}: fd {number} is {found[number]}")
                check("Error" in found[number]["above"], f"without {missing}: above {number}: {found[number]}")
        # What it writes has to go nowhere, least of all into a socket of isolate's, whose error it is here.
        process = box.spawn("/bin/sh", "-c", "echo out; echo err >&2; cat; exit 3", preexec_fn=close)
        check_equal(process.wait(20), 3, f"exit status of one that writes, without {missing}")
        check_equal(box.spawn("/no/such/program", preexec_fn=close).wait(20), 127, f"not found, without {missing}")
        check_equal(box.sh("echo works"), "works\n", "the container afterwards")
        box.stop()


def terminals(place):
    box = Box(place)
    path = os.path.join(box.home, "found")
    terminal = Terminal(place, [box.product.command, "run", "--project", box.name, "--tty", "--", "/bin/sh", "-c",
                                f"{' '.join(box.words('stdio.py'))} | cat > ~/found"], env=box.product.env)
    host = os.stat(terminal.path)
    terminal.rest()
    with open(path, encoding="utf-8") as f:
        found = json.load(f)
    for number in ("0", "2"):
        one = found[number]
        check(one["terminal"] and one["link"].startswith("/dev/pts/"), f"fd {number}: {one}")
        check(one["device"] != host.st_dev, f"fd {number} is the host's terminal: {one}")
    # A terminal and a file: the file comes as a pipe.
    output = os.path.join(place.path, "output")
    terminal = Terminal(place, ["/bin/sh", "-c", 'exec "$@" > ' + output, "sh", box.product.command, "run", "--project",
                                box.name, "--", *box.words("stdio.py")], env=box.product.env)
    terminal.rest()
    with open(output, encoding="utf-8") as f:
        found = json.load(f)
    check(found["1"]["link"].startswith("pipe:["), f"fd 1, a file outside: {found['1']}")


def detached(place):
    box = Box(place)
    box.product.run("run", "--project", box.name, "--detach", "--", "/bin/sh", "-c",
                    f"{' '.join(box.words('stdio.py'))} | cat > ~/found.new; mv ~/found.new ~/found")
    path = os.path.join(box.home, "found")
    wait_until(lambda: os.path.exists(path), what="the report")
    with open(path, encoding="utf-8") as f:
        found = json.load(f)
    check_equal(found["0"]["link"], "/dev/null", "fd 0")
    # What it writes is kept for isolate logs: a pipe without a name, too.
    nothing_leaks({"2": found["2"]}, [], "detached")


def the_callers_file_is_not_moved(place):
    """An application that writes into its own stdin's pipe: the caller's file is not read a second time."""
    box = Box(place)
    source = place.write("home/script", "x" * 9000)
    with open(source, "rb", buffering=0) as f:
        f.read(4000)
        box.run("/usr/bin/python3", "-c",
                "import os\nw = os.open('/proc/self/fd/0', os.O_WRONLY | os.O_NONBLOCK)\nos.write(w, b'y' * 1000)\n"
                "os.read(0, 100)\n", stdin=f)
        check(f.tell() >= 4000, f"the caller's file is at {f.tell()}, before what it had read itself")


desktop_main(files_and_folders, sockets_devices_and_pipes, closed_descriptors, terminals, detached,
             the_callers_file_is_not_moved, needs=["bwrap"])
