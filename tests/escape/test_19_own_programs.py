"""19. No program of ours is setuid, and each ends cleanly when it is started without any argument, even its name."""
import os
import stat
import subprocess

from desktoptest import check, desktop_main
from escapetest import Box

PROGRAMS = ("isolate", "isolate-session", "isolate-init", "isolate-layer", "isolate-wlproxy", "isolate-gate", "isolate-ask")


def paths(place):
    prefix = os.environ.get("ISOLATE_TEST_PREFIX")
    found = []
    for folder, _, files in os.walk(prefix) if prefix else ():
        found += [os.path.join(folder, f) for f in files]
    return found or [place.built(name) for name in PROGRAMS]


def nothing_is_setuid(place):
    for path in paths(place):
        info = os.lstat(path)
        check(not info.st_mode & (stat.S_ISUID | stat.S_ISGID), f"{path}: mode {info.st_mode:o}")
        check(stat.S_ISLNK(info.st_mode) or not info.st_mode & 0o002, f"{path} can be written by anybody")
        check("security.capability" not in os.listxattr(path, follow_symlinks=False), f"{path} has capabilities")


def without_arguments(place):
    box = Box(place)
    for name in PROGRAMS:
        done = place.run([os.path.join(box.programs, "no-arguments"), place.built(name)], check=False,
                         env=box.product.env)
        check(0 < done.returncode < 126, f"{name} without a name: {done}")
        check(len(done.stderr.splitlines()) <= 1, f"{name}: {done.stderr}")
        for words in ([], [""], ["-"], ["--"], ["\x1b[31m"], ["x" * 100000], ["--help"] * 50, ["0"], ["-1"], ["3"],
                      ["999999999999999999999"]):
            done = place.run([place.built(name), *words], check=False, env=box.product.env)
            check(0 <= done.returncode < 126, f"{name} {words}: {done}")
            check("\x1b" not in done.stderr, f"{name}: {done.stderr!r}")


def init_is_of_no_use_outside(place):
    """Started by somebody else, it serves nobody."""
    init = place.built("isolate-init")
    for words in (["0"], ["1"], ["3"]):
        done = subprocess.run([init, *words], capture_output=True, text=True, timeout=20, check=False)
        check(done.returncode == 125 and "isolate-session" in done.stderr, f"{done}")


desktop_main(nothing_is_setuid, without_arguments, init_is_of_no_use_outside, needs=["bwrap"])
