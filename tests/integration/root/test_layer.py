"""[Root] Layer=: a package manager works inside, what it did survives or not, and the host is as it was."""
import os
import socket
import stat

from desktoptest import check, check_equal, desktop_main, one_error_line, wait_until
from layers import Layered, not_installed, package

APT = "apt-get -q -o Dir::Etc::sourcelist=/etc/apt/own.list -o Dir::Etc::sourceparts=/none -o Acquire::Languages=none"


def host_state():
    """What a package manager, or a root, would change on the host."""
    paths = ("/var/lib/dpkg/status", "/var/lib/dpkg/info", "/var/lib/apt/lists", "/etc", "/etc/passwd", "/etc/group", "/usr/bin",
             "/usr/games", "/usr/share/doc", "/opt", "/var/log/dpkg.log", "/root", "/etc/apt")
    return {p: (s.st_mtime_ns, s.st_uid, s.st_mode, s.st_size) for p in paths if os.path.exists(p) and (s := os.lstat(p))}


def apt_install_survives_a_restart(place):
    product, name = Layered(place), not_installed("hello", "sl")
    before = host_state()
    folder = package(place, name)
    product.layered(text=f"[Files]\nReadOnly={folder}\n")
    # From a repository, as a person would; there is no network at all.
    said = product.as_root(f"echo 'deb [trusted=yes] file:{folder} ./' >/etc/apt/own.list\n{APT} update && {APT} install -y "
                           f"--no-install-recommends {name}\necho status=$?\n").stdout
    check("status=0" in said, f"apt-get failed:\n{said}")
    which = product.sh("first", f"PATH=$PATH:/usr/games; command -v {name}; dpkg-query -W -f '${{Status}}' {name}").split("\n")
    check(which[1] == "install ok installed", f"not installed: {which}")
    check(not os.path.exists(which[0]), f"{which[0]} is on the host")
    product.run("stop", "first")
    product.wait_gone()
    check_equal(product.left(), [], "processes of the layer after stop")
    check("install ok installed" in product.sh("first", f"dpkg-query -W -f '${{Status}}' {name}; test -x {which[0]}"),
          "gone after a restart")
    # And it goes as it came.
    check("gone" in product.as_root(f"dpkg -r {name} && ! test -e {which[0]} && echo gone\n").stdout, "cannot be removed")
    product.run("stop", "first")
    product.wait_gone()
    check_equal(host_state(), before, "the host")
    product.run("remove", "first", "--yes")
    check_equal(os.path.exists(os.path.dirname(product.layer())), False, "the layer after remove")


def a_file_of_a_package_by_hand(place):
    """dpkg -i and apt-get install ./FILE; accounts, the loader's cache, a service's files."""
    product, name = Layered(place), not_installed("hello", "sl")
    folder = package(place, name)
    deb = [f for f in os.listdir(folder) if f.endswith(".deb")][0]
    product.layered("ephemeral", f"[Files]\nReadOnly={folder}\n")
    done = product.as_root(
        f"dpkg -i {folder}/{deb}; echo one=$?\ndpkg -r {name}; apt-get install -y {folder}/{deb}; echo two=$?\n"
        "adduser --system --group --no-create-home isolate-daemon; echo three=$?; getent passwd isolate-daemon\n"
        "ldconfig; echo four=$?; echo changed >>/etc/bash.bashrc; echo five=$?; mkdir -p /opt/a/b /srv 2>/dev/null; chown 7:7 "
        "/opt/a; stat -c %u:%g /opt/a\n")
    for sign in ("one=0", "two=0", "three=0", "isolate-daemon:x:", "four=0", "five=0", "\n7:7"):
        check(sign in done.stdout, f"{sign!r} is not in:\n{done.stdout}{done.stderr}")
    # The size tells an output that was lost from a file that seems to be empty.
    size = os.path.getsize("/etc/bash.bashrc") + len("changed\n")
    check_equal(product.sh("first", "stat -c %s /etc/bash.bashrc; wc -c </etc/bash.bashrc; tail -n 1 /etc/bash.bashrc"),
                f"{size}\n{size}\nchanged\n", "what root changed, seen by an application")
    product.run("stop", "first")
    product.wait_gone()
    check_equal(os.path.exists(product.layer()), False, "a layer on disk")
    check(f"no{name}" in product.sh("first", f"test -e /opt/a || command -v {name} || PATH=/usr/games command -v {name} || "
                                    f"echo no{name}"), "something outlived the container")
    product.run("stop", "first")


