"""A disk that fills after a container was started: what runs goes on, what is asked for works or says in one line why not, and
nothing half is left once there is room again."""
import os
import sys

from desktoptest import QUIET, Product, Skip, check, check_equal, desktop_main, one_error_line, wait_until

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "root"))
from layers import Layered  # noqa: E402

ALONE = QUIET + "Linger=forever\n[Display]\nWayland=no\n"
FULL = "No space left on device"


class Disk:
    """A product whose folders of one kind lie on a small file system, which is filled and freed."""

    def __init__(self, place, variable, product=Product):
        self.path = place.small_disk()
        if not self.path:
            raise Skip("only root can mount a small file system: NO FULL DISK WAS TESTED")
        self.product = product(place)
        self.product.env[variable] = self.path
        self.filler = os.path.join(self.path, "filler")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.free()

    def fill(self):
        """To the last byte: what is there and not full takes no more either."""
        with open(self.filler, "ab", buffering=0) as f:
            for size in (65536, 512, 1):
                try:
                    while f.write(b"\0" * size) > 0:
                        pass
                except OSError:
                    pass

    def free(self):
        if os.path.exists(self.filler):
            os.unlink(self.filler)

    def files(self):
        """Whatever lies on it."""
        return sorted(os.path.relpath(os.path.join(folder, name), self.path)
                      for folder, folders, names in os.walk(self.path) for name in folders + names
                      if os.path.join(folder, name) != self.filler)


def the_state_folder(place):
    """Logs and denials have no room: applications do not notice, and the line that was cut is not mixed with a later one."""
    with Disk(place, "XDG_STATE_HOME") as disk:
        product = disk.product
        product.project("first", ALONE)
        product.run("run", "--project", "first", "--detach", "--", "sh", "-c", "echo before")
        wait_until(lambda: "before" in product.run("logs", "first").stdout, what="the first line")
        # A page is written to its end; what is longer than what is left of it is cut.
        product.run("run", "--project", "first", "--detach", "--", "sh", "-c",
                    "i=0; while [ $i -lt 36 ]; do echo $i aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; i=$((i+1)); done")
        wait_until(lambda: "35 aaaa" in product.run("logs", "first").stdout, what="the lines before")
        disk.fill()
        done = product.run("run", "--project", "first", "--detach", "--", "sh", "-c",
                           "i=0; while [ $i -lt 90 ]; do echo $i lost; i=$((i+1)); done; echo end >done")
        check_equal(done.stderr, "", "what a start says")
        wait_until(lambda: os.path.exists(product.home("first") + "/done"), what="the application that nobody could log")
        check_equal(product.run("run", "--project", "first", "--", "sh", "-c", "echo out; exit 7", check=False).returncode, 7,
                    "the exit status of a join")
        check_equal(product.sh("first", "echo out"), "out\n", "the output of a join")
        check("first" in product.run("list").stdout and product.json("status", "first"), "list and status")
        product.run("stop", "first")
        product.wait_gone()
        check_equal(product.sh("first", "echo again"), "again\n", "a start on a full disk")
        product.run("stop", "first")
        product.wait_gone()
        disk.free()
        product.run("run", "--project", "first", "--detach", "--", "sh", "-c", "echo after")
        wait_until(lambda: "after" in product.run("logs", "first").stdout, what="a line once there is room")
        texts = [row["text"] for row in product.json("logs", "first") if row["source"].startswith("sh[")]
        known = {"before", "after"} | {f"{i} {'a' * 58}" for i in range(36)} | {f"{i} lost" for i in range(90)}
        check_equal([t for t in texts if t not in known], [], "lines that nobody wrote")
        product.run("stop", "first")
        product.wait_gone()
        # A verb that has to write there does nothing.
        disk.fill()
        before = disk.files()
        one_error_line(product.run("rename", "first", "second", check=False), 125, FULL)
        check_equal((disk.files(), os.listdir(place.home + "/.config/isolate/projects")), (before, ["first.conf"]),
                    "what a rename leaves")


