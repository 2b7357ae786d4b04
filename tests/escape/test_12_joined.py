"""12. Whoever joins is as confined as the first: same filter, no privileges, namespaces, cgroup, limits, environment."""
import json
import os

from desktoptest import Skip, check, check_equal, desktop_main
from escapetest import Box, Terminal

STATUS = ("Seccomp", "Seccomp_filters", "NoNewPrivs", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "Uid", "Gid",
          "Groups", "NStgid", "Umask", "CoreDumping", "THP_enabled", "SigIgn", "SigBlk")
NOTHING = "0" * 16


def compared(facts):
    """What has to be the same, without what tells one process from another."""
    status = facts["status"]
    return {**{k: v for k, v in facts.items() if k in ("namespaces", "cgroup", "limits", "mounts", "core", "ignored",
                                                       "host", "cwd")},
            **{k: status.get(k) for k in STATUS if k != "NStgid"},
            "depth": len(status["NStgid"].split()),
            "environment": {k: v for k, v in facts["environment"].items() if k not in ("TERM", "_", "SHLVL", "PWD",
                                                                                       "OLDPWD")}}


def check_same(first, other, what):
    one, two = compared(first), compared(other)
    for key, value in one.items():
        check_equal(two[key], value, f"{key} of {what}")


def on_a_terminal(box, *words):
    """facts.py of an application with a terminal."""
    path = os.path.join(box.home, "facts")
    Terminal(box.place, [box.product.command, *words], env=box.product.env).rest()
    with open(path, encoding="utf-8") as f:
        facts = json.load(f)
    os.unlink(path)
    return facts


def in_a_shell(box):
    """facts.py typed into `isolate shell`."""
    path = os.path.join(box.home, "facts")
    terminal = Terminal(box.place, [box.product.command, "shell", box.name], env=box.product.env)
    terminal.command(f"{' '.join(box.words('facts.py', '~/facts'))}; echo re''ady", "ready")
    terminal.send("exit\n")
    terminal.rest()
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def joined_is_as_confined(place):
    box = Box(place)
    first = box.facts("facts.py")
    status = first["status"]
    check_equal([status[k] for k in ("Seccomp", "NoNewPrivs")], ["2", "1"], "Seccomp and NoNewPrivs of the first")
    check_equal([status[k] for k in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")], [NOTHING] * 5, "capabilities")
    check_same(first, box.facts("facts.py"), "a second application")
    check_same(first, box.facts("facts.py", env={"X": "y"}, cwd="/"), "one from another folder")
    check_same(first, on_a_terminal(box, "run", "--project", box.name, "--tty", "--", *box.words(
        "facts.py", os.path.join(place.home, "facts"))), "one on a terminal")
    check_same(first, in_a_shell(box), "a shell")
    host = {n: os.readlink(f"/proc/self/ns/{n}") for n in first["namespaces"]}
    for name in ("user", "mnt", "pid", "ipc", "uts", "net"):
        check(first["namespaces"][name] != host[name], f"the {name} namespace is the host's")


def init_has_no_privileges(place):
    """Of which every application is a child."""
    box = Box(place)
    status = dict(line.split(":", 1) for line in box.sh("cat /proc/1/status").splitlines())
    check_equal([status[k].strip() for k in ("Seccomp", "NoNewPrivs", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
                ["2", "1", NOTHING, NOTHING, NOTHING, NOTHING], "isolate-init")


def setuid_programs_gain_nothing(place):
    box = Box(place)
    for program in ("/usr/bin/su", "/usr/bin/mount", "/usr/bin/passwd", "/usr/bin/newgrp"):
        if os.path.exists(program) and os.stat(program).st_mode & 0o4000:
            facts = box.sh(f"{program} --help >/dev/null 2>&1; "
                           "python3 -I -c 'import os; print(os.getresuid())'").strip()
            check_equal(facts, str((os.getuid(),) * 3), f"user ids after {program}")
    found = box.sh("find / -xdev \\( -perm -4000 -o -perm -2000 \\) -type f -writable 2>/dev/null || true")
    check_equal(found, "", "setuid files that can be written")
    options = {line.split()[4]: line.split()[5] for line in box.sh("cat /proc/self/mountinfo").splitlines()}
    lax = {path: text for path, text in options.items() if "nosuid" not in text.split(",")}
    check(not lax, f"mounts on which setuid counts: {lax}")


# Of root of a container: chown, dac_override, dac_read_search, fowner, fsetid, kill, setgid, setuid, setpcap.
ROOTS = f"{0x1ff:016x}"


def root_of_a_container_is_as_confined(place):
    """`shell --root`: the same but for who it is and what that may do to the container's own files. Applications beside it, and
    after it, have nothing of that."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise Skip("/dev/fuse cannot be opened here: NO ROOT OF A LAYER WAS TESTED")
    box = Box(place, text="[Root]\nLayer=ephemeral\n")
    first = box.facts("facts.py")
    check_equal([first["status"][k] for k in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")], [NOTHING] * 5,
                "capabilities of an application")
    check_equal(first["status"]["Uid"].split(), [str(os.getuid())] * 4, "its user")
    path = os.path.join(box.home, "facts")
    terminal = Terminal(box.place, [box.product.command, "shell", box.name, "--root"], env=box.product.env)
    terminal.command(f"{' '.join(box.words('facts.py', '$ISOLATE_HOME/facts'))}".replace(
        "$ISOLATE_HOME", place.home) + "; chmod 644 " + f"{place.home}/facts; echo re''ady", "ready")
    terminal.send("exit\n")
    terminal.rest()
    with open(path, encoding="utf-8") as f:
        root = json.load(f)
    status = root["status"]
    check_equal([status[k] for k in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
                [NOTHING, ROOTS, ROOTS, ROOTS, NOTHING], "capabilities of root")
    check_equal(status["Uid"].split(), ["0"] * 4, "root's user")
    apart = {"CapPrm", "CapEff", "CapBnd", "Uid", "Gid", "cwd", "environment"}
    one, two = compared(first), compared(root)
    for key in set(one) - apart:
        check_equal(two[key], one[key], f"{key} of root")
    check_equal({k: v for k, v in two["environment"].items() if one["environment"].get(k) != v and k != "LANG"},
                {"HOME": "/root", "USER": "root", "LOGNAME": "root",
                 "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, "root's own variables")
    check_same(first, box.facts("facts.py"), "an application after root")
    init = dict(line.split(":", 1) for line in box.sh("cat /proc/1/status").splitlines())
    check_equal([init[k].strip() for k in ("Seccomp", "NoNewPrivs", "CapBnd")], ["2", "1", ROOTS], "isolate-init")
    box.stop()


desktop_main(root_of_a_container_is_as_confined, joined_is_as_confined, init_has_no_privileges, setuid_programs_gain_nothing, needs=["bwrap"])
