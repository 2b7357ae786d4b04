"""5. A share that is swapped after it was approved: what was approved is what is mounted, or nothing is."""
import json
import os

from desktoptest import check, check_equal, desktop_main, wait_until
from escapetest import Box


def approve(box, permissions):
    """As if a person had: the next start asks for nothing that is in it."""
    lines = ", ".join(f"b{json.dumps(p)}" for p in permissions)
    box.place.write(f"home/.local/state/isolate/{box.name}/approval",
                    f"{{'version': <uint32 1>, 'project': <'{box.name}'>, 'time': <int64 1>, "
                    f"'permissions': <[{lines}]>}}\n", 0o600)


def swapped_by_another_container(place):
    """One has a share around the other's, and swaps a folder in it for a link, again and again."""
    place.write("home/Projects/sub/file", "mine")
    place.write("home/secret/file", "secret")
    neighbour = Box(place, "second", files=f"Share={place.home}/Projects\nGit=full")
    box = Box(place, files=f"Share={place.home}/Projects/sub", gate="changed")
    done = box.run("/bin/true", check=False)
    check(done.returncode == 125 and "polkit" in done.stderr, f"without an approval: {done}")
    approve(box, json.loads(place.run([box.product.command, "plan", "first", "--json"], env=box.product.env).stdout)
            ["permissions"])
    check_equal(box.sh(f"cat {place.home}/Projects/sub/file"), "mine", "the share")
    box.stop()
    # What it would lead to exists for the neighbour by name only.
    os.symlink(place.home + "/secret", place.home + "/Projects/link")
    swap = f"import sys; sys.path.insert(0, {box.programs!r})\n" + (
        "import ctypes\nlibc = ctypes.CDLL(None)\nopen('/tmp/swapping', 'w')\n"
        f"a, b = {place.home + '/Projects/sub'!r}.encode(), {place.home + '/Projects/link'!r}.encode()\n"
        "while True: libc.renameat2(-100, a, -100, b, 2)\n")
    neighbour.spawn("/usr/bin/python3", "-c", swap)
    link = place.home + "/Projects/link"
    wait_until(lambda: not os.path.islink(link), what="the swapping")
    outcomes = {"mine": 0, "refused": 0}
    for _ in range(40):
        done = box.run("/bin/cat", f"{place.home}/Projects/sub/file", check=False)
        if done.returncode == 125:
            check_equal((done.stdout, len(done.stderr.splitlines())), ("", 1), f"a refusal: {done}")
            outcomes["refused"] += 1
            continue
        check_equal(done.stdout, "mine", "what is in the share")
        outcomes["mine"] += 1
        box.stop()
    print(outcomes)
    check(outcomes["refused"], "the swapping was never seen")


desktop_main(swapped_by_another_container, needs=["bwrap"])