# What root of a container can make of a layer: owners, hidden files, several names, capabilities, links that lead out, names that
# a terminal would obey.
CHANGES = r"""cd /srv 2>/dev/null || mkdir /srv && cd /srv
cd /etc; echo kept >kept; chown 7:8 kept; chmod 4751 kept; ln kept same; rm debian_version; rm -r apt; mkdir apt; echo own >apt/own
echo x >with-capability; setcap cap_net_bind_service=ep with-capability 2>/dev/null || rm with-capability
ln -s /etc/shadow out; ln -s ../../../../../../../../../../../etc/passwd up; mkfifo pipe; touch -d 2001-02-03 old
mkdir closed; echo x >closed/x; chown -R 9:9 closed; chmod 0 closed; echo x >"$(printf 'a\033[31m\nb')"; truncate -s 1T huge
"""
SHOW = ("cd /etc; stat -c '%n %u:%g %a %s' kept same closed closed/x old huge; stat -c '%Y' old; test kept -ef same && echo one; ls -A apt; "
        "readlink out up; test -p pipe && echo pipe; test -e debian_version || echo hidden; "
        "test ! -e with-capability || getcap with-capability; ls | grep -a 31m; du -k huge; cat kept\n")


def a_clone(place):
    """What was installed goes along when it is asked for, all of it, and the two have nothing in common from then on."""
    product = Layered(place)
    product.layered()
    product.as_root(CHANGES)
    before = product.as_root(SHOW).stdout
    check(before.startswith("kept 7:8 4751 5\n") and "hidden" in before and "\none\nown\n" in before and "\na\033[31m\n" in before, before)
    one_error_line(product.run("clone", "first", "second", "--layer", check=False), 125, "its layer", "isolate stop first")
    product.run("stop", "first")
    product.wait_gone()
    done = product.run("clone", "first", "second", "--layer")
    check_equal((done.stdout.count("\n"), done.stderr), (1, ""), "what a clone says")
    check_equal(product.as_root(SHOW, "second").stdout, before, "the clone")
    product.as_root("echo other >/etc/kept; touch /etc/debian_version\n", "second")
    product.run("stop", "second")
    product.wait_gone()
    check_equal(product.as_root(SHOW).stdout, before, "the first, once the clone was changed")
    product.run("stop", "first")
    product.wait_gone()
    done = product.run("clone", "first", "third", "--home")
    check("installed in first is not in third" in done.stderr and done.stderr.count("\n") == 1, done.stderr)
    check(not os.path.exists(product.layer("third")), "a layer was made")
    check("first has no layer" not in done.stderr and
          "third has no layer yet" in product.run("clone", "third", "fourth", "--layer").stderr, "no layer to copy")
    data = os.path.dirname(product.layer("second"))
    check_equal(sorted(os.listdir(data)), ["home", "layer"], "what lies beside the layer")
    check_equal(os.stat(product.layer("second")).st_mode & 0o777, 0o700, "who reaches the layer")