def the_home(place):
    """The application hears of it from the kernel, and so does whoever copies something in; the rest works."""
    with Disk(place, "XDG_DATA_HOME") as disk:
        product = disk.product
        product.project("first", ALONE)
        place.write("home/big", "x" * 300000)
        product.sh("first", "echo kept >kept")
        disk.fill()
        done = product.run("run", "--project", "first", "--", "sh", "-c", "head -c 300000 /dev/zero >mine", check=False)
        check(done.returncode != 0 and FULL in done.stderr, f"what the application hears: {done}")
        product.sh("first", "rm mine")
        before = disk.files()
        for words in (("cp", place.home + "/big", "first:big"), ("cp", place.home + "/big", "first:kept"),
                      ("cp", place.home + "/big", f"first:{place.home}/new")):
            one_error_line(product.run(*words, check=False), 125, FULL)
        check_equal(disk.files(), before, "what a copy leaves")
        check_equal(product.sh("first", "cat kept"), "kept\n", "the file that was to be replaced")
        check_equal(product.sh("first", "echo out >/tmp/x; cat /tmp/x"), "out\n", "another file system")
        product.run("stop", "first")
        product.wait_gone()
        check_equal(product.sh("first", "cat kept"), "kept\n", "the home, at a start on a full disk")
        product.run("stop", "first")
        product.wait_gone()
        one_error_line(product.run("clone", "first", "second", "--home", check=False), 125, FULL)
        check_equal((disk.files(), os.path.exists(place.home + "/.config/isolate/projects/second.conf")), (before, False),
                    "what a clone leaves")
        product.project("first", ALONE + "[App x]\nExec=true\n")
        one_error_line(product.run("desktop", "sync", check=False), 125, FULL)
        check_equal([f for f in disk.files() if f not in before and f != "applications"], [], "what is left of an entry")
        # What makes room needs none.
        product.run("reset", "first", "home", "--yes")
        product.run("remove", "first", "--yes")
        check_equal([f for f in disk.files() if "first" in f], [], "what a removal leaves")


def the_copy_of_a_repository(place):
    """Git=guard: a commit fails inside; a copy that cannot be made is not there at all."""
    with Disk(place, "XDG_DATA_HOME") as disk:
        product, work = disk.product, place.home + "/work"
        env = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        place.run(["git", "init", "-q", "-b", "main", work])
        place.write("home/work/file", "text\n")
        place.run(["git", "-C", work, "add", "file"])
        place.run(["git", "-C", work, "commit", "-qm", "one"], env=env)
        product.project("first", ALONE + f"[Files]\nShare={work}\nGit=guard\n[Environment]\n" +
                        "".join(f"{k}={v}\n" for k, v in env.items()))
        os.makedirs(disk.path + "/isolate/first/home", mode=0o700)
        disk.fill()
        before = disk.files()
        one_error_line(product.run("start", "first", check=False), 125, "Git=guard", FULL)
        product.wait_gone()
        check_equal([f for f in disk.files() if f not in before and "/git/" in f], [], "what is left of the copy")
        disk.free()
        product.run("start", "first")
        disk.fill()
        done = product.run("run", "--project", "first", "--", "sh", "-c",
                           f"cd {work}; head -c 99999 /dev/urandom >random; git add random", check=False)
        check(done.returncode != 0, f"a commit on a full disk: {done}")
        disk.free()
        check_equal(product.sh("first", f"cd {work}; git add random; git commit -qm two; git log --format=%s"), "two\none\n",
                    "the copy, once there is room")
        product.run("git", "fetch", "first")
        product.run("stop", "first")
        product.wait_gone()


def the_layer(place):
    """Root of the container hears of it; the container goes on, starts again, and keeps what was whole."""
    with Disk(place, "XDG_DATA_HOME", Layered) as disk:
        product = disk.product
        product.layered()
        product.as_root("echo kept >/etc/kept; cp /etc/kept /etc/other\n")
        disk.fill()
        said = product.as_root("head -c 99999 /dev/urandom >/etc/new 2>&1; echo status=$?; echo more >>/etc/bash.bashrc; echo "
                               "status=$?; rm -f /etc/new; cat /etc/kept; exit 0\n")
        check("status=1" in said.stdout and said.stdout.endswith("kept\n"), f"what root hears: {said}")
        check("status=0" not in said.stdout, f"what could not be kept was written all the same: {said}")
        check_equal(product.sh("first", "cat /etc/kept; test -s /etc/bash.bashrc && echo whole"), "kept\nwhole\n",
                    "an application beside it")
        product.run("stop", "first")
        product.wait_gone()
        check_equal(product.left(), [], "processes of the layer")
        check_equal(product.sh("first", "cat /etc/kept /etc/other"), "kept\nkept\n", "the layer, at a start on a full disk")
        product.run("stop", "first")
        product.wait_gone()
        before = disk.files()
        one_error_line(product.run("clone", "first", "second", "--layer", check=False), 125, FULL, "layer")
        check_equal((disk.files(), os.path.exists(place.home + "/.config/isolate/projects/second.conf")), (before, False),
                    "what a clone leaves")
        disk.free()
        product.as_root("echo more >>/etc/bash.bashrc\n")
        check_equal(product.sh("first", "tail -n 1 /etc/bash.bashrc"), "more\n", "once there is room")
        product.run("stop", "first")
        product.wait_gone()
        disk.fill()
        product.run("reset", "first", "layer", "--yes")
        product.run("remove", "first", "--yes")
        check_equal([f for f in disk.files() if "first" in f], [], "what a removal leaves")


desktop_main(the_state_folder, the_home, the_copy_of_a_repository, the_layer, needs=["bwrap", "git"])