def a_clone_that_was_interrupted(place):
    """Killed in the middle: no project, nothing that runs, and a line that says what takes it away."""
    product = Layered(place)
    product.layered()
    product.as_root("mkdir /etc/many; cd /etc/many; i=0; while [ $i -lt 6000 ]; do echo $i >$i; i=$((i+1)); done; chown -R 5:5 .\n")
    product.run("stop", "first")
    product.wait_gone()
    cloning = product.spawn("clone", "first", "second", "--layer")
    away = os.path.join(os.path.dirname(product.layer("second")), ".layer.reset")
    wait_until(lambda: os.path.exists(away), what="the copy", interval=0)
    os.kill(cloning.pid, 9)
    cloning.wait()
    wait_until(lambda: not product.processes("isolate-layer") and not product.processes("cp"), what="the end of the copy")
    check(not os.path.exists(product.layer("second")), "half a layer counts as one")
    one_error_line(product.run("clone", "first", "second", "--layer", check=False), 125, "isolate remove second")
    product.run("remove", "second", "--yes")
    check(not os.path.exists(os.path.dirname(away)), "something is left")
    product.run("clone", "first", "second", "--layer")
    check_equal(product.sh("second", "ls /etc/many | wc -l; cat /etc/many/5999"), "6000\n5999\n", "the clone")
    # A reset that was interrupted: what is left of it goes as well.
    product.run("stop", "second")
    product.wait_gone()
    os.rename(product.layer("second"), away)
    product.run("remove", "second", "--yes")
    check(not os.path.exists(os.path.dirname(away)), "something is left of a reset")


def killed_at_any_place(place):
    """SIGKILL to each process of ours: nothing is left, and the next start has the layer as it was."""
    product = Layered(place)
    product.layered()
    product.as_root("echo kept >/etc/kept\n")
    for name, which in (("isolate-session", 0), ("isolate-layer", 0), ("isolate-layer", -1), ("fuse-overlayfs", 0),
                        ("isolate-init", 0), ("bwrap", 0)):
        # Something is being written, so that there is a copy under way.
        writer = product.spawn("run", "--project", "first", "--", "sh", "-c", "echo up; while :; do :; done")
        wait_until(lambda: "up" in place.log_text(writer), what="the application")
        pids = sorted(product.processes(name))
        check(pids, f"no {name}")
        os.kill(pids[which], 9)
        wait_until(lambda: not product.left() and not product.processes("isolate-session"), what=f"the end after {name}")
        place.end(writer)
        product.wait_gone()
        with open("/proc/self/mounts", encoding="utf-8") as f:
            check("fuse-overlayfs" not in f.read(), "a mount is left")
        check_equal(product.sh("first", "cat /etc/kept"), "kept\n", f"the layer after {name} was killed")
    product.run("stop", "first")
    product.wait_gone()


def leftovers_of_work_are_cleaned(place):
    product = Layered(place)
    product.layered()
    product.as_root("echo kept >/etc/kept\n")
    product.run("stop", "first")
    product.wait_gone()
    work = os.path.join(product.layer(), "work")
    check(os.lstat(work).st_uid != os.getuid(), "the working folder is the user's")
    check_equal(product.sh("first", "cat /etc/kept"), "kept\n", "the layer")
    product.run("stop", "first")


def what_is_missing_is_named(place):
    """Each in a mount namespace that lacks it."""
    product = Layered(place)
    product.layered()
    empty = place.write("empty", "")
    device = os.path.join(place.path, "no-fuse")
    socket.socket(socket.AF_UNIX).bind(device)
    check(stat.S_ISSOCK(os.stat(device).st_mode), "no socket")
    for source, target, said in (
            ("/dev/null", "/usr/bin/fuse-overlayfs", ["fuse-overlayfs", "install the package"]),
            ("/dev/null", "/usr/bin/newuidmap", ["newuidmap", "uidmap"]),
            ("/dev/null", "/usr/bin/newgidmap", ["newgidmap", "uidmap"]),
            (empty, "/etc/subuid", ["/etc/subuid", "usermod --add-subuids"]),
            (empty, "/etc/subgid", ["/etc/subgid", "usermod --add-subgids"]),
            (device, "/dev/fuse", ["/dev/fuse", "modprobe fuse"])):
        done = place.run(["unshare", "--map-current-user", "--keep-caps", "--mount", "sh", "-c",
                          'mount --bind "$0" "$1" && shift && exec "$@"', source, target, product.command, "run", "--project",
                          "first", "--", "true"], env=product.env, check=False)
        one_error_line(done, 125, *said)
        product.wait_gone()


# isolate-session as a caller sees it that is not run before everything is over.
LATE = """#!/usr/bin/python3
import os, socket, sys
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
at = sys.argv.index("--ready-fd") + 1
caller = socket.socket(fileno=int(sys.argv[at]))
os.set_inheritable(theirs.fileno(), True)
if os.fork() == 0:
    caller.close(), ours.close()
    os.execv(PROGRAM, [PROGRAM, *sys.argv[1:at], str(theirs.fileno()), *sys.argv[at + 1:]])
theirs.close()
said = list(iter(lambda: ours.recv(65536), b""))
os.wait()
for one in said:
    caller.send(one)
"""


def a_slow_caller_is_told_too(place):
    """Who started a container that has ended before he could ask for anything."""
    product = Layered(place)
    product.layered()
    real = product.own("isolate-session")
    place.write("late/isolate-session", LATE.replace("PROGRAM", repr(real)), 0o755)
    folders = ":".join([os.path.join(place.path, "late"), product.env.get("ISOLATE_LIBEXECDIR", os.path.dirname(real))])
    done = place.run(["unshare", "--map-current-user", "--keep-caps", "--mount", "sh", "-c",
                      'mount --bind /dev/null /usr/bin/fuse-overlayfs && exec "$@"', "sh", product.command, "run", "--project",
                      "first", "--", "true"], env={**product.env, "ISOLATE_LIBEXECDIR": folders}, check=False)
    one_error_line(done, 125, "fuse-overlayfs", "install the package")
    product.wait_gone()


def no_root_without_a_layer(place):
    product = Layered(place)
    product.project("first", "[Project]\nGate=never\n[Display]\nWayland=no\n[Network]\nMode=none\n")
    one_error_line(product.run("shell", "first", "--root", check=False), 125, "[Root] Layer=")
    # Configured since, but not what runs.
    product.run("start", "first")
    product.layered()
    one_error_line(product.run("shell", "first", "--root", check=False), 125, "without a layer")
    product.run("stop", "first")


def root_is_asked_for(place):
    """Nobody can be asked here, so the gate refuses; nothing is started."""
    product = Layered(place)
    product.project("first", "[Display]\nWayland=no\n[Network]\nMode=none\n[Root]\nLayer=persistent\n")
    one_error_line(product.run("shell", "first", "--root", check=False), 125, "no root shell in first", "Gate=never")
    check(not product.processes("isolate-session"), "a container was started")


def the_internet_reaches_it(place):
    """pasta and the rules find the container, which is two PID namespaces down."""
    product = Layered(place)
    product.project("first", "[Project]\nGate=never\nLinger=forever\n[Display]\nWayland=no\n[Root]\nLayer=ephemeral\n")
    interfaces = product.sh("first", "ls /sys/class/net 2>/dev/null || tail -n +3 /proc/net/dev | cut -d: -f1")
    check(len(interfaces.split()) >= 2, f"no interface but {interfaces}")
    check_equal(product.as_root("cat /etc/resolv.conf; id -u\n").stdout, "nameserver 169.254.1.1\n0\n", "root's resolver")
    product.run("stop", "first")
    product.wait_gone()


desktop_main(the_internet_reaches_it, apt_install_survives_a_restart, a_file_of_a_package_by_hand, a_clone,
             a_clone_that_was_interrupted, killed_at_any_place, leftovers_of_work_are_cleaned,
             what_is_missing_is_named, a_slow_caller_is_told_too, no_root_without_a_layer, root_is_asked_for,
             needs=["bwrap", "fuse-overlayfs", "newuidmap", "apt-get", "dpkg-scanpackages"])
